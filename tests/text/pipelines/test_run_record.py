"""The record of a run and its page."""

import json

import pytest

from curator_engine.errors import StorageError
from curator_engine.running.run_report import RunReport
from curator_text.pipelines.run_record import save_record
from curator_text.removal.steps import troubles

RECORD = {"job": "toy", "status": "done", "settings": {}, "facts": {"num_duplicates": 0}}


def test_troubles_of_all_steps_are_added_up():
    reports = {
        "a": RunReport(pipeline="a", rejected=2, failed=1, notes=["x"]),
        "b": RunReport(pipeline="b", rejected=4, worker_deaths=1, notes=["y"]),
    }
    assert troubles(reports) == {"quarantined": 7, "worker_deaths": 1, "notes": ["x", "y"]}


def test_a_record_holds_the_steps(tmp_path):
    save_record(str(tmp_path), RECORD, {"sign": RunReport(pipeline="sign")})
    assert list(json.loads((tmp_path / "run.json").read_text())["steps"]) == ["sign"]


def test_there_is_a_page_when_there_is_something_to_show(tmp_path):
    save_record(str(tmp_path), {**RECORD, "facts": {}}, {})
    assert not (tmp_path / "report.html").exists()
    assert save_record(str(tmp_path), RECORD, {}) is None
    assert (tmp_path / "report.html").exists()


def test_a_page_that_cannot_be_written_is_a_line_and_no_failure(tmp_path):
    (tmp_path / "report.html").mkdir()
    note = save_record(str(tmp_path), RECORD, {})
    assert note is not None
    assert note.startswith(f"{tmp_path}/report.html was not written: ")


def test_a_record_that_cannot_be_written_is_an_error_unless_the_run_has_failed(tmp_path):
    (tmp_path / "file").touch()
    out = str(tmp_path / "file")
    with pytest.raises(StorageError):
        save_record(out, RECORD, {})
    assert save_record(out, {**RECORD, "status": "failed"}, {}) is None
