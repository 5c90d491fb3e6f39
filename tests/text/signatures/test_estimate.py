"""What a run is expected to take."""

import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import corpus, sentence, write_corpus

from curator_engine.files.listing import list_files
from curator_text.signatures.estimate import estimate


def estimated(folder, **how):
    files = list_files([str(folder)], extensions=[".jsonl", ".parquet", ".jsonl.gz", ".jsonl.zst"])
    settings: dict[str, Any] = {"method": "fast", "workers": 2, "num_bands": 20, "num_hashes": 260}
    return estimate(files, text_field="text", **{**settings, **how})


def test_an_estimate_counts_documents_from_a_sample(tmp_path):
    rows = corpus()
    write_corpus(tmp_path, rows)
    guess = estimated(tmp_path)
    assert (guess.files, guess.documents) == (3, len(rows))
    assert guess.disk_bytes > guess.input_bytes


@pytest.mark.parametrize("ending", [".jsonl.gz", ".jsonl.zst", ".parquet"])
def test_an_estimate_of_compressed_files_is_for_what_is_in_them(tmp_path, ending):
    rows = [{"text": sentence(k, words=200)} for k in range(2000)]
    if ending == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet", row_group_size=300)
    else:
        with pa.output_stream(tmp_path / f"a{ending}") as file:
            file.write("".join(json.dumps(row) + "\n" for row in rows).encode())
    assert 1500 < estimated(tmp_path).documents < 2700


def test_a_parquet_file_without_rows_is_no_hindrance(tmp_path):
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "a.parquet")
    assert estimated(tmp_path).documents == 0


def test_an_estimate_is_for_no_more_documents_than_are_read(tmp_path):
    write_corpus(tmp_path, corpus())
    few, all_ = estimated(tmp_path, limit=3), estimated(tmp_path)
    assert few.documents == 3
    assert few.disk_bytes < all_.disk_bytes


def test_a_limit_of_memory_is_what_a_run_takes(tmp_path):
    write_corpus(tmp_path, corpus())
    assert estimated(tmp_path, memory=10**9).memory_bytes == 10**9
