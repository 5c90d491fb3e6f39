"""The report as numbers, text and JSON."""

import json

import pytest

from curator_engine.failures import Failure
from curator_engine.running.run_report import RunReport, StageReport, own_peak_memory_mb


def make_report():
    stage = StageReport(
        name="filter", tasks_in=2, tasks_passed=2, items_in=100, items_out=60, seconds=2.0
    )
    stage.dropped.update({"too short": 30, "too long": 10})
    for seconds in (0.1, 0.2, 0.3, 1.4):
        stage.add_batch_time(seconds)
    return RunReport(pipeline="p", stages=[stage])


def test_the_table_shows_stages_and_reasons():
    lines = make_report().table().splitlines()
    assert lines[1].split() == ["filter", "100", "60", "40", "0", "2.00", "50", "1.400"]
    assert lines[2:] == ["  filter dropped 30: too short", "  filter dropped 10: too long"]


def test_json_has_rates_and_quantiles():
    stage = json.loads(json.dumps(make_report().to_dict()))["stages"][0]
    assert (stage["items_per_s"], stage["p50_s"], stage["p95_s"]) == (50.0, 0.3, 1.4)


def test_a_stage_is_found_by_name():
    assert make_report().stage("filter").items_out == 60


def test_an_unknown_stage_names_the_known_ones():
    with pytest.raises(KeyError, match="filter"):
        make_report().stage("other")


def test_a_failed_group_counts_all_its_tasks():
    report = make_report()
    report.add_failure(Failure(task_id="g1", stage="s", error="e", task_ids=("a", "b", "c")))
    assert report.failed == 3


def test_a_stage_without_batches_has_no_times():
    assert (StageReport(name="s").quantile(0.5), StageReport(name="s").items_per_s) == (0.0, 0.0)


def test_this_process_has_a_peak_memory():
    assert 5 < own_peak_memory_mb() < 100_000
