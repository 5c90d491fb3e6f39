"""What is known of the steps of an earlier run."""

import json
from pathlib import Path

import pytest
from toy_steps import JOBS

from curator_engine.commands.cli import JobResult
from curator_engine.commands.job_record import (
    StepRecord,
    earlier_steps,
    finished_steps,
    key_of_input,
    key_of_step,
    step_result,
)
from curator_engine.commands.read_job_file import read_job_file


@pytest.fixture
def job(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl").write_text("{}\n", encoding="utf-8")
    Path("list").mkdir()

    def read(step="drop: {against: list}", *changes):
        text = f"input: a.jsonl\noutput: out\nsteps:\n  - {step}\n"
        Path("job.yaml").write_text(text, encoding="utf-8")
        return read_job_file("job.yaml", steps=JOBS, changes=changes)

    return read


def key(job):
    return key_of_step(key_of_input(job.listing, limit=None), job.steps[0])


def test_a_key_changes_with_settings_input_and_what_they_name(job):
    keys = [
        key(job()),
        key(job("drop: {against: list, word: x}")),
        key(job("skip: {against: list}")),
    ]
    Path("list/new").write_text("x", encoding="utf-8")
    keys.append(key(job()))
    Path("a.jsonl").write_text("{}\n{}\n", encoding="utf-8")
    keys.append(key(job()))
    assert len(set(keys)) == 5


def test_a_key_does_not_change_with_what_a_step_writes_itself(job):
    step = "drop: {against: list, save: list}"
    before = key(job(step))
    Path("list/new").write_text("x", encoding="utf-8")
    assert key(job(step)) == before


@pytest.mark.parametrize("text", ["", "[]", '{"steps": 3}', '{"steps": {"a": {"folder": 1}}}'])
def test_a_record_that_is_damaged_has_no_steps(tmp_path, text):
    Path(tmp_path, "run.json").write_text(text, encoding="utf-8")
    assert earlier_steps(str(tmp_path)) == []


def test_steps_up_to_the_first_that_differs_are_done(job):
    step = job().steps[0]
    records = [StepRecord.begun(step, "k") for _ in range(4)]
    for record in records[:3]:
        record.status = "done"
    steps = [step] * 4
    assert finished_steps(records, steps, ["k"] * 4) == records[:3]
    assert finished_steps(records, steps, ["k", "other", "k", "k"]) == records[:1]
    records[0].again = True
    assert finished_steps(records, steps, ["k"] * 4) == []


def test_a_step_with_files_to_try_again_says_so(job, tmp_path):
    steps = {"read": {"sources_open": 1, "peak_memory_mb": 7}}
    Path("run.json").write_text(json.dumps({"steps": steps}), encoding="utf-8")
    record = StepRecord.begun(job().steps[0], "k")
    summary = {"documents": 5, "removed": 2, "seconds": 1.5, "rules": {"a": 2}, "lost_rows": 1}
    step_result(record, JobResult(summary=summary), str(tmp_path))
    assert (record.again, record.kept, record.reasons, record.peak_memory_mb) == (
        True,
        3,
        {"a": 2},
        7,
    )
    assert record.line() == "01-drop: 6 in, 3 kept, 2 removed (40.0%), 1 in quarantine, 1.5 s"
