"""A run of several steps: what is left, what is said, what a second run does again."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from toy_steps import JOBS

from curator_engine.commands.cli import run_app

JOB = """input: in
output: out
workers: 1
steps:
  - drop: {word: bad}
  - skip: {word: odd}
"""
LINES = [f'{{"n": {i}, "is": "{"bad" if i % 3 == 0 else "odd" if i % 2 else "fine"}"}}' for i in range(12)]  # fmt: skip


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """A function that runs `lines run job.yaml`: exit code, standard output and error."""
    monkeypatch.chdir(tmp_path)
    write(LINES)
    Path("job.yaml").write_text(JOB, encoding="utf-8")

    def run(*words):
        line = ["run", "job.yaml", *words]
        return run_app("lines", JOBS, version="0.1.0", argv=line), *capsys.readouterr()

    return run


def write(lines):
    Path("in/sub").mkdir(parents=True, exist_ok=True)
    Path("in/a.jsonl").write_text("\n".join(lines[:6]) + "\n", encoding="utf-8")
    Path("in/sub/b.jsonl").write_text("\n".join(lines[6:]) + "\n", encoding="utf-8")


def change(old, new):
    text = Path("job.yaml").read_text(encoding="utf-8")
    Path("job.yaml").write_text(text.replace(old, new), encoding="utf-8")


def data(folder="out"):
    root = Path(folder, "data")
    return {str(p.relative_to(root)): p.read_text(encoding="utf-8") for p in root.rglob("*.jsonl")}


def numbers(folder="out"):
    return sorted(json.loads(line)["n"] for text in data(folder).values() for line in text.splitlines())  # fmt: skip


def stamps():
    return {p: p.stat().st_mtime_ns for p in Path("out/steps/01-drop").rglob("*") if p.is_file()}


def record():
    return json.loads(Path("out/run.json").read_text(encoding="utf-8"))


def test_each_step_reads_what_the_one_before_it_left(call):
    code, out, err = call()
    assert code == 0
    assert numbers() == [2, 4, 8, 10]
    assert numbers("out/steps/01-drop") == [1, 2, 4, 5, 7, 8, 10, 11]
    assert data() == data("out/steps/02-skip")
    said = [line.rpartition(",")[0] for line in out.splitlines()]
    assert said[:3] == [
        "01-drop: 12 in, 8 kept, 4 removed (33.3%)",
        "02-skip: 8 in, 4 kept, 4 removed (50.0%)",
        "12 in = 4 in data/ + 8 removed + 0 in quarantine",
    ]
    assert out.splitlines()[3] == "result in out: report.html, data/, steps/, run.json"
    assert "if stopped, the same command with --resume goes on" in err.splitlines()[0]


def test_a_step_alone_gives_the_same_files(call):
    call()
    line = ["drop", "in", "-o", "alone", "--word", "bad", "--workers", "1", "-q"]
    assert run_app("lines", JOBS, version="0.1.0", argv=line) == 0
    assert data("alone") == data("out/steps/01-drop")


def test_the_record_and_the_summary_have_the_counts_of_each_step(call):
    summary = json.loads(call("--json")[1])
    assert (summary["documents"], summary["kept"], summary["removed"]) == (12, 4, 8)
    assert summary["steps"]["02-skip"]["removed"] == 4
    kept = record()
    assert (kept["job"], kept["status"]) == ("run", "done")
    assert list(kept["steps"]) == ["01-drop", "02-skip"]


def test_a_finished_run_is_not_done_again(call):
    call()
    before = stamps()
    code, out, err = call("--resume")
    assert (code, before) == (0, stamps())
    assert "out is finished already; nothing to do." in err
    assert "12 in = 4 in data/" in out


def test_a_page_that_was_deleted_comes_back_with_resume(call):
    call()
    Path("out/report.html").unlink()
    call("--resume")
    assert Path("out/report.html").exists()


def test_a_folder_with_a_run_is_refused_without_a_word_on_it(call):
    call()
    code, _, err = call()
    assert code == 2
    assert "use --resume to go on" in err


def test_a_changed_step_is_done_again_and_those_before_it_are_not(call):
    call()
    before = stamps()
    change("word: odd", "word: fine")
    _, out, err = call("--resume")
    assert before == stamps()
    assert "step 2 (skip) is not as it was (word odd, now fine): it and the steps after it are done again" in err  # fmt: skip
    assert numbers() == [1, 5, 7, 11]
    assert "12 in = 4 in data/ + 8 removed" in out


def test_a_changed_first_step_does_all_again(call):
    call()
    change("word: bad", "word: fine")
    assert "step 1 (drop) is not as it was (word bad, now fine)" in call("--resume")[2]
    assert numbers() == [0, 3, 6, 9]


def test_a_changed_input_does_all_again(call):
    call()
    write([line.replace("bad", "good") for line in LINES])
    assert "step 1 (drop) is not as it was (its input)" in call("--resume")[2]
    assert numbers() == [0, 2, 3, 4, 6, 8, 9, 10]


def test_a_file_that_is_left_out_now_is_not_there_from_before(call):
    call()
    assert sorted(data()) == ["a.jsonl", "sub/b.jsonl"]
    write([*LINES[:6], *[line.replace("fine", "bad").replace("odd", "bad") for line in LINES[6:]]])
    call("--resume")
    assert sorted(data()) == ["a.jsonl"]


def test_a_changed_file_that_a_setting_names_does_the_step_again(call):
    Path("list").write_text("a", encoding="utf-8")
    change("word: odd", "word: odd, names: list")
    call()
    Path("list").write_text("another", encoding="utf-8")
    assert "step 2 (skip) is not as it was" in call("--resume")[2]


@pytest.mark.parametrize(("old", "new"), [("  - skip: {word: odd}\n", ""), ("skip: {word: odd}", "skip: {word: odd}\n  - drop: {word: '10'}")])  # fmt: skip
def test_a_step_that_is_taken_away_or_added_leaves_nothing_mixed(call, old, new):
    call()
    before = stamps()
    change(old, new)
    assert call("--resume")[0] == 0
    assert before == stamps()
    alone = numbers()
    names = sorted(p.name for p in Path("out/steps").iterdir())
    assert names == list(record()["steps"])
    call("--overwrite")
    assert alone == numbers()


def test_dropped_steps_leave_the_result_and_their_records(call):
    assert call("--drop-steps")[0] == 0
    assert numbers() == [2, 4, 8, 10]
    assert not list(Path("out/steps").rglob("*.jsonl")) or all(
        path.name == "events.jsonl" for path in Path("out/steps").rglob("*.jsonl")
    )
    assert "nothing to do" in call("--resume", "--drop-steps")[2]


def test_a_changed_step_whose_input_was_dropped_starts_from_the_step_before_it(call):
    call("--drop-steps")
    change("word: odd", "word: fine")
    assert call("--resume")[0] == 0
    assert numbers() == [1, 5, 7, 11]
    assert record()["facts"]["num_documents"] == 12


def test_a_result_that_lost_a_file_gets_it_again(call):
    call()
    Path("out/data/a.jsonl").unlink()
    assert call("--resume")[0] == 0
    assert numbers() == [2, 4, 8, 10]


@pytest.mark.parametrize("dropped", [(), ("--drop-steps",)])
def test_a_run_that_was_killed_goes_on_and_gives_the_same(call, dropped):
    call()
    whole = data()
    change("word: odd", "word: die")
    call("--overwrite", "--set", "skip.word=odd")
    words = ["run", "job.yaml", "--overwrite", "-q", "--set", "output=killed", *dropped]
    code = f"from toy_steps import JOBS; from curator_engine.commands.cli import run_app; run_app('lines', JOBS, version='0.1.0', argv={words})"  # fmt: skip
    path = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run([sys.executable, "-c", code], check=False, env={**os.environ, "PYTHONPATH": path})  # fmt: skip
    assert done.returncode == -9
    state = json.loads(Path("killed/run.json").read_text(encoding="utf-8"))
    assert (state["status"], list(state["steps"])) == ("running", ["01-drop"])
    code, _, err = call("--resume", "--set", "output=killed", *dropped)
    assert (code, "is not as it was" in err) == (0, False)
    assert "step 1 of 2" not in err
    assert sorted(data("killed")) == sorted(whole)


def test_a_step_that_leaves_nothing_ends_the_run_well(call):
    change("word: bad", "word: is")
    code, out, err = call()
    assert code == 0
    assert "drop left no documents: skip had nothing to do" in err
    assert "12 in = 0 in data/ + 12 removed" in out
    assert "nothing to do" in call("--resume")[2]


def test_a_failing_step_is_named_and_resume_goes_on_from_it(call):
    Path("in/.hidden.jsonl").write_text(LINES[0].replace("bad", "so") + "\n", encoding="utf-8")
    change("input: in", "input: [in, in/.hidden.jsonl]")
    code, _, err = call()
    assert code == 1
    assert "step 2 (skip): it would pass over .hidden.jsonl" in err
    assert record()["status"] == "failed"


def test_an_alarm_of_a_step_is_said_once_and_kept(call):
    change("word: bad", "word: alarm")
    code, out, err = call("--json")
    assert code == 0
    assert err.count("warning: drop: look at this") == 1
    assert json.loads(out)["alarms"] == ["drop: look at this"]
    assert record()["facts"]["alarms"] == ["drop: look at this"]


def test_a_refused_first_step_leaves_no_folder(call):
    change("input: in", "input: [in, gone]")
    code, _, err = call()
    assert (code, "job.yaml:1: gone does not exist" in err) == (2, True)
    assert not Path("out").exists()


def test_a_dry_run_plans_each_step_and_writes_nothing(call):
    code, out, _ = call("--dry-run")
    assert code == 0
    assert "step 1, drop:" in out
    assert "step 2, skip:" in out
    assert out.endswith("nothing was done\n")
    assert not Path("out").exists()


def test_the_result_shares_its_files_with_the_last_step(call):
    call()
    path = Path("out/data/a.jsonl")
    assert path.samefile("out/steps/02-skip/data/a.jsonl")
