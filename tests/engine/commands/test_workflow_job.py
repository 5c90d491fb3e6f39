"""A command of a workflow: what it does without a line of its own."""

import json
from pathlib import Path

import pytest
from toy_workflow import JOB

from curator_engine.commands.cli import run_app


@pytest.fixture
def lines(tmp_path, monkeypatch, capsys):
    """A function that runs `lines count in -o out`: exit code, standard output and error."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl").write_text('{"a": 1}\n{"b": 2}\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def call(*words):
        line = ["count", "in", "-o", "out", "--workers", "1", *words]
        return run_app("lines", [JOB], version="0.1.0", argv=line), *capsys.readouterr()

    return call


def test_it_runs_and_says_where_the_result_is(lines):
    code, out, err = lines()
    assert code == 0
    assert out.startswith("num_tasks 1, ")
    assert out.endswith("result in out: run.json\n")
    assert "if stopped, the same command with --resume goes on" in err
    assert Path("out/a.jsonl.count").read_text(encoding="utf-8") == "2"


def test_a_dry_run_shows_the_plan_and_the_input_and_no_guess(lines):
    _, out, _ = lines("--dry-run")
    assert "2. count_lines: " in out
    assert "input: 1 file, 0.0 MB\nnothing was done\n" in out
    assert "estimate" not in out
    assert not Path("out").exists()


def test_a_finished_run_is_not_done_again(lines):
    lines()
    written = Path("out/a.jsonl.count").stat()
    code, _, err = lines("--resume")
    assert (code, Path("out/a.jsonl.count").stat()) == (0, written)
    assert "out is finished already; nothing to do.\n" in err


def test_what_is_replaced_is_said(lines):
    lines()
    _, out, err = lines("--word", "b", "--resume")
    assert "(word , now b): its result is replaced" in err
    assert Path("out/a.jsonl.count").read_text(encoding="utf-8") == "1"
    assert "num_tasks 1" in out


def test_its_result_is_json_too(lines):
    _, out, _ = lines("--json", "-q")
    assert json.loads(out)["num_tasks"] == 1
