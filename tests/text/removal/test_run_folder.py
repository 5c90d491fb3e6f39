"""What can be read of a finished run."""

import json
from pathlib import Path

import pytest
from text_toys import corpus, deduplicate, table, write_corpus

from curator_engine.errors import InputError
from curator_text.removal.run_folder import open_run


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    deduplicate(write_corpus(folder / "in", corpus(12)), folder / "out", id_field="id")
    return folder / "out"


def test_a_folder_without_a_record_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"holds no run\.json; give the output folder of a run"):
        open_run(str(tmp_path))


@pytest.mark.parametrize("text", ["{half", "[]"])
def test_a_damaged_record_is_refused(tmp_path, text):
    (tmp_path / "run.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"run\.json is not"):
        open_run(str(tmp_path))


def test_rows_are_found_by_value_and_counted(out):
    row = table(out, "removed")[0]
    rows, count = open_run(str(out)).find("removed", ["kept_id"], limit=1, id=row["id"])
    assert (rows[0]["kept_id"], count) == (row["kept_id"], 1)


def test_more_rows_than_the_limit_are_counted_only(out):
    rows, count = open_run(str(out)).find("removed", ["id"], limit=1, file="0.jsonl")
    assert len(rows) == 1
    assert count == sum(row["file"] == "0.jsonl" for row in table(out, "removed"))


def test_a_column_that_a_table_lacks_is_left_out(out):
    batch = next(open_run(str(out)).batches("removed", ["id", "colour"]))
    assert batch.column_names == ["id"]


def test_a_table_that_is_absent_has_no_rows(out):
    assert open_run(str(out)).count("sources.parquet") == 0


def test_an_input_file_is_known_by_its_name(out):
    file = open_run(str(out)).input_file("0.jsonl")
    assert file is not None
    assert Path(file.path) == out.parent / "in/0.jsonl"


def test_without_a_table_of_files_the_input_is_listed_again(out, tmp_path):
    record = json.loads((out / "run.json").read_text())
    (tmp_path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    file = open_run(str(tmp_path)).input_file("1.jsonl")
    assert file is not None
    assert (Path(file.path), file.stamp) == (out.parent / "in/1.jsonl", "")


def test_an_unknown_input_file_is_none(out):
    assert open_run(str(out)).input_file("gone.jsonl") is None
