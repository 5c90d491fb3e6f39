"""`run`, `check` and the others as commands of an app."""

import json
from pathlib import Path

import pytest
from toy_steps import JOBS

from curator_engine.commands.cli import run_app


@pytest.fixture
def app(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl").write_text('{"a": 1}\n{"b": 2}\n', encoding="utf-8")
    Path("job.yaml").write_text("input: a.jsonl\noutput: out\nsteps:\n  - drop\n", encoding="utf-8")

    def run(*words):
        return run_app("lines", JOBS, version="0.1.0", argv=list(words)), *capsys.readouterr()

    return run


def test_check_says_what_would_be_run_and_writes_nothing(app):
    code, out, _ = app("check", "job.yaml")
    assert (code, out) == (0, "job.yaml: 1 step (drop), 1 file, 0.0 MB; it can be run\n")
    assert json.loads(app("check", "job.yaml", "--json")[1])["steps"] == ["drop"]
    assert not Path("out").exists()


@pytest.mark.parametrize("command", ["run", "check", "estimate"])
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["gone.yaml"], "gone.yaml cannot be read"),
        (["job.yaml", "job.yaml"], "one job file, please; 2 were given."),
        (["job.yaml", "--set", "drop.wrod=x"], "did you mean 'word'?"),
        (["job.yaml", "--set", "input=gone"], "--set input=gone: gone does not exist"),
        (["job.yaml", "--output", "."], "--output: the output . and the input a.jsonl overlap"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_two(app, command, words, message):
    code, out, err = app(command, *words)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert message in err


def test_run_takes_the_file_of_one_job_as_before(app):
    Path("one.yaml").write_text(
        "job: drop\ninputs: a.jsonl\noutput: one\nword: b\n", encoding="utf-8"
    )
    code, out, _ = app("run", "one.yaml", "--workers", "1")
    assert (code, out) == (0, "1 dropped\n")


def test_options_may_stand_before_the_file(app):
    assert app("run", "--workers", "1", "job.yaml")[0] == 0


def test_the_commands_are_in_the_help_once(app):
    page = app("--help")[1]
    assert [page.count(f"\n  {name} ") for name in ("run", "check", "estimate", "list")] == [
        1,
        1,
        1,
        1,
    ]
