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
