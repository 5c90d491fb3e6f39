"""The record of a run: read back as written, refused where it is none."""

import pytest

from curator_engine.errors import InputError
from curator_engine.running.run_record import finished_facts, read_record, replaced, write_record

DONE = {"status": "done", "key": "abc", "facts": {"clips": 3}}


def test_a_record_is_read_as_it_was_written(tmp_path):
    write_record(str(tmp_path), DONE)
    assert read_record(str(tmp_path)) == DONE


@pytest.mark.parametrize("text", [None, "{", "[]"])
def test_what_is_no_record_is_refused(tmp_path, text):
    if text is not None:
        (tmp_path / "run.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"run\.json"):
        read_record(str(tmp_path))


@pytest.mark.parametrize(
    ("status", "key", "facts"),
    [("done", "abc", {"clips": 3}), ("failed", "abc", None), ("done", "other", None)],
)
def test_only_a_finished_run_of_the_same_is_finished(tmp_path, status, key, facts):
    write_record(str(tmp_path), {**DONE, "status": status})
    assert finished_facts(str(tmp_path), key) == facts


def test_a_folder_without_a_run_is_not_finished(tmp_path):
    assert finished_facts(str(tmp_path), "abc") is None


def test_a_run_that_could_not_read_a_file_is_not_finished(tmp_path):
    steps = {"sign": {"sources_open": 1}}
    write_record(str(tmp_path), {"status": "done", "key": "k", "facts": {"n": 1}, "steps": steps})
    assert finished_facts(str(tmp_path), "k") is None


@pytest.mark.parametrize(
    ("status", "said"),
    [("done", "finished run with other"), ("interrupted", "unfinished run with other")],
)
def test_what_is_replaced_is_said_with_what_differs(tmp_path, status, said):
    settings = {"eps": 0.1, "fields": ["a"], "output": "x"}
    write_record(str(tmp_path), {**DONE, "status": status, "settings": settings})
    line = replaced(str(tmp_path), {"eps": 0.2, "fields": ("a",), "output": "y", "new": 1})
    assert line is not None
    assert said in line
    assert "(eps 0.1, now 0.2)" in line


def test_the_same_again_replaces_nothing(tmp_path):
    write_record(str(tmp_path), {**DONE, "settings": {"eps": 0.1}})
    assert replaced(str(tmp_path), {"eps": 0.1}, key="abc") is None
    assert replaced(str(tmp_path / "gone"), {"eps": 0.1}, key="abc") is None


def test_a_secret_in_a_setting_is_not_said(tmp_path):
    write_record(str(tmp_path), {**DONE, "settings": {"input": "s3://b/old"}})
    line = replaced(str(tmp_path), {"input": "https://b/x?sig=abcdefgh"})
    assert line is not None
    assert "abcdefgh" not in line
