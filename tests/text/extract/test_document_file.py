"""Files of documents."""

import json
import pathlib

import pyarrow.parquet as pq
import pytest

from curator_text.extract import document_file
from curator_text.extract.document_file import DocumentFile


def document(n):
    return {"id": str(n), "text": f"text {n}", "links": [], "record": n}


@pytest.fixture(autouse=True)
def in_pieces(monkeypatch):
    monkeypatch.setattr(document_file, "_ROWS_AT_A_TIME", 2)


def test_lines_keep_the_fields_of_rows(ours):
    with DocumentFile(path=f"{ours}/a.jsonl", output_format="jsonl", has_fields=True) as file:
        for n in range(3):
            file.add(document(n), {"score": n, "id": "old", "raw": b"x"})
    with pathlib.Path(f"{ours}/a.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    assert [(row["id"], row["score"], row["raw"]) for row in rows] == [
        ("0", 0, "x"),
        ("1", 1, "x"),
        ("2", 2, "x"),
    ]


def test_tables_have_other_fields_as_json(ours):
    with DocumentFile(path=f"{ours}/a.parquet", output_format="parquet", has_fields=True) as file:
        for n in range(3):
            file.add(document(n), {"score": n})
    table = pq.read_table(f"{ours}/a.parquet")
    assert table.column_names == ["id", "text", "links", "record", "fields"]
    assert table.column("fields").to_pylist() == ['{"score": 0}', '{"score": 1}', '{"score": 2}']


def test_without_documents_there_is_no_file(ours, tmp_path):
    with DocumentFile(path=f"{ours}/a.jsonl", output_format="jsonl") as file:
        pass
    assert not file.is_written
    assert not list(tmp_path.rglob("*.jsonl"))


def test_a_file_that_fails_leaves_nothing(ours, tmp_path):
    with (
        pytest.raises(ZeroDivisionError),
        DocumentFile(path=f"{ours}/a.jsonl", output_format="jsonl") as file,
    ):
        for n in range(3):
            file.add(document(n), {})
        raise ZeroDivisionError
    assert not list(tmp_path.rglob("*.jsonl*"))
