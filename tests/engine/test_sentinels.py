"""Tasks by which a stage says what became of a task: counted, never handed on."""

from typing import Any

import pytest
from toys import Add, Number

from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.sentinels import FailedTask, NoneTask


class Judge(Add):
    """Filters 1, fails on 2 until told otherwise."""

    mended = False

    def process(self, task):
        if task.data == 2 and not Judge.mended:
            return FailedTask(_metadata={"reason": "timed out"})
        return NoneTask() if task.data == 1 else task


class JudgeAll(Judge):
    """The same, a batch at once."""

    def process_batch(self, tasks):
        return [self.process(task) for task in tasks]


class JudgeInTurn(Judge):
    """The same, as an iterator."""

    def process(self, task):
        yield super().process(task)


JUDGES = pytest.mark.parametrize("judge", [Judge, JudgeAll, JudgeInTurn])


def run(judge, folder, **config):
    pipeline = Pipeline("p", stages=[judge().with_(batch_size=3), Add()])
    tasks: list[Any] = [Number(data=n) for n in range(4)]
    out = pipeline.run(LocalExecutor(config), tasks, str(folder / "checkpoint"))
    assert pipeline.last_run is not None
    return sorted(task.data for task in out), pipeline.last_run


@JUDGES
def test_a_task_that_is_told_to_be_filtered_is_counted_as_that(judge, tmp_path):
    found, report = run(judge, tmp_path)
    stage = report.stages[0]
    assert (stage.tasks_in, stage.tasks_passed, stage.tasks_filtered) == (4, 2, 1)
    assert len(found) == 2


@JUDGES
def test_a_task_that_is_told_to_have_failed_does_not_end_the_run(judge, tmp_path):
    _, report = run(judge, tmp_path)
    (failure,) = report.failures
    assert failure.error.endswith("the stage returned FailedTask: timed out")
    assert report.stages[0].tasks_failed == 1


@JUDGES
def test_it_is_tried_again_by_a_run_that_goes_on(judge, tmp_path, monkeypatch):
    run(judge, tmp_path)
    monkeypatch.setattr(Judge, "mended", True)
    after, report = run(judge, tmp_path)
    assert (after, report.sources_resumed) == ([3], 3)


def test_by_hand_they_are_tasks_without_data():
    task: Any = FailedTask
    assert (NoneTask().num_items, task("d").dataset_name, NoneTask().data) == (0, "d", None)
