"""What a worker sends when something goes wrong, and the threads that it takes."""

import cloudpickle
import pytest
from toys import CountThreads, Number

from curator_engine.errors import PipelineError, StageError
from curator_engine.executors.local import LocalExecutor
from curator_engine.executors.local_worker import _dump_error, dump, threads_for
from curator_engine.pipeline import Pipeline
from curator_engine.resources import usable_cpus


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


@pytest.mark.parametrize(
    ("wanted", "workers", "cpus", "threads"),
    [(None, 2, 2, 1), (None, 2, 8, 4), (1, 4, 8, 8), (2, 4, 8, 4), (9, 4, 8, 2), (None, 4, 2, 1)],
)
def test_workers_that_run_at_the_same_time_share_the_cpus(wanted, workers, cpus, threads):
    assert threads_for(wanted, workers=workers, cpus=cpus) == threads


@pytest.mark.parametrize("wanted", [None, 1])
def test_torch_has_the_threads_of_its_worker(monkeypatch, wanted):
    pytest.importorskip("torch")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    stage = CountThreads().with_(num_workers=wanted)
    tasks = Pipeline("threads", stages=[stage]).run(
        LocalExecutor({"workers": 2}), [Number(data=0), Number(data=0)]
    )
    expected = threads_for(wanted, workers=2, cpus=usable_cpus())
    assert [task.data for task in tasks] == [expected, expected]
