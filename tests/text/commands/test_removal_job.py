"""`--resume` into a folder of the same job says what it replaces, and what is different."""

import json
import logging
import os
from typing import Any

import pytest
from text_toys import sentence, write_jsonl

from curator_engine.commands.cli import run_app
from curator_engine.files.output_folder import take
from curator_engine.running.run_record import write_record
from curator_text.cli import JOBS
from curator_text.pipelines.exact_dedup import ExactDeduplicationWorkflow

ROWS = [{"id": i, "text": sentence(i % 3)} for i in range(6)]


@pytest.fixture
def command(capsys):
    """A function that runs a command in this process and gives its lines of errors."""

    def run(*words):
        assert run_app("curator-text", JOBS, version="0", argv=[*map(str, words)]) == 0
        return capsys.readouterr().err

    return run


@pytest.fixture
def folder(tmp_path):
    write_jsonl(tmp_path / "in/a.jsonl", ROWS)
    write_jsonl(tmp_path / "in/b.jsonl", ROWS)
    return tmp_path


@pytest.mark.parametrize(
    ("job", "option", "said"),
    [
        ("exact", ["--normalize", "whitespace"], "normalize off, now whitespace"),
        (
            "fuzzy",
            ["--threshold", "0.7", "--num-bands", "20", "--minhashes-per-band", "9"],
            "threshold 0.8, now 0.7",
        ),
        ("semantic", ["--eps", "0.02"], "eps 0.01, now 0.02"),
    ],
)
def test_other_settings_are_named_before_the_result_is_replaced(folder, command, job, option, said):
    words = [job, folder / "in", "-o", folder / "out", "--workers", "1"]
    command(*words)
    err = command(*words, *option, "--resume")
    line = next(line for line in err.splitlines() if "its result is replaced" in line)
    assert said in line
    assert err.index(line) < err.index("result in ")


def test_other_input_is_counted(folder, command):
    words = ["exact", folder / "in", "-o", folder / "out", "--workers", "1"]
    command(*words)
    write_jsonl(folder / "in/c.jsonl", ROWS)
    (folder / "in/a.jsonl").unlink()
    os.utime(folder / "in/b.jsonl", (1, 1))
    err = command(*words, "--resume")
    assert "(1 file not read before; 1 file changed; 1 file gone): its result is replaced" in err


def test_nothing_is_said_of_a_run_that_only_goes_on(folder, command):
    words = ["exact", folder / "in", "-o", folder / "out", "--workers", "1"]
    command(*words)
    record = json.loads((folder / "out/run.json").read_text())
    with take(str(folder / "out"), job="exact"):
        write_record(str(folder / "out"), {**record, "status": "interrupted"})
    assert "settings or input" not in command(*words, "--resume")


def test_a_workflow_in_python_warns_of_it_once(folder, caplog):
    given: dict[str, Any] = {"input_path": str(folder / "in"), "output_path": str(folder / "out")}
    with caplog.at_level(logging.WARNING):
        ExactDeduplicationWorkflow(**given).run()
        assert not caplog.messages
        ExactDeduplicationWorkflow(**given, normalize="whitespace").run()
    assert "normalize off, now whitespace" in "\n".join(caplog.messages)
    assert len(caplog.messages) == 1
