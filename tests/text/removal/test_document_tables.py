"""Rows of documents: what they are called, and how they are written."""

import pyarrow.parquet as pq
from filter_toys import ROWS, filter_into
from text_toys import table, write_corpus


def test_a_document_without_an_id_is_called_by_its_place(tmp_path):
    rows = [{**row, "id": None} if i % 2 else row for i, row in enumerate(ROWS)]
    source = write_corpus(tmp_path / "in", rows, files=2)
    filter_into(source, tmp_path / "out", id_field="id")
    names = [row["id"] for row in table(tmp_path / "out", "scores")]
    assert names[:4] == ["d0", "0.jsonl:1", "d2", "0.jsonl:3"]
    assert names[31] == "1.jsonl:1"


def test_a_block_is_one_row_group(tmp_path):
    source = write_corpus(tmp_path / "in", ROWS, files=1)
    filter_into(source, tmp_path / "out")
    [part] = (tmp_path / "out/scores").iterdir()
    assert pq.ParquetFile(part).num_row_groups == 1
