"""What a worker sends when something goes wrong."""

import cloudpickle
import pytest

from curator_engine.errors import PipelineError, StageError
from curator_engine.executors.worker import _dump_error, dump


class TwoArgumentsError(Exception):
    def __init__(self, first, second):
        super().__init__(f"{first} and {second}")


def sent(error):
    return cloudpickle.loads(_dump_error(error)).error


def test_an_error_is_sent_as_it_is():
    error = sent(ValueError("bad"))
    assert (type(error), str(error)) == (ValueError, "bad")


def test_an_error_that_does_not_come_back_is_sent_as_its_text():
    error = sent(TwoArgumentsError("this", "that"))
    assert (type(error), str(error)) == (StageError, "this and that")


def test_what_cannot_be_pickled_says_what_to_do():
    with pytest.raises(PipelineError, match=r"the task cannot be sent .* use workers=1"):
        dump((i for i in range(3)), what="the task")
