"""A run that loses too much of its input has failed."""

import json

import pytest

from curator_engine.errors import BudgetExceededError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.failures import COMMAND_POLICY, FailurePolicy
from curator_engine.pipeline import Pipeline
from curator_engine.stages.jsonl_files import JsonlReader
from curator_engine.task import FileGroupTask


def read(folder, *, most, names=("a",), **options):
    pipeline = Pipeline("read", stages=[JsonlReader()])
    executor = LocalExecutor({"on_error": "quarantine", "max_rejected_ratio": most})
    pipeline.run(executor, [FileGroupTask(data=[f"{folder}/{n}.jsonl"]) for n in names], **options)
    return pipeline.last_run


@pytest.fixture
def bad_rows(tmp_path):
    """Nine good lines and a bad one."""
    lines = [json.dumps({"text": str(n)}) for n in range(9)]
    (tmp_path / "a.jsonl").write_text("\n".join([*lines, "{bad"]) + "\n", encoding="utf-8")
    return tmp_path


def test_more_bad_rows_than_the_ratio_allows_fail_the_run(bad_rows):
    with pytest.raises(
        BudgetExceededError,
        match=r"1 of 10 rows cannot be read, more than max_rejected_ratio=0.05 allows; the first: "
        r".*a.jsonl, line 10: ",
    ):
        read(bad_rows, most=0.05)


def test_as_many_bad_rows_as_the_ratio_allows_pass(bad_rows):
    assert read(bad_rows, most=0.1).rejected == 1


def test_a_run_that_has_lost_too_much_fails_again_when_it_goes_on(bad_rows, tmp):
    for _ in range(2):
        with pytest.raises(BudgetExceededError, match="1 of 10 rows"):
            read(bad_rows, most=0.05, checkpoint_path=f"{tmp}/c")


def test_a_run_of_which_nothing_can_be_read_fails(tmp):
    with pytest.raises(BudgetExceededError, match="2 of 2 rows cannot be read"):
        read(tmp, most=0.5, names=("gone", "gone_too"))


def test_commands_allow_one_row_in_twenty():
    assert COMMAND_POLICY.max_rejected_ratio == 0.05


def test_a_ratio_above_one_is_refused():
    with pytest.raises(SettingsError, match=r"max_rejected_ratio=1\.5 is above 1"):
        FailurePolicy(max_rejected_ratio=1.5)
