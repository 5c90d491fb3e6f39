"""The record of a run: read back as written, refused where it is none."""

import pytest

from curator_engine.errors import InputError
from curator_engine.running.run_record import (
    Wanted,
    finished_facts,
    read_record,
    replaced,
    write_record,
)

WANTED = Wanted(settings={"eps": 0.1}, defaults={"eps": 0.1}, files=["a.jsonl 1"])
DONE = {"status": "done", "key": WANTED.key, "facts": {"clips": 3}, "settings": {"eps": 0.1}}


def wanted(files=("a.jsonl 1",), defaults=(), **settings):
    """What a later version wants, which knows the setting `mark`."""
    defaults = {"eps": 0.1, "mark": False, **dict(defaults)}
    return Wanted(settings={**defaults, **settings}, defaults=defaults, files=files)


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
    ("record", "facts"),
    [({}, {"clips": 3}), ({"status": "failed"}, None), ({"key": "other"}, None)],
)
def test_only_a_finished_run_of_the_same_is_finished(tmp_path, record, facts):
    write_record(str(tmp_path), {**DONE, **record})
    assert finished_facts(str(tmp_path), WANTED) == facts


@pytest.mark.parametrize(
    ("later", "is_finished"),
    [
        (wanted(), True),
        (wanted(mark=True), False),
        (wanted(eps=0.2), False),
        (wanted(files=["a.jsonl 2"]), False),
        (wanted(defaults={"eps": 0.3}), False),
    ],
    ids=["new at its default", "new and given", "changed", "other input", "other default"],
)
def test_a_setting_that_is_new_counts_as_its_default(tmp_path, later, is_finished):
    write_record(str(tmp_path), DONE)
    assert (finished_facts(str(tmp_path), later) is not None) == is_finished
    assert (replaced(str(tmp_path), later.settings, wanted=later) is None) == is_finished


def test_a_folder_that_was_moved_is_as_finished_as_before(tmp_path):
    before, after = (wanted(output=where) for where in ("a", "b"))
    write_record(str(tmp_path), {**DONE, "settings": before.settings, "key": before.key})
    assert finished_facts(str(tmp_path), after) is not None


@pytest.mark.parametrize("obsolete", [frozenset(), frozenset({"mark"})])
def test_a_setting_that_is_gone_counts_unless_it_never_had_an_effect(tmp_path, obsolete):
    write_record(str(tmp_path), {**DONE, "settings": wanted().settings, "key": wanted().key})
    now = Wanted(settings={"eps": 0.1}, defaults={}, files=["a.jsonl 1"], obsolete=obsolete)
    assert (finished_facts(str(tmp_path), now) is not None) == bool(obsolete)


def test_a_folder_without_a_run_is_not_finished(tmp_path):
    assert finished_facts(str(tmp_path), WANTED) is None


def test_a_run_that_could_not_read_a_file_is_not_finished(tmp_path):
    steps = {"sign": {"sources_open": 1}}
    write_record(str(tmp_path), {**DONE, "steps": steps})
    assert finished_facts(str(tmp_path), WANTED) is None


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
    write_record(str(tmp_path), DONE)
    assert replaced(str(tmp_path), {"eps": 0.1}, wanted=WANTED) is None
    assert replaced(str(tmp_path / "gone"), {"eps": 0.1}, wanted=WANTED) is None


def test_a_secret_in_a_setting_is_not_said(tmp_path):
    write_record(str(tmp_path), {**DONE, "settings": {"input": "s3://b/old"}})
    line = replaced(str(tmp_path), {"input": "https://b/x?sig=abcdefgh"})
    assert line is not None
    assert "abcdefgh" not in line
