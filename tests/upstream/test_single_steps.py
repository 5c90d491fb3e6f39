"""Deduplication step by step, as NeMo Curator's tutorials and benchmarks put its stages together."""

import json
from importlib import import_module
from typing import Any

import pyarrow.parquet as pq
import pytest

import curator_engine.compat
from curator_engine.executors.local import LocalExecutor

assert curator_engine.compat.INSTALLED
DEDUP = "nemo_curator.stages.deduplication"
Pipeline: Any = import_module("nemo_curator.pipeline").Pipeline
Listing: Any = import_module("nemo_curator.stages.file_partitioning").FilePartitioningStage
MinHashStage: Any = import_module(f"{DEDUP}.fuzzy.minhash").MinHashStage
LSHStage: Any = import_module(f"{DEDUP}.fuzzy.lsh.stage").LSHStage
Edges: Any = import_module(f"{DEDUP}.fuzzy.buckets_to_edges").BucketsToEdgesStage
Components: Any = import_module(f"{DEDUP}.fuzzy.connected_components").ConnectedComponentsStage
Identify: Any = import_module(f"{DEDUP}.fuzzy.identify_duplicates").IdentifyDuplicatesStage
Exact: Any = import_module(f"{DEDUP}.exact.identification").ExactDuplicateIdentification
ids: Any = import_module(f"{DEDUP}.id_generator")
removal: Any = import_module("nemo_curator.stages.text.deduplication")

WORDS = "the quick brown fox jumps over a lazy dog while eleven grey geese watch from the hill"
COPIES = {1: 0, 6: 0, 7: 5}
"""Documents that are copies, and of which."""
EXECUTORS = {"one worker": {}, "two workers": {"workers": 2}}


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    """Three files of three documents; the present folder is where the steps write."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "corpus").mkdir()
    texts = [f"{n} {WORDS[n:]} {n * 7919} {WORDS[::-1][n * 3 :]} {n}" * (n + 1) for n in range(9)]
    for f in range(3):
        rows = [{"n": n, "text": texts[COPIES.get(n, n)]} for n in range(3 * f, 3 * f + 3)]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / "corpus" / f"f{f}.jsonl").write_text(lines, encoding="utf-8")
    ids.create_id_generator_actor()
    yield tmp_path
    ids.kill_id_generator_actor()


@pytest.mark.parametrize("options", EXECUTORS.values(), ids=list(EXECUTORS))
def test_the_fuzzy_steps_end_with_the_ids_of_the_copies(options, corpus):
    def run(*stages, tasks=None):
        return Pipeline("p", stages=list(stages)).run(LocalExecutor(options), initial_tasks=tasks)

    run(
        Listing(file_paths="corpus", file_extensions=[".jsonl"], blocksize="1KiB"),
        MinHashStage(output_path="cache", text_field="text", num_hashes=260, read_format="jsonl"),
    )
    buckets = run(
        Listing(file_paths="cache/MinHashStage", file_extensions=[".parquet"], blocksize="2GiB"),
        LSHStage(num_bands=20, minhashes_per_band=13, output_path="cache", bands_per_iteration=20),
    )
    some = [task for task in buckets if task._metadata.get("num_docs", 0) > 0]
    run(
        Edges(output_path="cache"),
        Components(output_path="cache"),
        Identify(output_path="out", rmm_pool_size="auto", spill_memory_limit="auto"),
        tasks=some,
    )
    gone: list[Any] = pq.read_table("out/FuzzyDuplicateIds").column("_curator_dedup_id").to_pylist()
    assert sorted(gone) == sorted(COPIES)
    ids.write_id_generator_to_disk("out/ids.json")
    assert json.loads((corpus / "out" / "ids.json").read_text("utf-8"))["next_id"] == 9


def test_what_the_exact_step_finds_is_removed_by_the_workflow(corpus):
    step = Exact(text_field="text", output_path="out", input_filetype="jsonl")
    Pipeline("p", stages=[Listing("corpus"), step]).run(LocalExecutor())
    ids.write_id_generator_to_disk("ids.json")
    done = removal.TextDuplicatesRemovalWorkflow(
        input_path="corpus",
        ids_to_remove_path="out/ExactDuplicateIds",
        output_path="clean",
        input_filetype="jsonl",
        output_filetype="jsonl",
        duplicate_id_field=ids.CURATOR_DEDUP_ID_STR,
        id_generator_path="ids.json",
    ).run(LocalExecutor())
    assert done.metadata["num_duplicates_removed"] == len(COPIES)
