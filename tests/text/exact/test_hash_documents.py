"""Hashing: what is written for each block."""

import gzip
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import ipc
from text_toys import write_jsonl

from curator_engine.task import FileGroupTask
from curator_text.exact.hash_documents import HashDocuments
from curator_text.read.keep import KeepPolicy
from curator_text.read.order_keys import number_keys
from curator_text.removal.corpus import corpus_of

ROWS = [{"text": "b", "id": 1}, {"text": None, "id": 2}, {"text": "", "id": 3}, {"text": "b"}]


@pytest.fixture
def hashed(tmp):
    """A function that hashes a file and gives the corpus and the rows in their order."""

    def run(path, **settings):
        task = FileGroupTask(data=[path], task_id="s", _metadata={"file_index": 0, "name": "x"})
        results = list(HashDocuments(path=f"{tmp}/hash", **settings).process(task))
        for i, result in enumerate(results):
            result.task_id = f"s_{i}"
        corpus = corpus_of(f"{tmp}/hash", results)
        files = [f"{tmp}/hash/{block.task_id}.arrow" for block in corpus.blocks]
        tables = [ipc.open_file(pa.memory_map(file)).read_all() for file in files]
        return corpus, pa.concat_tables(table.sort_by("row") for table in tables)

    return run


def test_a_row_per_document_with_its_place(hashed, tmp):
    path = write_jsonl(f"{tmp}/x.jsonl", ROWS)
    corpus, rows = hashed(path)
    assert (corpus.blocks[0].documents, corpus.blocks[0].no_text) == (3, 1)
    assert rows.column("line").to_pylist() == [0, 2, 3]
    lines = Path(path).read_bytes()
    places = zip(rows["position"].to_pylist(), rows["length"].to_pylist(), strict=True)
    assert [json.loads(lines[p : p + n])["text"] for p, n in places] == ["b", "", "b"]


def test_rows_lie_in_the_order_of_hashes(hashed, tmp):
    path = write_jsonl(f"{tmp}/x.jsonl", [{"text": str(i)} for i in range(50)])
    corpus, _ = hashed(path)
    file = f"{tmp}/hash/{corpus.blocks[0].task_id}.arrow"
    high = ipc.open_file(pa.memory_map(file)).read_all().column("high").to_numpy()
    assert np.array_equal(high, np.sort(high))


def test_ids_of_lines_and_of_rows_are_texts(hashed, tmp):
    write_jsonl(f"{tmp}/x.jsonl", ROWS)
    pq.write_table(pa.Table.from_pylist(ROWS), f"{tmp}/x.parquet")
    for name in ("x.jsonl", "x.parquet"):
        _, rows = hashed(f"{tmp}/{name}", id_field="id")
        assert rows.column("id").to_pylist() == ["1", "3", None]


def test_longest_compares_characters_not_bytes(hashed, tmp):
    path = write_jsonl(f"{tmp}/x.jsonl", [{"text": "né文"}, {"text": "abcd"}])
    _, rows = hashed(path, keep=KeepPolicy(kind="longest"))
    assert rows.column("order").to_pylist() == number_keys(np.array([3, 4])).to_pylist()


def test_a_compressed_file_gives_the_same_rows(hashed, tmp):
    path = write_jsonl(f"{tmp}/x.jsonl", ROWS)
    _, plain = hashed(path)
    with gzip.open(f"{tmp}/x.jsonl.gz", "wb") as file:
        file.write("".join(json.dumps(row) + "\n" for row in ROWS).encode())
    _, packed = hashed(f"{tmp}/x.jsonl.gz")
    assert packed.equals(plain)
