"""Semantic deduplication in two steps, and workflows on storage that needs options."""

import json
import os
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from text_toys import write_corpus
from vector_toys import near_duplicates, write_embeddings

import curator_engine.compat
from curator_engine.executors.local import LocalExecutor

assert curator_engine.compat.INSTALLED
semantic: Any = import_module("nemo_curator.stages.deduplication.semantic")
Pipeline: Any = import_module("nemo_curator.pipeline").Pipeline
text: Any = import_module("nemo_curator.stages.text.deduplication")
exact: Any = import_module("nemo_curator.stages.deduplication.exact")
NUMBER = import_module("nemo_curator.stages.deduplication.id_generator").CURATOR_DEDUP_ID_STR

WORDS = "the quick brown fox jumps over a lazy dog while eleven grey geese watch from the hill"
COPIES = {5: 0, 7: 2}


def documents():
    texts = [f"{n * 7919} {WORDS[n:]} {n * 104729} {WORDS[: 60 - n]}" for n in range(9)]
    return [{"id": 100 + n, "text": texts[COPIES.get(n, n)]} for n in range(9)]


@pytest.fixture
def corpus(tmp_path):
    return write_corpus(tmp_path / "corpus", documents())


def find(corpus, out, **options):
    return text.TextSemanticDeduplicationWorkflow(
        input_path=corpus,
        output_path=str(out),
        model_identifier="fingerprint",
        n_clusters=1,
        eps=0.001,
        which_to_keep="hard",
        keep="first",
        perform_removal=False,
        input_filetype="jsonl",
        **options,
    ).run(LocalExecutor())


def remove(corpus, out, **options):
    removed = text.TextDuplicatesRemovalWorkflow(
        input_path=corpus,
        ids_to_remove_path=str(out / "duplicates"),
        output_path=str(out / "deduplicated"),
        input_filetype="jsonl",
        output_filetype="jsonl",
        **options,
    ).run(LocalExecutor())
    lines = [
        json.loads(line)
        for path in Path(out, "deduplicated/data").rglob("*.jsonl")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return removed.metadata["num_duplicates_removed"], sorted(row["id"] for row in lines)


LEFT = [100 + n for n in range(9) if n not in COPIES]


def test_ids_of_the_input_are_written_and_removed(corpus, tmp_path):
    find(corpus, tmp_path / "out", id_field="id")
    table = pq.read_table(tmp_path / "out/duplicates")
    assert table.to_pydict() == {"id": [105, 107]}
    assert remove(corpus, tmp_path / "out", id_field="id") == (2, LEFT)


def test_numbers_by_file_and_row_are_written_with_their_ranges(corpus, tmp_path):
    facts = find(corpus, tmp_path / "out", use_id_generator=True).metadata
    ranges = facts["id_generator_path"]
    assert ranges == str(tmp_path / "out/semantic_id_generator.json")
    given = {"id_field": NUMBER, "id_generator_path": ranges, "drop_id_field": True}
    assert remove(corpus, tmp_path / "out", **given) == (2, LEFT)


def test_with_removal_nothing_is_written_for_a_second_step(corpus, tmp_path):
    workflow = text.TextSemanticDeduplicationWorkflow(
        input_path=corpus,
        output_path=str(tmp_path / "out"),
        model_identifier="fingerprint",
        n_clusters=1,
        input_filetype="jsonl",
    )
    workflow.run(LocalExecutor())
    assert not (tmp_path / "out/duplicates").exists()


def test_the_steps_run_by_hand_as_stages(tmp_path):
    vectors = near_duplicates(originals=60, copies=30)
    write_embeddings(tmp_path / "vectors", vectors)
    kmeans, pairs, out = (str(tmp_path / name) for name in ("kmeans", "pairs", "out"))
    where = str(tmp_path / "vectors"), kmeans
    Pipeline("kmeans", stages=[semantic.KMeansStage(2, "id", "embeddings", *where)]).run(
        LocalExecutor()
    )
    compare = semantic.PairwiseStage("id", "embeddings", kmeans, pairs)
    identify = semantic.IdentifyDuplicatesStage(out, 0.01)
    Pipeline("pairs", stages=[compare, identify]).run(LocalExecutor())
    by_hand: list[Any] = pq.read_table(out).column("id").to_pylist()
    semantic.SemanticDeduplicationWorkflow(where[0], str(tmp_path / "w"), 2, eps=0.01).run()
    assert sorted(by_hand) == pq.read_table(tmp_path / "w/duplicates").column("id").to_pylist()
    assert by_hand


def test_options_of_storage_reach_every_process_of_a_workflow(tmp_path, bucket, monkeypatch):
    import s3fs

    write_corpus(tmp_path / "corpus", documents())
    s3fs.S3FileSystem().put(f"{tmp_path}/corpus/", f"{bucket}/dedup/in/", recursive=True)
    options: dict[str, Any] = {"key": "test", "secret": "s3cret"}
    options["client_kwargs"] = {"endpoint_url": os.environ["AWS_ENDPOINT_URL"]}
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name)
    s3fs.S3FileSystem.clear_instance_cache()
    kwargs = {"storage_options": options}
    workflow = exact.ExactDeduplicationWorkflow(
        input_path=f"{bucket}/dedup/in",
        output_path=f"{bucket}/dedup/out",
        input_filetype="jsonl",
        text_field="text",
        perform_removal=False,
        read_kwargs=kwargs,
        write_kwargs=kwargs,
    )
    assert "s3cret" not in repr(workflow)
    assert workflow.run(executor=LocalExecutor({"workers": 2})).metadata["num_duplicates"] == 2
    kept: Any = s3fs.S3FileSystem(**options).cat_file("bucket/dedup/out/run.json")
    assert b"s3cret" not in kept
