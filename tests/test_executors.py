"""Every executor gives the same tasks, failures and counts as LocalExecutor in this process."""

import json
import os
import time
from pathlib import Path

import pytest
from conftest import EXECUTORS
from stopped_runs import wait_for
from toys import (
    Add,
    AddToAll,
    AddTwice,
    Centre,
    DropOdd,
    Even,
    FailOn,
    FailSum,
    FailTwice,
    Journal,
    Measure,
    Number,
    Numbers,
    RejectOdd,
    Sum,
    Tables,
    Triple,
    Write,
)

from curator_engine.errors import StageError
from curator_engine.failures import Quarantine
from curator_engine.pipeline import Pipeline
from curator_engine.stage import AnyStage
from curator_engine.task import TableTask

PIPELINES: dict[str, list[AnyStage]] = {
    "one to one": [Numbers(), Add()],
    "one to many": [Numbers(), Triple(), Add()],
    "filter tasks": [Numbers(), Even(), Add()],
    "filter rows": [Numbers(), Tables(), DropOdd()],
    "composite": [Numbers(), AddTwice()],
    "batches": [Numbers(), Add(amount=5).with_(batch_size=4), Triple()],
    "all at once": [Numbers(), AddToAll()],
    "groups": [Numbers(), Sum(), Add()],
    "a failing task": [Numbers(), FailOn(), Add()],
    "a failing task in a batch": [Numbers(count=100), FailOn(poison=66).with_(batch_size=100)],
    "unreadable rows": [Numbers(), RejectOdd()],
    "a failing group": [Numbers(), FailSum(), Add()],
    "metrics": [Numbers(), Triple(), Measure()],
    "unreadable rows of a batch": [Numbers(), RejectOdd().with_(batch_size=7)],
    "nothing left": [Numbers(), Even(), Add(), Even()],
}


COUNTS = (
    *("name", "tasks_in", "tasks_out", "tasks_passed", "tasks_filtered", "tasks_failed"),
    *("items_in", "items_out", "dropped", "rejected", "metrics", "unaccounted"),
)


def outline(name, executor):
    """What a run gives, without what may differ: times and process ids."""
    pipeline = Pipeline("p", stages=PIPELINES[name])
    tasks = pipeline.run(executor)
    report = pipeline.last_run
    return {
        "tasks": [(t.task_id, content(t)) for t in tasks],
        "lineage": [sorted(t._sources) for t in tasks],
        "counts": [[getattr(stage, count) for count in COUNTS] for stage in report.stages],
        "perf": [[(p.stage_name, p.custom_metrics) for p in t._stage_perf] for t in tasks],
        "failures": sorted((f.task_id, f.stage, f.error) for f in report.failures),
        "rejected": report.rejected,
        "status": report.status,
    }


def content(task):
    return task.data.to_pydict() if isinstance(task, TableTask) else task.data


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


def test_siblings_share_no_record_of_time(make_executor):
    tasks = Pipeline("p", stages=[Numbers(count=1), Triple(), Add()]).run(make_executor())
    tasks[0]._stage_perf.clear()
    assert [[p.stage_name for p in t._stage_perf] for t in tasks[1:]] == [
        ["numbers", "triple", "add"],
        ["numbers", "triple", "add"],
    ]


def test_every_task_descends_from_one_source(make_executor):
    tasks = Pipeline("p", stages=[Numbers(count=2), Triple()]).run(make_executor())
    assert [(t.task_id, sorted(t._sources)) for t in tasks] == [
        (f"0_{n}_{i}", [f"0_{n}"]) for n in range(2) for i in range(3)
    ]


def test_nothing_starts_after_a_failure_that_raises(make_executor, tmp):
    class Begin(Add):
        def process(self, task):
            Path(tmp, str(task.data)).touch()
            if task.data == 0:
                raise ValueError("the first")
            wait_for(Path(tmp, "over").exists)
            return task

        def teardown(self):
            Path(tmp, "over").touch()

    with pytest.raises(StageError, match="begin failed on task 0_0"):
        Pipeline("p", stages=[Numbers(), Begin()]).run(make_executor())
    # Another worker may be at its first task when the failure comes.
    assert {path.name for path in Path(tmp).iterdir()} <= {"0", "1", "over"}


def test_unreadable_rows_are_in_quarantine_under_their_own_task(make_executor, tmp):
    pipeline = Pipeline("p", stages=[Numbers(count=4), RejectOdd().with_(batch_size=4)])
    pipeline.run(make_executor(), run_dir=tmp)
    assert sorted(p.name for p in Path(tmp).glob("quarantine/p/rows/*")) == [
        "0_1.jsonl",
        "0_3.jsonl",
    ]


def test_a_failed_group_is_one_record_with_all_its_tasks(make_executor, tmp):
    pipeline = Pipeline("p", stages=[Numbers(count=9), FailSum()])
    pipeline.run(make_executor(on_error="quarantine"), run_dir=tmp)
    [failure] = Quarantine(f"{tmp}/quarantine/p").failures()
    assert failure.task_ids == failure.sources == ("0_6", "0_7", "0_8")


def test_quarantine_has_a_file_for_the_failed_task(make_executor, tmp):
    pipeline = Pipeline("p", stages=[Numbers(), FailOn()])
    pipeline.run(make_executor(on_error="quarantine"), run_dir=tmp)
    assert [p.name for p in Path(tmp).glob("quarantine/p/tasks/*")] == ["0_7.json"]


def test_setup_and_teardown_happen_once_per_worker(make_executor, tmp):
    path = Path(tmp) / "journal"
    Pipeline("p", stages=[Numbers(), Journal(path=str(path))]).run(make_executor())
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(set(lines))
    workers = {line.split()[1] for line in lines}
    assert sorted(lines) == sorted(
        f"{word} {pid}" for pid in workers for word in ("setup", "teardown")
    )


def test_teardown_happens_after_a_failure(make_executor, tmp, monkeypatch):
    monkeypatch.setattr("curator_engine.executors.local_pool._GRACE_S", 120.0)
    path = Path(tmp) / "journal"
    with pytest.raises(StageError):
        Pipeline("p", stages=[Numbers(count=1), Journal(path=str(path), fail=True)]).run(
            make_executor()
        )
    assert "teardown" in path.read_text(encoding="utf-8")


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


# On Ray: a run takes seconds, so each shows many things.

RICH: dict[str, list[AnyStage]] = {
    "rich": [
        Numbers(count=12),
        FailOn(poison=5).with_(batch_size=6),
        Triple(),
        AddTwice(),
        Even(),
        Measure(),
        RejectOdd().with_(batch_size=4),
        Sum(),
        Tables(),
        DropOdd(),
    ],
    "nothing left": [Numbers(count=4), Even(), Add(), Even(), Add()],
    "together": [Numbers(count=8), Add(), Centre(), Even()],
}


def rich_outline(name, executor, tmp):
    pipeline = Pipeline("p", stages=RICH[name])
    tasks = pipeline.run(executor, run_dir=tmp)
    report = pipeline.last_run
    return {
        "tasks": [(t.task_id, content(t)) for t in tasks],
        "lineage": [sorted(t._sources) for t in tasks],
        "counts": [[getattr(stage, count) for count in COUNTS] for stage in report.stages],
        "perf": [[(p.stage_name, p.custom_metrics) for p in t._stage_perf] for t in tasks],
        "failures": sorted((f.task_id, f.stage, f.error) for f in report.failures),
        "rejected": report.rejected,
        "quarantine": sorted(p.name for p in Path(tmp).glob("quarantine/p/*/*")),
        "status": report.status,
    }


def events(folder):
    return [
        json.loads(line)
        for line in Path(folder, "events.jsonl").read_text(encoding="utf-8").splitlines()
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["rich", *(pytest.param(n, marks=pytest.mark.long) for n in ("together", "rich, unfused"))],
)
def test_ray_executors_give_what_the_local_one_gives(name, try_ray_executor, tmp_path):
    name, _, unfused = name.partition(", ")
    expected = rich_outline(name, EXECUTORS["in process"](on_error="quarantine"), tmp_path / "a")
    executor = try_ray_executor(on_error="quarantine", fuse=not unfused)
    assert rich_outline(name, executor, tmp_path / "b") == expected
    workers = {(event["pid"], event["node"]) for event in events(tmp_path / "b")}
    assert all(pid != os.getpid() and len(node) == 56 for pid, node in workers)


@pytest.mark.slow
def test_a_failure_on_ray_raises_and_nothing_starts_after_it(make_ray_executor, tmp_path):
    class Begin(Add):
        def process(self, task):
            (tmp_path / str(task.data)).touch()
            if task.data == 0:
                raise ValueError("the first")
            # The worker that has the first may be the last to begin; all are ended when it has failed.
            wait_for((tmp_path / "0").exists)
            time.sleep(30)
            return task

    pipeline = Pipeline("p", stages=[Numbers(count=40), Begin()])
    with pytest.raises(StageError, match="begin failed on task 0_0: ValueError: the first"):
        pipeline.run(make_ray_executor())
    assert pipeline.last_run.status == "failed"
    assert len(list(tmp_path.iterdir())) <= 8


@pytest.mark.slow
def test_a_worker_on_ray_that_is_killed_costs_its_poison_only(make_ray_executor):
    stage = FailOn(how="kill").with_(batch_size=5)
    pipeline = Pipeline("p", stages=[Numbers(), stage])
    tasks = pipeline.run(make_ray_executor(on_error="skip"))
    assert [t.data for t in tasks] == [n for n in range(20) if n != 7]
    report = pipeline.last_run
    assert [(f.task_id, f.error[:11]) for f in report.failures] == [("0_7", "worker died")]
    assert report.worker_deaths >= 2


@pytest.mark.slow
def test_a_task_on_ray_that_hangs_is_ended(make_ray_executor):
    pipeline = Pipeline("p", stages=[Numbers(count=9), FailOn(how="hang")])
    tasks = pipeline.run(make_ray_executor(on_error="skip", task_timeout_s=3.0))
    assert len(tasks) == 8
    assert [f.error for f in pipeline.last_run.failures] == ["timed out after 3 s"]


@pytest.mark.slow
def test_setup_and_teardown_on_ray_come_once_per_worker(make_ray_executor, tmp_path, monkeypatch):
    monkeypatch.setattr("curator_engine.executors.ray_data._TEARDOWN_S", 120.0)

    class Diary(Journal):
        def process(self, task):
            self._note("work")
            return super().process(task)

    tasks = Pipeline("p", stages=[Numbers(), Diary(path=str(tmp_path / "journal"))]).run(
        make_ray_executor()
    )
    assert len(tasks) == 20
    lines = (tmp_path / "journal").read_text(encoding="utf-8").splitlines()
    assert lines
    by_pid = {
        pid: [w for w, p in map(str.split, lines) if p == pid] for _, pid in map(str.split, lines)
    }
    for words in by_pid.values():
        work = words.count("work")
        # One that was still being set up when all work was done is let go as it is.
        late = [["setup"]] if not work else []
        assert words in [["setup", *["work"] * work, "teardown"], *late]


@pytest.mark.slow
def test_a_finished_run_on_ray_is_not_done_again(make_ray_executor, tmp_path):
    pipeline = Pipeline("p", stages=[Numbers(count=6), Add(), Write(path=str(tmp_path / "out"))])
    first = pipeline.run(make_ray_executor(), checkpoint_path=str(tmp_path / "c"))
    again = pipeline.run(make_ray_executor(), checkpoint_path=str(tmp_path / "c"))
    assert [t.data for t in again] == [t.data for t in first]
    assert (pipeline.last_run.sources_resumed, pipeline.last_run.stage("add").tasks_in) == (6, 0)
