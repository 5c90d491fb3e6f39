"""Documents in and out, by the names of NeMo Curator's documents."""

import json
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_text import DocumentBatch, JsonlReader, JsonlWriter, ParquetReader, ParquetWriter

LINES = ['{"text": "a", "n": 1.50}', '{"n": 2, "text": "b", "more": [1]}', '{"text": "ü"}']


def run(*stages):
    return Pipeline("test", stages=list(stages)).run(LocalExecutor())


def test_lines_come_back_byte_for_byte(tmp_path):
    (tmp_path / "in.jsonl").write_text("\n".join(LINES) + "\n", encoding="utf-8")
    [task] = run(
        JsonlReader(file_paths=str(tmp_path / "in.jsonl")), JsonlWriter(path=str(tmp_path / "out"))
    )
    with pathlib.Path(task.data[0]).open(encoding="utf-8") as file:
        assert file.read().splitlines() == LINES


def test_a_large_file_is_cut_and_keeps_its_order(tmp_path):
    rows = [{"text": "x" * 100, "n": n} for n in range(100)]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "in.jsonl").write_text(text, encoding="utf-8")
    batches = run(JsonlReader(file_paths=str(tmp_path), blocksize=1000))
    assert len(batches) > 5
    assert [n for batch in batches for n in batch.data.column("n").to_pylist()] == list(range(100))


def test_a_reader_gives_document_batches(tmp_path):
    pq.write_table(pa.table({"text": ["a", "b"], "n": [1, 2]}), tmp_path / "in.parquet")
    [batch] = run(ParquetReader(file_paths=str(tmp_path), fields=["text"]))
    assert isinstance(batch, DocumentBatch)
    assert (batch.num_items, batch.get_columns()) == (2, ["text"])


def test_files_per_partition_groups_whole_files(tmp_path):
    for k in range(4):
        (tmp_path / f"{k}.jsonl").write_text('{"text": "a"}\n', encoding="utf-8")
    reader = JsonlReader(file_paths=str(tmp_path), files_per_partition=2)
    groups = run(reader.decompose()[0])
    assert [len(group.data) for group in groups] == [2, 2]


def test_parquet_comes_back_equal(tmp_path):
    table = pa.table({"text": ["a", None], "n": [1, 2]})
    pq.write_table(table, tmp_path / "in.parquet")
    [task] = run(
        ParquetReader(file_paths=str(tmp_path / "in.parquet")),
        ParquetWriter(path=str(tmp_path / "out")),
    )
    assert pq.read_table(task.data[0]).equals(table)
