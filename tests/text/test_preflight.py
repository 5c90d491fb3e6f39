"""What is looked at before a run."""

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import corpus, sentence, write_corpus, write_invalid_parquet, write_jsonl

from curator_engine.errors import InputError
from curator_engine.storage import list_files
from curator_text.preflight import check_text_field, estimate, kernel_notice, sample_texts


def listed(folder):
    return list_files([str(folder)], extensions=[".jsonl", ".parquet"])


def test_one_file_with_the_field_is_enough(tmp_path):
    write_jsonl(tmp_path / "a.jsonl", [{"body": "x"}])
    pq.write_table(pa.table({"text": ["x"]}), tmp_path / "b.parquet")
    check_text_field(listed(tmp_path), "text")


def test_the_fields_that_there_are_are_named(tmp_path):
    write_jsonl(tmp_path / "a.jsonl", [{"body": "x", "n": 1}])
    with pytest.raises(InputError, match=r"none of the 1 files; the fields are body, n"):
        check_text_field(listed(tmp_path), "text")


def test_unreadable_files_are_left_to_the_run(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"nonsense")
    check_text_field(listed(tmp_path), "text")


def test_an_estimate_counts_documents_from_a_sample(tmp_path):
    rows = corpus()
    write_corpus(tmp_path, rows)
    guess = estimate(listed(tmp_path), text_field="text", num_bands=20, num_hashes=260, workers=2)
    assert (guess.files, guess.documents) == (3, len(rows))
    assert guess.disk_bytes > guess.input_bytes


def test_a_sample_has_no_texts_that_are_no_utf8(tmp_path):
    texts, _ = sample_texts(write_invalid_parquet(tmp_path / "x.parquet", "text"), "text")
    assert texts.to_pylist() == [sentence(0), sentence(1), sentence(2)]


def test_documents_of_an_index_take_memory(tmp_path):
    write_corpus(tmp_path, corpus())
    files = listed(tmp_path)
    how: dict[str, Any] = {"text_field": "text", "num_bands": 20, "num_hashes": 260, "workers": 1}
    alone, with_index = (estimate(files, **how, indexed=n) for n in (0, 10**9))
    assert with_index.memory_bytes - alone.memory_bytes == 60 * 10**9


def test_compiled_kernels_need_no_notice():
    assert kernel_notice() is None
