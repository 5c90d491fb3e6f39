"""Resume: what is done is not done again, what is not done is done exactly."""

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from stopped_runs import gate_at
from toys import Add, FailOn, FailSum, Number, Numbers, Sum, Triple, Write, run_files

from curator_engine.executors.local import LocalExecutor
from curator_engine.failures import FailurePolicy
from curator_engine.function_stage import FunctionStage
from curator_engine.pipeline import Pipeline
from curator_engine.resources import Resources
from curator_engine.running.checkpoint import Checkpoint, Marker, fingerprint
from curator_engine.stages.files import FilePartitioner
from curator_engine.stages.jsonl_files import JsonlReader, JsonlWriter

TESTS = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path):
    """A folder with six input files."""
    source = tmp_path / "in"
    source.mkdir()
    for i in range(6):
        (source / f"{i}.txt").write_text(str(i), encoding="utf-8")
    return tmp_path


def content(folder, out="out"):
    return {p.name: p.read_text(encoding="utf-8") for p in (folder / out).iterdir()}


def kill_during_run(folder, *stages, **settings):
    """Run in a process of its own, which ends itself in the middle."""
    process = multiprocessing.get_context("forkserver").Process(
        target=run_files, args=(str(folder), *stages), kwargs=settings
    )
    process.start()
    process.join()
    assert process.exitcode == -9


def run(folder, *stages, **settings):
    return run_files(str(folder), *stages, **settings)


def test_a_finished_run_does_nothing_again(folder):
    run(folder)
    report, _ = run(folder)
    assert (report.sources_resumed, report.stage("read_number").tasks_in) == (6, 0)


def test_a_finished_run_gives_its_results_back(folder):
    _, first = run(folder)
    _, again = run(folder)
    assert [(t.task_id, t.data) for t in again] == [(t.task_id, t.data) for t in first]


@pytest.mark.parametrize("die_after", [3, 1003], ids=["in a fan-out", "before the marker"])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_run_goes_on_to_what_an_unbroken_one_gives(folder, die_after, workers):
    run(folder, out="whole")
    kill_during_run(folder, die_after=die_after)
    _, tasks = run(folder, die_after=die_after, options={"workers": workers})
    assert content(folder) == content(folder, "whole")
    assert sorted(t.data[0].rpartition("/")[2] for t in tasks) == sorted(content(folder))


def test_only_what_was_in_flight_is_done_again_and_counted(folder):
    kill_during_run(folder, die_at_file=7)
    report, _ = run(folder, die_at_file=7)
    assert report.stage("read_number").tasks_in == 3
    assert (report.sources_resumed, report.sources_redone, report.sources_done) == (3, 1, 6)


def test_nothing_is_redone_in_a_first_run(folder):
    assert run(folder)[0].sources_redone == 0


def test_a_half_written_marker_counts_as_none(folder):
    run(folder)
    marker = next((folder / "checkpoint-out/done").rglob("*.json"))
    marker.write_text(marker.read_text(encoding="utf-8")[:20], encoding="utf-8")
    report, tasks = run(folder)
    assert (report.sources_resumed, report.sources_redone, len(tasks)) == (5, 1, 12)


def test_a_marker_without_its_beginning_counts_as_none(folder):
    run(folder)
    next((folder / "checkpoint-out/done").rglob("*.json")).write_text("[]", encoding="utf-8")
    assert run(folder)[0].sources_resumed == 5


def test_a_changed_input_is_done_again_and_said(folder):
    run(folder)
    (folder / "in" / "2.txt").write_text("7", encoding="utf-8")
    report, _ = run(folder)
    assert (report.sources_resumed, report.sources_redone) == (5, 1)
    assert report.notes == ["input changed since the last run: 1 source tasks are done again"]
    assert sorted(content(folder).values()) == sorted(
        str(n + extra) for n in (0, 1, 7, 3, 4, 5) for extra in (0, 1000)
    )


def test_the_output_of_an_input_that_is_gone_goes_too(folder):
    run(folder)
    (folder / "in" / "2.txt").unlink()
    report, _ = run(folder)
    assert "2" not in content(folder).values()
    assert report.notes == [
        "input is gone since the last run: the output of 1 source tasks is removed"
    ]


def test_a_changed_setting_starts_over_and_is_said(folder):
    run(folder, Add(amount=1))
    report, _ = run(folder, Add(amount=2))
    assert report.sources_resumed == 0
    assert report.notes == ["settings changed since the last run: everything is done again"]


def test_output_of_old_settings_does_not_stay(folder):
    run(folder, Triple())
    run(folder, Add())
    assert len(content(folder)) == 12


def test_a_failed_source_is_tried_again_and_leaves_quarantine(folder):
    options = {"on_error": "quarantine"}
    run(folder, FailOn(poison=3), options=options)
    records = folder / "run" / "quarantine" / "p" / "tasks"
    assert len(list(records.iterdir())) == 1
    (folder / "in" / "3.txt").write_text("8", encoding="utf-8")
    report, _ = run(folder, FailOn(poison=3), options=options)
    assert (report.sources_resumed, report.sources_done, report.failed) == (5, 6, 0)
    assert list(records.iterdir()) == []


def test_what_a_source_left_before_it_failed_is_replaced(folder):
    run(folder, FailOn(poison=1003), options={"on_error": "skip"})
    (folder / "in" / "3.txt").write_text("8", encoding="utf-8")
    run(folder, FailOn(poison=1003), options={"on_error": "skip"})
    assert {"8", "1008"} < set(content(folder).values())
    assert "3" not in content(folder).values()


def test_a_failed_group_is_tried_again_and_leaves_quarantine(folder):
    options = {"on_error": "quarantine"}
    run(folder, FailSum(poison=3), options=options)
    records = folder / "run" / "quarantine" / "p" / "tasks"
    assert len(list(records.iterdir())) == 1
    (folder / "in" / "3.txt").write_text("8", encoding="utf-8")
    report, _ = run(folder, FailSum(poison=3), options=options)
    assert report.failed == 0
    assert list(records.iterdir()) == []


@pytest.mark.parametrize("die_at_file", [1, 2, 3, 4])
def test_a_run_with_groups_that_was_killed_gives_what_an_unbroken_one_gives(folder, die_at_file):
    run(folder, Sum(), out="whole")
    kill_during_run(folder, Sum(), die_at_file=die_at_file)
    _, tasks = run(folder, Sum(), die_at_file=die_at_file)
    assert content(folder) == content(folder, "whole")
    assert len(tasks) == len({t.task_id for t in tasks}) == 4


def test_a_shared_output_is_given_back_once(folder):
    _, first = run(folder, Sum())
    report, again = run(folder, Sum())
    assert [t.task_id for t in again] == [t.task_id for t in first]
    assert (report.sources_resumed, len(again)) == (6, 4)


def test_sources_that_share_an_output_are_done_again_together(folder):
    run(folder, Sum())
    whole = content(folder)
    # Six sources of two tasks each, in groups of three: each three sources share two outputs.
    next((folder / "checkpoint-out/done").rglob("*.json")).unlink()
    report, _ = run(folder, Sum())
    assert (report.sources_resumed, content(folder)) == (3, whole)


def test_a_shared_output_goes_if_one_of_its_inputs_is_gone(folder):
    run(folder, Sum())
    (folder / "in" / "2.txt").unlink()
    run(folder, Sum())
    assert sum(map(int, content(folder).values())) == sum(2 * n + 1000 for n in (0, 1, 3, 4, 5))


def test_the_fingerprint_ignores_how_a_stage_is_run():
    assert fingerprint([Add()]) == fingerprint([Add().with_(batch_size=5)])


@pytest.mark.parametrize(
    "settings",
    [
        {"num_workers": 2},
        {"resources": Resources(cpus=2)},
        {"ray_stage_spec": {"x": 1}},
        {"xenna_stage_spec": {"x": 1}},
        {"failure_policy": FailurePolicy()},
        {"runtime_env": {"pip": []}},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_the_fingerprint_ignores_where_a_stage_is_run(settings):
    assert fingerprint([Add()]) == fingerprint([Add().with_(**settings)])


def test_the_fingerprint_knows_the_class():
    class Other(Add):
        name = "add"

    assert fingerprint([Add()]) != fingerprint([Other()])


def test_the_fingerprint_is_the_same_for_a_set_in_any_order():
    class Keep(Add):
        def __init__(self, *words):
            self.words = set(words)

    assert fingerprint([Keep("a", "b", "c")]) == fingerprint([Keep("c", "b", "a")])


def recursive(base):
    def count(n):
        return base if n == 0 else count(n - 1) + other(n)

    def other(n):
        return n if n < 2 else count(0)

    return count


def test_a_function_that_calls_itself_has_a_fingerprint():
    def stage(base):
        return FunctionStage(function=recursive(base))

    assert fingerprint([stage(1)]) == fingerprint([stage(1)])
    assert fingerprint([stage(1)]) != fingerprint([stage(2)])


def test_a_list_that_holds_itself_has_a_fingerprint():
    class Keep(Add):
        def __init__(self, *values):
            self.values = [*values]
            self.values.append(self.values)

    assert fingerprint([Keep(1)]) == fingerprint([Keep(1)]) != fingerprint([Keep(2)])


def test_the_fingerprint_knows_the_settings():
    assert fingerprint([Add(amount=1)]) != fingerprint([Add(amount=2)])


def test_the_fingerprint_of_groups_knows_their_size():
    assert fingerprint([Sum()]) != fingerprint([Sum().with_(batch_size=4)])


def test_the_fingerprint_of_a_function_is_the_same_in_every_process():
    class Apply(Add):
        def __init__(self, function):
            self.function = function

    assert fingerprint([Apply(len)]) == fingerprint([Apply(len)])
    assert fingerprint([Apply(len)]) != fingerprint([Apply(max)])


def test_results_that_are_no_files_are_not_kept_in_markers(tmp_path):
    made = Pipeline("p", stages=[Numbers(count=2), Add()])
    made.run(LocalExecutor(), checkpoint_path=str(tmp_path))
    assert made.run(LocalExecutor(), checkpoint_path=str(tmp_path)) == []
    marker = json.loads(next((tmp_path / "done").rglob("*.json")).read_text(encoding="utf-8"))
    assert marker["outputs"] == [{"task_id": "0_0_0"}]


def test_markers_can_be_removed_one_by_one(ours):
    checkpoint = Checkpoint(ours, "p", "f")
    checkpoint.mark(Marker(source="a"))
    checkpoint.mark(Marker(source="b"))
    checkpoint.unmark("a")
    assert list(checkpoint.load()) == ["b"]


def test_initial_tasks_are_sources_too(tmp):
    class Named(Number):
        def source_key(self):
            return f"n{self.data}"

    made = Pipeline("p", stages=[Add(), Write(path=f"{tmp}/out")])
    made.run(LocalExecutor(), [Named(data=1), Named(data=2)], f"{tmp}/c")
    made.run(LocalExecutor(), [Named(data=2), Named(data=3)], f"{tmp}/c")
    assert (made.last_run.sources_resumed, made.last_run.sources) == (1, 2)
    assert Path(tmp, "out", "n3_0.txt").read_text(encoding="utf-8") == "4"


def test_half_a_file_that_a_killed_run_left_is_removed(tmp):
    made = Pipeline("p", stages=[Add(), Write(path=f"{tmp}/out/data")])
    left = Path(tmp, "out/data/n1_0.txt.4711.curator.tmp")
    left.parent.mkdir(parents=True)
    left.write_text("1", encoding="utf-8")
    made.run(LocalExecutor(), [Number(data=1)], f"{tmp}/c", run_dir=f"{tmp}/out")
    assert not left.exists()


SCRIPT = """
import sys
from toys import ReadNumber, run_files
stage = ReadNumber(seconds=0.1, gate=sys.argv[2])
run_files(sys.argv[1], stage, options={"workers": 2})
"""


def start_run(folder, gate="", stop=None):
    """The run as a program of its own, with two workers."""
    paths = [*([str(stop.folder)] if stop else []), str(TESTS)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-c", SCRIPT, str(folder), str(gate)]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)


def count_done(folder):
    return len(list((folder / "checkpoint-out/done").rglob("*.json")))


def wait_for_done(folder, count, process):
    while count_done(folder) < count and process.poll() is None:
        time.sleep(0.01)


def in_flight(folder):
    """Sources that were begun and are not done."""
    begun = next((folder / "checkpoint-out").rglob("begun.txt")).read_text(encoding="utf-8").split()
    done = {path.stem for path in (folder / "checkpoint-out/done").rglob("*.json")}
    return set(begun) - done


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
def test_a_stopped_run_with_workers_goes_on_to_what_an_unbroken_one_gives(folder, sign):
    run(folder, out="whole")
    gate = folder / "gate"
    process = start_run(folder, gate)
    wait_for_done(folder, 2, process)
    process.send_signal(sign)
    gate.touch()
    process.communicate(timeout=300)
    assert 2 <= count_done(folder) < 6
    assert len(in_flight(folder)) <= 2
    start_run(folder, gate).communicate(timeout=300)
    assert content(folder) == content(folder, "whole")


@pytest.mark.long
def test_a_run_that_is_killed_again_and_again_gives_what_an_unbroken_one_gives(folder):
    for i in range(6, 40):
        (folder / "in" / f"{i}.txt").write_text(str(i), encoding="utf-8")
    run(folder, out="whole")
    kills = 0
    chance = random.Random(7)
    while True:
        # At five it waits, however long it takes until it is killed.
        stop = gate_at(folder / f"stop-{kills}", "*/done/*.json", after=5)
        process = start_run(folder, stop=stop)
        wait_for_done(folder, count_done(folder) + 2, process)
        time.sleep(chance.random() * 0.1)
        if process.poll() is not None or count_done(folder) == 40:
            break
        process.kill()
        process.communicate()
        kills += 1
        assert len(in_flight(folder)) <= 2
    process.communicate()
    assert (kills > 5, content(folder)) == (True, content(folder, "whole"))


def test_the_fingerprint_tells_two_lambdas_apart():
    class Apply(Add):
        def __init__(self, function):
            self.function = function

    one, two = Apply(lambda x: x + 1), Apply(lambda x: x + 2)
    assert fingerprint([one]) != fingerprint([two])


def test_two_pipelines_share_a_folder(tmp_path):
    def run(name, amount):
        pipeline = Pipeline(name, stages=[Numbers(count=2), Add(amount=amount)])
        pipeline.run(LocalExecutor(), checkpoint_path=str(tmp_path))
        return pipeline.last_run.sources_resumed, pipeline.last_run.notes

    run("a", 1)
    run("b", 2)
    assert run("a", 1) == (2, [])


def test_what_another_run_wrote_into_the_same_folder_stays(tmp_path):
    def write(source, checkpoint):
        stages = [JsonlReader(), JsonlWriter(path=f"{tmp_path}/out")]
        files = FilePartitioner(file_paths=f"{tmp_path}/{source}.jsonl")
        made = Pipeline("p", stages=[files, *stages])
        made.run(LocalExecutor(), checkpoint_path=checkpoint and f"{tmp_path}/{checkpoint}")
        return {path.read_bytes() for path in (tmp_path / "out").glob("*.jsonl")}

    for name in "ab":
        (tmp_path / f"{name}.jsonl").write_text(f'{{"text": "{name}"}}\n', encoding="utf-8")
    first = write("a", None)
    assert len(write("b", "checkpoint")) == 2
    (tmp_path / "b.jsonl").write_text('{"text": "new"}\n', encoding="utf-8")
    assert write("b", "checkpoint") == {*first, b'{"text": "new"}\n'}
