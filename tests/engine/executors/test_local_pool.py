"""Worker processes: crashes, hangs, interruption; nothing is left behind."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from stopped_runs import is_running, wait_for
from toys import Add, FailOn, FailSum, FailTwice, Journal, Number, Numbers, Sum

from curator_engine.errors import PipelineError, StageError
from curator_engine.executors.local import LocalExecutor
from curator_engine.failures import FailurePolicy, Quarantine
from curator_engine.pipeline import Pipeline

TESTS = Path(__file__).parents[2]


def events(folder):
    """What was noted of the run so far, a line for each batch."""
    lines = Path(folder, "events.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


def pids(folder, stage):
    """The worker of each batch of a stage that has come back."""
    return [each["pid"] for each in events(folder) if each["stage"] == stage]


def crash(how, **options):
    pipeline = Pipeline("p", stages=[Numbers(), FailOn(how=how)])
    tasks = pipeline.run(LocalExecutor({"workers": 2, "on_error": "skip", **options}))
    return [t.data for t in tasks], pipeline.last_run


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("kill", "worker died (signal 9)"),
        ("exit", "worker died (exit code 3)"),
        ("segfault", "worker died (signal 11)"),
    ],
)
def test_a_crashed_worker_costs_its_task_only(how, reason):
    values, report = crash(how)
    assert values == [n for n in range(20) if n != 7]
    assert [(f.task_id, f.error) for f in report.failures] == [("0_7", reason)]
    assert (report.worker_deaths, report.stage("fail_on").tasks_failed) == (1, 1)


def test_a_dead_worker_is_replaced(tmp):
    class Note(FailOn):
        def process(self, task):
            Path(tmp, f"{os.getpid()}.{task.data}").touch()
            if task.data > self.poison:
                # Work is left when the worker that took the poison has died.
                [dead] = Path(tmp).glob(f"*.{self.poison}")
                wait_for(lambda: not is_running(int(dead.stem)))
            return super().process(task)

    pipeline = Pipeline("p", stages=[Numbers(), Note(how="kill")])
    pipeline.run(LocalExecutor({"workers": 2, "on_error": "skip"}))
    assert len({path.stem for path in Path(tmp).iterdir()}) == 3


def test_a_crash_is_an_event_and_in_quarantine(tmp):
    pipeline = Pipeline("p", stages=[Numbers(), FailOn(how="kill")])
    pipeline.run(LocalExecutor({"workers": 2, "on_error": "quarantine"}), run_dir=tmp)
    [crash] = [each for each in events(tmp) if each["outcome"].startswith("worker died")]
    [failure] = Quarantine(f"{tmp}/quarantine/p").failures()
    assert (crash["stage"], crash["outcome"]) == (failure.stage, failure.error)


def test_a_worker_that_dies_while_it_waits_costs_nothing(tmp):
    class KillOther(Add):
        def process(self, task):
            if task.data == 0:
                return task
            # What it sent is there, and it has nothing else to do: it waits.
            wait_for(lambda: pids(tmp, "kill_other"))
            [other] = pids(tmp, "kill_other")
            os.kill(other, signal.SIGKILL)
            wait_for(lambda: not is_running(other))
            return task

    stages = [Numbers(count=2), KillOther(), Sum(batch_size=None), Add()]
    pipeline = Pipeline("p", stages=stages)
    tasks = pipeline.run(LocalExecutor({"workers": 2}), run_dir=tmp)
    assert [t.data for t in tasks] == [2]
    assert (pipeline.last_run.worker_deaths, pipeline.last_run.failed) == (1, 0)


def test_a_source_that_crashes_fails_the_run_whatever_the_policy():
    class Crash(Numbers):
        def process(self, task):
            os._exit(1)

    with pytest.raises(
        StageError, match=r"crash: worker died \(exit code 1\) while running task 0"
    ):
        Pipeline("p", stages=[Crash(), Add()]).run(
            LocalExecutor({"workers": 2, "on_error": "skip"})
        )


def test_a_crash_is_tried_again_before_it_counts():
    _, report = crash("kill", retries=2)
    assert (report.worker_deaths, report.failures[0].attempts) == (3, 3)


def test_a_crash_raises_if_the_policy_is_to_raise():
    with pytest.raises(
        StageError, match=r"fail_on: worker died \(signal 9\) while running task 0_7"
    ):
        crash("kill", on_error="raise")


def test_a_crash_in_a_batch_is_found_by_splitting():
    stage = FailOn(how="kill").with_(batch_size=20)
    pipeline = Pipeline("p", stages=[Numbers(), stage])
    tasks = pipeline.run(LocalExecutor({"workers": 2, "on_error": "skip"}))
    assert (len(tasks), [f.task_id for f in pipeline.last_run.failures]) == (19, ["0_7"])


def test_a_group_that_crashes_is_lost_as_a_whole():
    pipeline = Pipeline("p", stages=[Numbers(count=9), FailSum(how="exit")])
    tasks = pipeline.run(LocalExecutor({"workers": 2, "on_error": "skip"}))
    assert ([t.data for t in tasks], pipeline.last_run.failed) == ([3, 12], 3)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_hanging_task_is_ended_and_counted(workers):
    _, report = crash("hang", workers=workers, task_timeout_s=2.0)
    assert [(f.task_id, f.error) for f in report.failures] == [("0_7", "timed out after 2 s")]


def test_a_hanging_task_is_tried_again_before_it_counts():
    _, report = crash("hang", task_timeout_s=2.0, retries=1)
    assert (report.worker_deaths, report.failures[0].attempts) == (2, 2)


def test_the_set_up_of_a_worker_does_not_count_as_time_on_a_task():
    class SlowSetup(Add):
        def setup(self, worker_metadata=None):
            time.sleep(2.5)

    pipeline = Pipeline("p", stages=[Numbers(count=3), SlowSetup()])
    tasks = pipeline.run(LocalExecutor({"task_timeout_s": 2.0}))
    assert ([t.data for t in tasks], pipeline.last_run.worker_deaths) == ([1, 2, 3], 0)


def test_a_busy_worker_tears_down_when_another_one_fails(tmp, monkeypatch):
    monkeypatch.setattr("curator_engine.executors.local_pool._GRACE_S", 120.0)

    class Work(Journal):
        def process(self, task):
            path = Path(tmp, "busy")
            if task.data == 0:
                wait_for(path.exists)
                raise ValueError("the first")
            path.touch()
            # The other one tears down when the driver knows of the failure.
            wait_for(lambda: "teardown" in journal.read_text(encoding="utf-8"))
            return task

    journal = Path(tmp, "journal")
    with pytest.raises(StageError, match="ValueError: the first"):
        Pipeline("p", stages=[Numbers(count=2), Work(path=str(journal))]).run(
            LocalExecutor({"workers": 2})
        )
    lines = journal.read_text(encoding="utf-8").splitlines()
    assert sorted(line.split()[0] for line in lines) == ["setup", "setup", "teardown", "teardown"]


def test_a_task_that_cannot_be_sent_names_the_stages():
    class Open(Add):
        def process(self, task):
            return Number(data=threading.Lock())  # pyright: ignore[reportArgumentType] (what is refused)

    with pytest.raises(PipelineError, match="tasks of open cannot be sent to another process"):
        Pipeline("p", stages=[Numbers(), Open()]).run(LocalExecutor({"workers": 2}))


def test_a_stage_that_cannot_be_loaded_in_a_worker_says_why():
    class Refuse(Add):
        def __setstate__(self, state):
            if multiprocessing.parent_process() is not None:
                raise ImportError("no such library here")
            vars(self).update(state)

    with pytest.raises(ImportError, match="no such library here"):
        Pipeline("p", stages=[Numbers(), Refuse()]).run(LocalExecutor({"workers": 2}))


def test_two_workers_share_the_sources(tmp):
    class Slow(Add):
        def process(self, task):
            time.sleep(0.02)
            Path(tmp, str(os.getpid())).touch()
            return task

    Pipeline("p", stages=[Numbers(), Slow()]).run(LocalExecutor({"workers": 2}))
    assert len(list(Path(tmp).iterdir())) == 2


def test_no_worker_is_left_after_a_run(tmp):
    class Note(Add):
        def process(self, task):
            Path(tmp, str(os.getpid())).touch()
            return task

    Pipeline("p", stages=[Numbers(), Note()]).run(LocalExecutor({"workers": 2}))
    pids = [int(path.name) for path in Path(tmp).iterdir()]
    assert pids
    assert not any(is_running(pid) for pid in pids)


def test_what_cannot_be_sent_to_workers_says_what_to_do():
    class Unsendable(Add):
        def __deepcopy__(self, memo):
            return self

        def __reduce__(self):
            raise TypeError("no way")

    with pytest.raises(
        PipelineError, match=r"cannot be sent to another process: no way. .* use workers=1"
    ):
        Pipeline("p", stages=[Numbers(), Unsendable()]).run(LocalExecutor({"workers": 2}))


def test_an_error_that_does_not_pickle_is_reported_by_its_text():
    class OddError(Exception):
        def __init__(self, a, b):
            super().__init__(f"{a} and {b}")

    class Raises(Add):
        def setup(self, worker_metadata=None):
            raise OddError("this", "that")

    with pytest.raises(StageError, match="setup of raises failed: OddError: this and that"):
        Pipeline("p", stages=[Numbers(), Raises()]).run(LocalExecutor({"workers": 2}))


def test_a_failing_teardown_in_a_worker_is_reported():
    class Stuck(Add):
        def teardown(self):
            raise ValueError("stuck")

    with pytest.raises(StageError, match="teardown failed: ValueError: stuck"):
        Pipeline("p", stages=[Numbers(), Stuck()]).run(LocalExecutor({"workers": 2}))


SCRIPT = """
import sys, time
from pathlib import Path
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from toys import Number, Numbers, Add

class Slow(Add):
    def process(self, task):
        Path(sys.argv[1], f"{time.time_ns()}").touch()
        time.sleep(float(sys.argv[2]))
        return Number(data=task.data * 2)

tasks = Pipeline("p", stages=[Numbers(count=int(sys.argv[3])), Slow()]).run(LocalExecutor({"workers": 2}))
print(sum(task.data for task in tasks))
"""


def start_script(tmp, *, sleep, count):
    script = Path(tmp, "script.py")
    script.write_text(SCRIPT, encoding="utf-8")
    folder = Path(tmp, "begun")
    folder.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    command = [sys.executable, str(script), str(folder), str(sleep), str(count)]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    return process, folder


def test_a_script_without_a_main_guard_runs_once(tmp):
    process, _ = start_script(tmp, sleep=0, count=10)
    out, _ = process.communicate(timeout=300)
    assert out.decode().split() == ["90"]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
def test_no_process_outlives_the_driver(tmp, sign):
    process, folder = start_script(tmp, sleep=0.2, count=1000)
    assert wait_for(lambda: len(list(folder.iterdir())) >= 4)
    family = [p.pid for p in psutil.Process(process.pid).children(recursive=True)]
    process.send_signal(sign)
    process.communicate(timeout=300)
    assert len(family) >= 2
    assert wait_for(lambda: not any(map(is_running, family)))


@pytest.mark.slow
def test_ctrl_c_ends_a_run_whose_tasks_take_long(tmp):
    process, folder = start_script(tmp, sleep=600, count=4)
    assert wait_for(lambda: len(list(folder.iterdir())) == 2)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=300)
    assert errors.decode().strip().endswith("KeyboardInterrupt")


def test_a_stage_can_have_a_timeout_of_its_own():
    stage = FailOn(how="hang").with_(
        failure_policy=FailurePolicy(on_error="skip", task_timeout_s=2.0)
    )
    pipeline = Pipeline("p", stages=[Numbers(), stage])
    assert len(pipeline.run(LocalExecutor())) == 19
    assert pipeline.last_run.failures[0].error == "timed out after 2 s"


def test_a_retry_waits_twice_as_long_each_time(tmp):
    pipeline = Pipeline("p", stages=[Numbers(count=1), FailTwice(folder=tmp)])
    pipeline.run(LocalExecutor({"retries": 2, "backoff_s": 0.1}))
    assert pipeline.last_run.seconds >= 0.1 + 0.2
