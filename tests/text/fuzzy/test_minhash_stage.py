"""Signature files, as NeMo Curator's first step writes them."""

import json
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import SettingsError
from curator_engine.resources import Resources
from curator_engine.stages.id_generator import create_id_generator_actor, kill_id_generator_actor
from curator_engine.task import FileGroupTask
from curator_text.fuzzy.minhash_stage import MinHash
from curator_text.signatures.minhash import signatures

minhash_stage_module: Any = import_module("curator_text.fuzzy.minhash_stage")
MinHashStage = minhash_stage_module.MinHashStage
GPUMinHash = minhash_stage_module.GPUMinHash

TEXTS = [
    "a text of more than twenty-four characters",
    "short",
    "",
    "another text of some length here",
]


@pytest.fixture
def ids():
    create_id_generator_actor()
    yield
    kill_id_generator_actor()


@pytest.mark.parametrize("kind", [list, pa.array, pd.Series])
def test_the_signatures_are_those_of_the_method_curator(kind):
    made = GPUMinHash(seed=7, num_hashes=12, char_ngrams=5, device="cpu").compute_minhashes(
        kind(TEXTS)
    )
    expected = signatures(pa.array(TEXTS), char_ngrams=5, num_hashes=12, seed=7, method="curator")
    assert made.type == pa.list_(pa.uint32())
    assert np.array_equal(np.array(made.to_pylist()), expected)


def test_a_missing_text_counts_as_an_empty_one():
    made = GPUMinHash(num_hashes=4, device="cpu").compute_minhashes([None, ""]).to_pylist()
    assert made[0] == made[1]


def test_the_seeds_are_drawn_as_there():
    seeds = GPUMinHash(num_hashes=3, seed=42).seeds
    draw = np.random.RandomState(42)
    first = [
        draw.randint(1, 2**31 - 1, dtype=np.uint32),
        draw.randint(0, 2**31 - 1, dtype=np.uint32),
    ]
    assert (seeds.shape, seeds.dtype, seeds[0].tolist()) == ((3, 2), np.uint32, first)


def test_what_is_64_bits_wide_is_not_offered(tmp_path):
    with pytest.raises(SettingsError, match="signatures are 32-bit"):
        MinHashStage(str(tmp_path), use_64bit_hash=True)
    with pytest.raises(SettingsError, match="only 32"):
        GPUMinHash(num_hashes=1).generate_seeds(bit_width=64)


def test_a_signer_of_ones_own_extends_the_base():
    class Lengths(MinHash):
        def compute_minhashes(self, text_series):
            return [len(text) for text in text_series]

    assert Lengths(num_hashes=1).compute_minhashes(["ab"]) == [2]


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_a_stage_that_is_called_by_hand_writes_ids_and_signatures(kind, ids, tmp_path):
    path = tmp_path / f"in.{kind}"
    rows = [{"content": text, "other": 1} for text in TEXTS]
    if kind == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    else:
        pq.write_table(pa.Table.from_pylist(rows), path)
    stage = MinHashStage(
        str(tmp_path / "cache"), "content", "sig", 5, 12, read_format=kind, device="cpu"
    )
    made = stage.process(FileGroupTask(data=[str(path)], dataset_name="d"))
    table = pq.read_table(made.data[0])
    assert made.data[0].startswith(str(tmp_path / "cache" / "MinHashStage"))
    assert table.column("_curator_dedup_id").to_pylist() == [0, 1, 2, 3]
    expected = signatures(pa.array(TEXTS), char_ngrams=5, num_hashes=12, method="curator")
    assert np.array_equal(np.array(table.column("sig").to_pylist()), expected)
    assert (made._metadata["minhash_field"], made._metadata["num_hashes"]) == ("sig", 12)
    assert made.dataset_name == "d_minhash"


def test_called_twice_by_hand_it_leaves_two_files(ids, tmp_path):
    stage = MinHashStage(str(tmp_path / "cache"), num_hashes=4, device="cpu")
    for n in range(2):
        (tmp_path / f"{n}.jsonl").write_text(json.dumps({"text": f"text {n}"}), encoding="utf-8")
        stage.process(FileGroupTask(data=[str(tmp_path / f"{n}.jsonl")]))
    table: Any = pq.read_table(tmp_path / "cache" / "MinHashStage")
    assert sorted(table.column("_curator_dedup_id").to_pylist()) == [0, 1]


def test_settings_of_the_stage_are_for_the_signing(ids, tmp_path):
    stage = MinHashStage(str(tmp_path)).with_(resources=Resources(gpus=0.5))
    assert [each.resources.gpus for each in stage.flatten()] == [0.0, 0.0, 0.5]


def test_without_an_id_generator_it_says_what_to_call(tmp_path):
    with pytest.raises(SettingsError, match=r"call create_id_generator_actor\(\) first"):
        MinHashStage(str(tmp_path)).decompose()


def test_another_format_is_named(tmp_path):
    with pytest.raises(SettingsError, match="read_format='csv' is neither jsonl nor parquet"):
        MinHashStage(str(tmp_path), read_format="csv")
