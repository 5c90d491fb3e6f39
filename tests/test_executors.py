"""Every executor gives the same tasks, failures and counts as LocalExecutor in this process."""

from pathlib import Path

import pytest
from conftest import EXECUTORS
from curator_engine.errors import StageError
from curator_engine.pipeline import Pipeline
from toys import (
    Add,
    AddTwice,
    DropOdd,
    Even,
    FailOn,
    FailTwice,
    Journal,
    Number,
    Numbers,
    RejectOdd,
    Sum,
    Tables,
    Triple,
)

PIPELINES = {
    "one to one": [Numbers(), Add()],
    "one to many": [Numbers(), Triple(), Add()],
    "filter tasks": [Numbers(), Even(), Add()],
    "filter rows": [Numbers(), Tables(), DropOdd()],
    "composite": [Numbers(), AddTwice()],
    "batches": [Numbers(), Add(amount=5).with_(batch_size=4), Triple()],
    "all at once": [Numbers(), Add().with_(batch_size=None)],
    "groups": [Numbers(), Sum(), Add()],
    "a failing task": [Numbers(), FailOn(), Add()],
    "a failing task in a batch": [Numbers(count=100), FailOn(poison=66).with_(batch_size=100)],
    "unreadable rows": [Numbers(), RejectOdd()],
    "nothing left": [Numbers(), Even(), Add(), Even()],
}


def outline(name, executor):
    """What a run gives, without what may differ: times and process ids."""
    pipeline = Pipeline("p", stages=list(PIPELINES[name]))
    tasks = pipeline.run(executor)
    report = pipeline.last_run
    values = [(t.task_id, t.data.to_pydict() if hasattr(t.data, "to_pydict") else t.data) for t in tasks]
    counts = [
        (s.name, s.tasks_in, s.tasks_out, s.tasks_filtered, s.tasks_failed, s.items_in, s.items_out, s.dropped)
        for s in report.stages
    ]
    perf = [[p.stage_name for p in t._stage_perf] for t in tasks]
    failures = [(f.task_id, f.stage, f.error) for f in report.failures]
    return values, counts, perf, sorted(failures), report.rejected


@pytest.mark.parametrize("name", PIPELINES)
def test_every_executor_gives_the_same_tasks_counts_and_failures(name, make_executor):
    expected = outline(name, EXECUTORS["in process"](on_error="skip"))
    assert outline(name, make_executor(on_error="skip")) == expected


def test_a_stage_sees_each_number_once(make_executor):
    tasks = Pipeline("p", stages=[Numbers(), Triple()]).run(make_executor())
    assert [t.data for t in tasks] == [n * 10 + i for n in range(20) for i in range(3)]


def test_results_come_in_the_order_of_their_sources(make_executor):
    tasks = Pipeline("p", stages=[Numbers(count=12), Add()]).run(make_executor())
    assert [t.data for t in tasks] == list(range(1, 13))


def test_the_poison_task_of_a_batch_is_found_by_splitting(make_executor):
    pipeline = Pipeline("p", stages=PIPELINES["a failing task in a batch"])
    tasks = pipeline.run(make_executor(on_error="skip"))
    assert len(tasks) == 99
    assert [f.task_id for f in pipeline.last_run.failures] == ["0_66"]


def test_a_failure_raises_by_default(make_executor):
    with pytest.raises(StageError, match=r"fail_on failed on task 0_7: ValueError: 7 is poison"):
        Pipeline("p", stages=[Numbers(), FailOn()]).run(make_executor())


def test_a_task_that_fails_twice_succeeds_with_two_retries(make_executor, tmp):
    pipeline = Pipeline("p", stages=[Numbers(count=2), FailTwice(folder=tmp)])
    assert len(pipeline.run(make_executor(retries=2))) == 2
    assert pipeline.last_run.stage("fail_twice").retried == 4


def test_quarantine_has_a_file_for_the_failed_task(make_executor, tmp):
    pipeline = Pipeline("p", stages=[Numbers(), FailOn()])
    pipeline.run(make_executor(on_error="quarantine"), run_dir=tmp)
    assert [p.name for p in Path(tmp).glob("quarantine/p/tasks/*")] == ["0_7.json"]


def test_setup_and_teardown_happen_once_per_worker(make_executor, tmp):
    path = Path(tmp) / "journal"
    Pipeline("p", stages=[Numbers(), Journal(path=str(path))]).run(make_executor())
    lines = path.read_text().splitlines()
    assert len(lines) == len(set(lines))
    workers = {line.split()[1] for line in lines}
    assert sorted(lines) == sorted(f"{word} {pid}" for pid in workers for word in ("setup", "teardown"))


def test_teardown_happens_after_a_failure(make_executor, tmp):
    path = Path(tmp) / "journal"
    with pytest.raises(StageError):
        Pipeline("p", stages=[Numbers(count=1), Journal(path=str(path), fail=True)]).run(make_executor())
    assert "teardown" in path.read_text()


def test_no_tasks_give_no_results(make_executor):
    assert Pipeline("p", stages=[Add()]).run(make_executor(), initial_tasks=[]) == []


def test_initial_tasks_go_to_the_first_stage(make_executor):
    tasks = Pipeline("p", stages=[Add()]).run(make_executor(), [Number(data=1), Number(data=5)])
    assert [t.data for t in tasks] == [2, 6]


def test_a_stage_class_of_the_test_function_works(make_executor):
    class Square(Add):
        def process(self, task):
            return Number(data=task.data**2)

    tasks = Pipeline("p", stages=[Numbers(count=4), Square()]).run(make_executor())
    assert [t.data for t in tasks] == [0, 1, 4, 9]
