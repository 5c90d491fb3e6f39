"""The account of a run: budgets, reconciliation, quarantine, events."""

import json
from pathlib import Path

import pytest
from toys import Add, Even, FailOn, Number, Numbers, RejectOdd

from curator_engine.errors import BudgetExceededError, StageError
from curator_engine.executors.local import LocalExecutor
from curator_engine.failures import FailurePolicy, Quarantine
from curator_engine.pipeline import Pipeline
from curator_engine.running.chain import fuse
from curator_engine.running.ledger import Ledger
from curator_engine.running.run_report import RunReport
from curator_engine.running.runner import Outcome, StageTally
from curator_engine.task import EmptyTask


class FailOdd(Add):
    def process(self, task):
        if task.data % 2:
            raise ValueError("odd")
        return task


class Recorder:
    def __init__(self):
        self.calls = []

    def start(self, label, total, unit):
        self.calls.append(("start", label, total))

    def advance(self, n):
        self.calls.append(("advance", n))

    def finish(self):
        self.calls.append(("finish",))


def make_ledger(**policy):
    chains = fuse([Add()], enabled=True, has_source=False)
    return chains[0], Ledger(chains, report=RunReport(pipeline="p"), policy=FailurePolicy(**policy))


def test_what_was_sent_and_never_came_back_has_failed():
    chain, ledger = make_ledger(on_error="skip")
    tasks = ledger.begin([Number(data=1), Number(data=2)])
    ledger.sent(chain, tasks)
    tally = StageTally(stage="add", tasks_in=1, tasks_passed=1, tasks_out=1)
    ledger.received(chain, tasks[:1], Outcome(tallies=[tally], outputs=tasks[:1]))
    ledger.reconcile()
    assert [(f.task_id, f.error) for f in ledger.report.failures] == [("1", "worker died")]


def test_a_lost_task_raises_if_the_policy_is_to_raise():
    chain, ledger = make_ledger()
    ledger.sent(chain, ledger.begin([Number(data=1)]))
    with pytest.raises(StageError, match="1 tasks were lost with their workers, such as 0 in add"):
        ledger.reconcile()


def test_counts_that_do_not_add_up_are_an_error():
    chain, ledger = make_ledger(on_error="skip")
    tasks = ledger.begin([Number(data=1)])
    ledger.received(chain, tasks, Outcome(tallies=[StageTally(stage="add", tasks_in=1)]))
    with pytest.raises(StageError, match="add: 1 of 1 tasks are not accounted for"):
        ledger.reconcile()


def test_too_many_failures_stop_the_run():
    executor = LocalExecutor({"on_error": "skip", "max_failures": 3})
    pipeline = Pipeline("p", stages=[Numbers(), FailOdd()])
    with pytest.raises(BudgetExceededError, match="4 tasks failed, more than max_failures=3 allow"):
        pipeline.run(executor)
    assert pipeline.last_run.failed == 4


def test_too_high_a_ratio_of_failures_fails_the_run():
    executor = LocalExecutor({"on_error": "skip", "max_failure_ratio": 0.4})
    with pytest.raises(
        BudgetExceededError, match=r"of 4 source tasks failed.*0\.4 allows; the first: fail_odd"
    ):
        Pipeline("p", stages=[Numbers(count=4), FailOdd()]).run(executor)


def test_a_ratio_within_the_budget_passes():
    executor = LocalExecutor({"on_error": "skip", "max_failure_ratio": 0.5})
    assert len(Pipeline("p", stages=[Numbers(count=4), FailOdd()]).run(executor)) == 2


def test_nothing_starts_after_the_first_failure():
    pipeline = Pipeline("p", stages=[Numbers(), FailOn(poison=3)])
    with pytest.raises(StageError):
        pipeline.run(LocalExecutor())
    assert pipeline.last_run.stage("fail_on").tasks_in == 3


def test_unreadable_rows_go_to_quarantine_with_their_bytes(tmp):
    pipeline = Pipeline("p", stages=[Numbers(count=2), RejectOdd()])
    pipeline.run(LocalExecutor(), run_dir=tmp)
    record = json.loads(Path(tmp, "quarantine/p/rows/0_1.jsonl").read_text(encoding="utf-8"))
    assert (record["file"], record["line"], record["reason"], record["raw"]) == (
        "numbers",
        1,
        "odd",
        "\\xff",
    )


def test_skipped_failures_are_in_the_report_only(tmp):
    pipeline = Pipeline("p", stages=[Numbers(), FailOn()])
    pipeline.run(LocalExecutor({"ignore_failures": True}), run_dir=tmp)
    assert (pipeline.last_run.failed, list(Path(tmp).glob("quarantine/**/*.json"))) == (1, [])


def test_every_batch_has_an_event(tmp):
    Pipeline("p", stages=[Numbers(count=3), Add()]).run(LocalExecutor(), run_dir=tmp)
    events = [
        json.loads(line)
        for line in Path(tmp, "events.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert [(e["stage"], e["tasks"], e["outcome"]) for e in events] == [("numbers", 1, "done")] + [
        ("add", 1, "done")
    ] * 3


def test_the_report_is_right_if_everything_was_filtered():
    pipeline = Pipeline("p", stages=[Numbers(), Add(amount=0), Even(), Add(), Even()])
    assert pipeline.run(LocalExecutor()) == []
    last = pipeline.last_run.stages[-1]
    assert (last.tasks_in, last.tasks_filtered, last.unaccounted) == (10, 10, 0)


def test_progress_counts_source_tasks():
    recorder = Recorder()
    Pipeline("p", stages=[Numbers(count=2), Add()]).run(LocalExecutor(), progress=recorder)
    assert recorder.calls == [
        ("start", "p", 2),
        ("advance", 0),
        ("advance", 1),
        ("advance", 1),
        ("finish",),
    ]


def test_a_failing_run_is_reported_as_failed():
    pipeline = Pipeline("p", stages=[Numbers(), FailOn()])
    with pytest.raises(StageError):
        pipeline.run(LocalExecutor())
    assert pipeline.last_run.status == "failed"
    assert pipeline.last_run.error.startswith("StageError: fail_on failed on task 0_7")


def test_an_interrupted_run_is_reported_as_interrupted():
    class Interrupt(Add):
        def process(self, task):
            raise KeyboardInterrupt

    pipeline = Pipeline("p", stages=[Numbers(), Interrupt()])
    with pytest.raises(KeyboardInterrupt):
        pipeline.run(LocalExecutor())
    assert pipeline.last_run.status == "interrupted"


def test_what_was_lost_counts_at_the_stage_that_it_was_sent_to():
    chains = fuse([Add(), Even()], enabled=False, has_source=False)
    ledger = Ledger(chains, report=RunReport(pipeline="p"), policy=FailurePolicy(on_error="skip"))
    ledger.sent(chains[0], ledger.begin([Number(data=1)]))
    ledger.reconcile()
    assert [(s.name, s.tasks_in, s.tasks_failed) for s in ledger.report.stages] == [
        ("add", 1, 1),
        ("even", 0, 0),
    ]


def test_a_lost_source_fails_the_run_whatever_the_policy():
    chains = fuse([Numbers(), Add()], enabled=True, has_source=True)
    ledger = Ledger(chains, report=RunReport(pipeline="p"), policy=FailurePolicy(on_error="skip"))
    ledger.sent(chains[0], ledger.begin([EmptyTask()]))
    with pytest.raises(StageError, match="such as 0 in numbers"):
        ledger.reconcile()


def test_a_stage_of_its_own_policy_writes_its_quarantine(tmp):
    stage = FailOn().with_(failure_policy=FailurePolicy(on_error="quarantine"))
    Pipeline("p", stages=[Numbers(), stage]).run(LocalExecutor(), run_dir=tmp)
    assert [p.name for p in Path(tmp).glob("quarantine/p/tasks/*")] == ["0_7.json"]


def test_quarantine_says_what_failed_where_and_how(tmp):
    pipeline = Pipeline("p", stages=[Numbers(), FailOn()])
    pipeline.run(LocalExecutor({"on_error": "quarantine", "retries": 1}), run_dir=tmp)
    [failure] = Quarantine(f"{tmp}/quarantine/p").failures()
    assert (failure.task_id, failure.stage, failure.error, failure.attempts, failure.sources) == (
        *("0_7", "fail_on", "ValueError: 7 is poison", 2),
        ("0_7",),
    )
    assert "in process\n    raise ValueError" in failure.traceback
