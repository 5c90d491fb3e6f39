"""The record of a stage's time on a task."""

import pytest

from curator_engine.perf import StagePerfStats, TaskPerfUtils
from curator_engine.task import Task
from curator_engine.workflow import WorkflowRunResult


def test_custom_metrics_are_flat_in_the_dict():
    stats = StagePerfStats(stage_name="s", process_time=1.5, custom_metrics={"size": 2.0})
    assert stats.to_dict() == {
        "stage_name": "s",
        "process_time": 1.5,
        "actor_idle_time": 0.0,
        "input_data_size_mb": 0.0,
        "num_items_processed": 0,
        "custom.size": 2.0,
    }


def test_records_add_up_under_the_first_name():
    one = StagePerfStats(stage_name="a", process_time=1.0, custom_metrics={"m": 1.0})
    two = StagePerfStats(stage_name="b", process_time=2.0, custom_metrics={"m": 2.0, "n": 1.0})
    total = sum([one, two], StagePerfStats(stage_name="a"))
    assert (total.stage_name, total.process_time) == ("a", 3.0)
    assert dict(total.items())["custom.m"] == 3.0


def test_the_items_are_numbers():
    stats = StagePerfStats(stage_name="s", process_time=1.5, custom_metrics={"size": 2.0})
    assert {type(value) for _, value in stats.items()} <= {int, float}


def task(*records):
    return Task(data=None, _stage_perf=list(records))


def spent(stage, seconds, **custom):
    return StagePerfStats(stage_name=stage, process_time=seconds, custom_metrics=custom)


READ, TRIM = spent("read", 1.0, rows=4.0), spent("trim", 3.0)
TASKS = [task(READ, TRIM), task(READ, spent("trim", 5.0))]
"""Both come from one batch that was read."""


def test_a_record_that_tasks_share_counts_once():
    found = TaskPerfUtils.collect_stage_metrics(TASKS)
    assert found["read"]["process_time"].tolist() == [1.0]
    assert found["trim"]["process_time"].tolist() == [3.0, 5.0]


def test_numbers_are_added_up_by_stage():
    found = TaskPerfUtils.aggregate_task_metrics(TASKS, prefix="task")
    names = [f"task_trim_process_time_{kind}" for kind in ("sum", "mean", "std")]
    assert [found[name] for name in names] == [8.0, 4.0, 1.0]
    assert found["task_read_custom.rows_sum"] == 4.0


@pytest.mark.parametrize(
    ("given", "head"),
    [
        ({"one": TASKS, "two": TASKS[0]}, "one_"),
        ({"pipeline_tasks": {"one": TASKS, "two": None}}, "one_"),
        ({"one": TASKS}, ""),
        (WorkflowRunResult(workflow_name="w", pipeline_tasks={"one": TASKS}), ""),
    ],
)
def test_a_pipelines_name_stands_before_where_there_are_several(given, head):
    assert TaskPerfUtils.aggregate_task_metrics(given)[f"{head}trim_process_time_sum"] == 8.0


def test_one_number_of_stages_that_begin_alike_or_of_one():
    assert TaskPerfUtils.get_aggregated_stage_stat(TASKS, "tr", "process_time") == 8.0
    assert TaskPerfUtils.get_unique_stage_stat(TASKS, "read", "custom.rows") == 4.0
    assert TaskPerfUtils.get_unique_stage_stat({"a": TASKS}, "read", "custom.rows", "b") == 0.0


def test_no_tasks_have_no_numbers_and_what_is_none_is_said():
    assert TaskPerfUtils.aggregate_task_metrics(None) == {}
    with pytest.raises(TypeError, match="these are no tasks"):
        TaskPerfUtils.collect_stage_metrics("tasks")
