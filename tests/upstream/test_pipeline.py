"""The pipeline under NeMo Curator's name."""

from importlib import import_module
from typing import Any

import pytest

from curator_engine.executors.local import LocalExecutor

Pipeline: Any = import_module("nemo_curator.pipeline").Pipeline
workflow: Any = import_module("nemo_curator.pipeline.workflow")
ProcessingStage: Any = import_module("nemo_curator.stages.base").ProcessingStage
tasks: Any = import_module("nemo_curator.tasks")


class Source(ProcessingStage):
    """A user's stage that finds the work itself."""

    name = "source"

    def __init__(self, count: int):
        self.count = count

    def outputs(self):
        return ["data"], ["text"]

    def process(self, _):
        return [
            tasks.DocumentBatch(dataset_name="set", data=tasks_table(i)) for i in range(self.count)
        ]


class Needs(ProcessingStage):
    """A user's stage that needs a column."""

    name = "needs"

    def inputs(self):
        return ["data"], ["score"]

    def process(self, task):
        return task


def tasks_table(number: int) -> Any:
    return import_module("pyarrow").table({"text": [str(number)]})


def test_a_pipeline_is_made_step_by_step_or_at_once():
    step_by_step = Pipeline(name="p", description="d").add_stage(Source(2)).add_stage(Source(1))
    at_once = Pipeline("p", "d", [Source(2), Source(1)], {"a": 1})
    assert [stage.name for stage in step_by_step.stages] == ["source", "source"]
    assert (at_once.name, at_once.description, at_once.config) == ("p", "d", {"a": 1})


def test_a_pipeline_tells_its_stages():
    said = Pipeline("p", "What it does", [Source(1), Needs()]).describe()
    assert "Pipeline: p" in said
    assert "Description: What it does" in said
    assert "Stage 2: needs" in said
    assert "    Required columns: score" in said


def test_a_pipeline_without_stages_is_a_value_error():
    with pytest.raises(ValueError, match="has no stages"):
        Pipeline("p").run(LocalExecutor())


def test_what_is_no_stage_is_a_type_error():
    with pytest.raises(TypeError, match="is not a ProcessingStage"):
        Pipeline("p").add_stage(print)


def test_a_run_starts_from_an_empty_task():
    assert len(Pipeline("p", stages=[Source(3)]).run(LocalExecutor())) == 3


@pytest.mark.parametrize("initial", [None, [tasks.EmptyTask()], [tasks.EmptyTask]])
def test_empty_tasks_may_be_given(initial):
    found = Pipeline("p", stages=[Source(2)]).run(executor=LocalExecutor(), initial_tasks=initial)
    assert [task.dataset_name for task in found] == ["set", "set"]


def test_a_column_that_nobody_gives_is_found_before_the_run():
    with pytest.raises(ValueError, match="needs the column 'score'"):
        Pipeline("p", stages=[Source(1), Needs()]).run(LocalExecutor())


def test_a_run_with_a_checkpoint_does_what_is_left(tmp_path):
    seen: list[str] = []

    class Note(ProcessingStage):
        def process(self, task):
            seen.append(task.task_id)
            return tasks.FileGroupTask("set", [str(tmp_path / task.task_id)])

    for _ in range(2):
        pipeline = Pipeline("p", stages=[Source(2), Note()])
        found = pipeline.run(LocalExecutor(), checkpoint_path=str(tmp_path / "checkpoint"))
        assert len(found) == 2
    assert len(seen) == 2


def test_the_result_of_a_workflow_keeps_tasks_and_facts():
    result = workflow.WorkflowRunResult("w")
    result.add_pipeline_tasks("first", [tasks.EmptyTask()])
    result.add_metadata("a", 1)
    result.extend_metadata({"b": 2})
    assert (len(result.pipeline_tasks["first"]), result.get_metadata("b")) == (1, 2)
    assert result.get_metadata("c") is None
