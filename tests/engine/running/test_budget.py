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


def files_of_two_rows(folder, *, bad, good):
    """The names of files; in those that come first a row of two is bad."""
    names = [f"{k:03d}" for k in range(bad + good)]
    for k, name in enumerate(names):
        second = "{bad" if k < bad else '{"text": "b"}'
        (folder / f"{name}.jsonl").write_text('{"text": "a"}\n' + second + "\n", encoding="utf-8")
    return names


def test_bad_rows_that_lie_together_do_not_stop_a_run_that_loses_few_of_all(tmp_path):
    names = files_of_two_rows(tmp_path, bad=20, good=180)
    assert read(tmp_path, most=0.05, names=names).rejected == 20


def test_a_run_stops_once_it_has_lost_more_than_it_may_of_all_rows(tmp_path):
    names = files_of_two_rows(tmp_path, bad=40, good=160)
    with pytest.raises(BudgetExceededError, match=r"2\d of \d\d rows cannot be read"):
        read(tmp_path, most=0.05, names=names)


def test_commands_allow_one_row_in_twenty():
    assert COMMAND_POLICY.max_rejected_ratio == 0.05


def test_a_ratio_above_one_is_refused():
    with pytest.raises(SettingsError, match=r"max_rejected_ratio=1\.5 is above 1"):
        FailurePolicy(max_rejected_ratio=1.5)
