"""The record of a stage's time on a task."""

from curator_engine.perf import StagePerfStats


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
