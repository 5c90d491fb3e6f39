"""Deciding about documents with repeated spans."""

import pyarrow.parquet as pq
from repeat_toys import substring_into
from text_toys import rows_of, sentence, table, write_jsonl


def test_a_document_of_which_white_space_is_left_goes(tmp_path):
    passage = sentence(1, words=30)
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": passage}, {"text": f" {passage}\n"}])
    substring_into(source, tmp_path / "out", min_bytes=100)
    assert len(rows_of(tmp_path / "out")) == 1
    [row] = table(tmp_path / "out", "removed")
    assert (row["row"], row["passages"]) == (1, 1)
    assert row["reason"] == f"{row['repeated']:.0%} of the text repeats"


def test_passages_of_documents_that_stay_whole_are_listed(tmp_path):
    passage = sentence(1, words=30)
    rows = [{"text": passage}, {"text": f"{sentence(2)} {passage}"}]
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    substring_into(source, tmp_path / "out", min_bytes=100, remove="documents")
    assert rows_of(tmp_path / "out") == rows
    assert len(table(tmp_path / "out", "passages")) == 1


def test_tables_of_a_source_that_is_done_again_are_written_once(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": sentence(1)}, {"text": sentence(1)}])
    cache = str(tmp_path / "cache")
    substring_into(source, tmp_path / "out", cache=cache)
    substring_into(source, tmp_path / "out", cache=cache, remove="documents")
    parts = list((tmp_path / "out/removed").iterdir())
    assert [pq.read_table(part).num_rows for part in parts] == [1]
