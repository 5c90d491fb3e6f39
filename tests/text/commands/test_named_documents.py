"""Documents by the names that people give them."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import write_jsonl

from curator_engine.errors import InputError
from curator_text.commands.named_documents import check_is_there, coloured, meanings, row_of
from curator_text.removal.run_folder import RunFolder
from curator_text.report.text_diff import Piece


def test_a_name_is_an_id_or_a_place():
    assert [*meanings("a.jsonl:7")] == [
        {"id": "a.jsonl:7"},
        {"file": "a.jsonl", "row": 7},
    ]
    assert [*meanings("a:b")] == [{"id": "a:b"}]


def test_a_document_is_found_by_its_id_in_the_data(tmp_path):
    write_jsonl(tmp_path / "data/a.jsonl", [{"id": 5, "text": "x"}])
    folder = RunFolder(path=str(tmp_path), record={"settings": {"id_field": "id"}})
    check_is_there(folder, "5")
    with pytest.raises(InputError, match="give a value of the field 'id' or FILE:ROW"):
        check_is_there(folder, "6")


def test_the_row_of_a_converted_file_is_found_by_the_name_of_the_input(tmp_path):
    (tmp_path / "labels").mkdir()
    table = pa.table({"id": ["d7"], "file": ["a.csv.jsonl"], "row": [7]})
    pq.write_table(table, tmp_path / "labels/part.parquet")
    folder = RunFolder(path=str(tmp_path), record={})
    assert row_of(folder, "labels", ["id"], "a.csv:7") == (
        {"id": "d7", "file": "a.csv.jsonl", "row": 7},
        0,
    )
    with pytest.raises(InputError, match="give an id as in labels/, or FILE:ROW"):
        row_of(folder, "labels", ["id"], "a.csv:8")


def test_what_differs_is_marked_and_nothing_acts_on_the_terminal():
    assert coloured(Piece("deleted", "a\x1b[2J"), colours=False).startswith("[-a")
    assert "\x1b[2J" not in coloured(Piece("inserted", "a\x1b[2J"), colours=True)
