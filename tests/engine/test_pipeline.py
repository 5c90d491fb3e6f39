"""Describe, check and plan a pipeline; run it on a user's own executor."""

import copy
from pathlib import Path
from typing import Any

import pytest
from toys import Add, AddTwice, Even, Journal, Number, Numbers

from curator_engine.errors import PipelineError, ResourceError
from curator_engine.executor import BaseExecutor
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.resources import Resources, usable_cpus
from curator_engine.task import EmptyTask, short_hash


class Columns(Numbers):
    def outputs(self):
        return ["data"], ["text"]


class NeedsScore(Add):
    def inputs(self):
        return ["data"], ["score"]


class NeedsClips(Add):
    def inputs(self):
        return ["clips"], []


class GivesScore(Add):
    def outputs(self):
        return ["data"], ["score"]


class CustomExecutor(BaseExecutor):
    """The example of NeMo Curator's documents."""

    def execute(self, stages, initial_tasks=None):
        tasks = initial_tasks or [EmptyTask()]
        for stage in stages:
            stage.setup({})  # pyright: ignore[reportArgumentType] (as in the documents)
            new_tasks = []
            for task in tasks:
                result = stage.process(task)
                if result is not None:
                    if isinstance(result, list):
                        new_tasks.extend(result)
                    else:
                        new_tasks.append(result)
            stage.teardown()
            tasks = new_tasks
        return tasks


def test_describe_has_the_documented_layout():
    pipeline = Pipeline(
        "p", "what for", [Columns(), NeedsScore().with_(resources=Resources(gpus=1))]
    )
    assert pipeline.describe().splitlines() == [
        "Pipeline: p",
        "Description: what for",
        "Stages: 2",
        "",
        "Stage 1: columns",
        "  Resources: 1.0 CPUs",
        "  Batch size: 1",
        "  Outputs:",
        "    Output attributes: data",
        "    Output columns: text",
        "",
        "Stage 2: needs_score",
        "  Resources: 1.0 CPUs",
        "    GPU Memory: 0.0 GB (1.0 GPUs)",
        "  Batch size: 1",
        "  Inputs:",
        "    Required attributes: data",
        "    Required columns: score",
    ]


def test_repr_names_stages_and_classes():
    assert repr(Pipeline("p", stages=[Add()])) == "Pipeline(name='p', stages=[add(Add)])"


def test_only_stages_can_be_added():
    with pytest.raises(TypeError, match="is not a ProcessingStage"):
        Pipeline("p").add_stage(len)  # pyright: ignore[reportArgumentType] (what is refused)


def test_a_pipeline_without_stages_cannot_be_built():
    with pytest.raises(PipelineError, match="Pipeline 'p' has no stages"):
        Pipeline("p").build()


def test_a_missing_column_is_found_before_running():
    problem = Pipeline("p", stages=[Columns(), NeedsScore()]).validate()[0]
    assert str(problem).startswith(
        "needs_score: needs the column 'score', which no stage before it gives"
    )


def test_a_missing_attribute_is_found_before_running():
    problem = Pipeline("p", stages=[Columns(), NeedsClips()]).validate()[0]
    assert "needs the attribute 'clips'" in str(problem)


def test_a_column_that_a_stage_between_gives_is_no_problem():
    assert Pipeline("p", stages=[Columns(), GivesScore(), NeedsScore()]).validate() == []


def test_a_source_that_declares_nothing_may_give_anything():
    assert Pipeline("p", stages=[Numbers(), NeedsScore()]).validate() == []


def test_resources_beyond_the_machine_are_found_before_running():
    stage = Add().with_(resources=Resources(cpus=10_000))
    problem = Pipeline("p", stages=[Numbers(), stage]).validate(LocalExecutor())[0]
    assert str(problem).startswith("add: needs 10000 CPUs; the largest node has")


def test_a_gpu_stage_is_refused_by_the_local_executor():
    with pytest.raises(ResourceError, match="add: needs a GPU"):
        Pipeline("p", stages=[Numbers(), Add().with_(resources=Resources(gpu_memory_gb=4))]).run(
            LocalExecutor()
        )


def test_running_leaves_the_stages_as_they_were(tmp):
    stage = Journal(path=f"{tmp}/journal")
    before = copy.deepcopy(vars(stage))
    Pipeline("p", stages=[Numbers(), stage]).run(LocalExecutor())
    assert vars(stage) == before


def test_building_leaves_the_list_of_stages_as_it_was():
    composite = AddTwice()
    pipeline = Pipeline("p", stages=[composite])
    pipeline.build()
    assert pipeline.stages == [composite]


def test_a_pipeline_can_be_changed_and_run_again():
    pipeline = Pipeline("p", stages=[Numbers(count=3)])
    pipeline.run(LocalExecutor())
    assert [t.data for t in pipeline.add_stage(Add()).run(LocalExecutor())] == [1, 2, 3]


def test_the_plan_shows_the_chains():
    text = str(Pipeline("p", stages=[Numbers(), Add(), Even()]).plan(LocalExecutor({"workers": 2})))
    assert text.splitlines() == [
        f"Plan: p, LocalExecutor, this machine ({max(2, usable_cpus())} CPUs, 0 GPUs)",
        "  1. numbers (source): 1 CPUs, batch 1; 1 worker, limit: 1 task",
        "  2. add + even: 1 CPUs, batch 1; 2 workers, limit: workers=2",
    ]


@pytest.mark.ray
def test_xenna_is_the_default(ray_cluster):
    pipeline = Pipeline("p", stages=[Numbers()])
    assert len(pipeline.run()) == 20
    assert pipeline.last_run.executor == "XennaExecutor"


def test_a_users_own_executor_runs_the_pipeline():
    tasks = Pipeline("p", stages=[Numbers(count=3), Add()]).run(CustomExecutor())
    assert [t.data for t in tasks] == [1, 2, 3]


def test_a_users_own_executor_has_a_report():
    pipeline = Pipeline("p", stages=[Numbers(count=3), Add()])
    pipeline.run(CustomExecutor())
    assert (pipeline.last_run.status, pipeline.last_run.stage("add").tasks_out) == ("done", 3)


def test_a_users_own_executor_that_fails_has_a_report():
    class Fails(CustomExecutor):
        def execute(self, stages, initial_tasks=None):
            raise ValueError("no")

    pipeline = Pipeline("p", stages=[Numbers()])
    with pytest.raises(ValueError, match="no"):
        pipeline.run(Fails())
    assert (pipeline.last_run.status, pipeline.last_run.error) == ("failed", "ValueError: no")


def test_a_users_own_executor_cannot_have_a_checkpoint(tmp):
    with pytest.raises(PipelineError, match="CustomExecutor moves the tasks itself"):
        Pipeline("p", stages=[Numbers()]).run(CustomExecutor(), checkpoint_path=tmp)


def test_wiring_is_checked_for_a_users_own_executor():
    with pytest.raises(PipelineError, match="needs the column 'score'"):
        Pipeline("p", stages=[Columns(), NeedsScore()]).run(CustomExecutor())


def test_stages_that_do_not_fit_are_not_run(tmp):
    journal = Journal(path=f"{tmp}/journal")
    with pytest.raises(PipelineError, match="needs the column 'score'"):
        Pipeline("p", stages=[Columns(), NeedsScore(), journal]).run(LocalExecutor())
    assert not Path(tmp, "journal").exists()


def test_the_report_has_the_config_of_the_pipeline():
    pipeline = Pipeline("p", stages=[Numbers()], config={"owner": "me"})
    pipeline.run(LocalExecutor())
    assert pipeline.last_run.to_dict()["config"] == {"owner": "me"}


def test_one_stage_object_can_be_in_two_pipelines():
    stage = Add()
    first = Pipeline("a", stages=[Numbers(count=2), stage])
    second = Pipeline("b", stages=[Numbers(count=3), stage, stage])
    first.run(LocalExecutor())
    assert [t.data for t in second.run(LocalExecutor())] == [2, 3, 4]


def test_initial_tasks_of_the_same_id_stay_apart():
    results = Pipeline("p", stages=[Add()]).run(
        LocalExecutor(), [Number(data=1, task_id="same"), Number(data=2, task_id="same")]
    )
    assert [(t.task_id, t.data) for t in results] == [("same_0", 2), ("same.1_0", 3)]


def test_the_id_of_an_initial_task_can_name_a_file():
    results = Pipeline("p", stages=[Add()]).run(LocalExecutor(), [Number(data=1, task_id="a/b")])
    assert results[0].task_id == f"{short_hash('a/b')}_0"


def test_several_empty_tasks_are_several_sources():
    pipeline = Pipeline("p", stages=[Numbers(count=2), Add()])
    tasks = pipeline.run(LocalExecutor(), [EmptyTask(), EmptyTask()])
    assert ([t.data for t in tasks], pipeline.last_run.sources) == ([1, 2, 1, 2], 2)


def test_running_leaves_the_initial_tasks_as_they_were():
    task = Number(data=1)
    Pipeline("p", stages=[Add()]).run(LocalExecutor(), [task])
    assert (task.task_id, task._sources, task._stage_perf) == ("", frozenset(), [])


def test_execute_is_the_documented_way_in():
    tasks = LocalExecutor().execute([Add()], [Number(data=1)])
    assert [t.data for t in tasks] == [2]


@pytest.mark.parametrize("collect", ["count", "none"])
def test_results_are_not_collected_unless_wanted(collect):
    assert Pipeline("p", stages=[Numbers()]).run(LocalExecutor(), collect=collect) == []


def test_the_class_of_the_empty_task_stands_for_one():
    given: Any = EmptyTask
    assert len(Pipeline("p", stages=[Numbers(count=3)]).run(LocalExecutor(), [given])) == 3


def test_describe_tells_needs_by_class_of_task():
    class Either(Add):
        def inputs(self):
            return {Number: (["data"], ["x"]), EmptyTask: ([], [])}

    lines = Pipeline("p", stages=[Either()]).describe().splitlines()
    start = lines.index("  Inputs (Number):")
    assert lines[start + 1 :] == ["    Required attributes: data", "    Required columns: x"]
