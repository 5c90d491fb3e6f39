"""A last stage can end its work when all files of the run are there."""

from dataclasses import dataclass
from typing import Any

import pytest

from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.running.written_files import WrittenFiles
from curator_engine.stage import ProcessingStage
from curator_engine.task import FileGroupTask


@dataclass(kw_only=True)
class Writer(ProcessingStage[FileGroupTask, FileGroupTask]):
    def process(self, task):
        return FileGroupTask(data=[f"{path}.out" for path in task.data])

    def finish_files(self, paths):
        return [" ".join(paths)]


@pytest.mark.parametrize("collect", ["all", "count", "none"])
@pytest.mark.parametrize("workers", [1, 2])
def test_the_last_stage_gets_all_files_in_order(collect, workers):
    pipeline = Pipeline("p", stages=[Writer()])
    tasks: list[Any] = [FileGroupTask(data=[name]) for name in "cab"]
    pipeline.run(LocalExecutor({"workers": workers}), tasks, collect=collect)
    assert pipeline.last_run
    assert pipeline.last_run.notes == ["c.out a.out b.out"]


def test_a_resumed_run_finishes_the_files_of_the_run_before(tmp):
    for _ in range(2):
        pipeline = Pipeline("p", stages=[Writer()])
        pipeline.run(LocalExecutor(), [FileGroupTask(data=["a"])], f"{tmp}/checkpoint")
        assert pipeline.last_run
        assert pipeline.last_run.notes == ["a.out"]


def test_results_are_sorted_by_source_then_by_number():
    files = WrittenFiles()
    for name, source in [("x_10", "x"), ("y_0", "y"), ("x_9", "x")]:
        task = FileGroupTask(data=[name], task_id=name)
        task._sources = frozenset({source})
        files.add(task)
    assert files.paths({"y": 0, "x": 1}) == ["y_0", "x_9", "x_10"]
