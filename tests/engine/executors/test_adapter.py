"""A stage by hand, and the clock for it."""

import logging
import time
from pathlib import Path

import pytest
from toys import Add, Even, FailOn, Journal, Number, Triple

from curator_engine.errors import StageError
from curator_engine.executors.adapter import BaseStageAdapter, StageTimer
from curator_engine.stage import Rejection


def numbers(*values):
    return [Number(data=value, task_id=f"0_{value}") for value in values]


def test_a_batch_gives_tasks_with_ids_and_times():
    tasks = BaseStageAdapter(Triple()).process_batch(numbers(4))
    assert [task.task_id for task in tasks] == ["0_4_0", "0_4_1", "0_4_2"]
    assert [perf.stage_name for task in tasks for perf in task._stage_perf] == ["triple"] * 3


def test_filtered_tasks_are_not_among_the_outputs():
    tasks = BaseStageAdapter(Even()).process_batch(numbers(1, 2, 3, 4))
    assert [task.data for task in tasks] == [2, 4]


def test_a_failure_names_the_task():
    with pytest.raises(StageError, match="fail_on failed on task 0_7: ValueError: 7 is poison"):
        BaseStageAdapter(FailOn()).process_batch(numbers(6, 7))


def test_the_stage_is_set_up_and_torn_down(tmp):
    journal = Path(tmp, "journal")
    adapter = BaseStageAdapter(Journal(path=str(journal)))
    adapter.setup_on_node()
    adapter.setup()
    adapter.teardown()
    assert journal.read_text(encoding="utf-8").split()[::2] == ["setup", "teardown"]


def test_what_a_stage_could_not_read_is_said(caplog):
    class Reject(Add):
        def process(self, task):
            self.reject(Rejection(file="a.jsonl", reason="not JSON", line=3))
            return task

    with caplog.at_level(logging.WARNING):
        BaseStageAdapter(Reject()).process_batch(numbers(1))
    assert caplog.messages == ["a.jsonl:3: reject left out a part: not JSON"]


def test_a_timer_counts_items_bytes_and_seconds():
    timer = StageTimer(Add())
    timer.reinit(2_000_000)
    with timer.time_process(3):
        time.sleep(0.01)
    name, stats = timer.log_stats(verbose=True)
    assert (name, stats.stage_name, stats.num_items_processed) == ("add", "add", 3)
    assert stats.input_data_size_mb == 2.0
    assert stats.process_time >= 0.01


def test_a_timer_counts_the_wait_between_two_batches():
    timer = StageTimer(Add())
    timer.reinit()
    assert timer.log_stats()[1].actor_idle_time == 0.0
    time.sleep(0.01)
    timer.reinit()
    assert timer.log_stats()[1].actor_idle_time >= 0.01


def test_a_failing_block_is_timed_too():
    timer = StageTimer(Add())
    with pytest.raises(ValueError, match="broken"), timer.time_process():
        raise ValueError("broken")
    assert timer.log_stats()[1].num_items_processed == 1
