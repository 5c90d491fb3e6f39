"""Folders of ours from before there were manifests."""

import json

import pytest

from curator_engine.files.earlier import earlier_run

RECORD = {"job": "toy", "version": "0.0.9", "status": "done"}


def run(folder, record):
    (folder / "data").mkdir()
    for name in ("data/a.txt", "data/diary.doc", "notes"):
        (folder / name).write_text(name, encoding="utf-8")
    (folder / "run.json").write_text(record, encoding="utf-8")
    return earlier_run(str(folder), [r"data/\w+\.txt"])


def test_a_run_is_known_by_its_record_and_its_files_by_their_names(tmp_path):
    found = run(tmp_path, json.dumps(RECORD))
    assert (found.job, found.version, sorted(found.names)) == (
        "toy",
        "0.0.9",
        ["data/a.txt", "run.json"],
    )


@pytest.mark.parametrize("record", ["{}", "[]", "no JSON", '{"job": "toy"}'])
def test_another_programs_record_is_no_run_of_ours(tmp_path, record):
    assert run(tmp_path, record) is None


def test_a_folder_without_a_record_is_no_run(tmp_path):
    assert earlier_run(str(tmp_path), [".*"]) is None
