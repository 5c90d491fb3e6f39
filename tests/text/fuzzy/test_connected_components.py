"""Screening and partitions."""

from pathlib import Path

import numpy as np
import pytest
from text_toys import corpus, deduplicate, write_corpus

from curator_engine.task import EmptyTask
from curator_text.fuzzy.buckets import BandTask, FillBuckets
from curator_text.fuzzy.connected_components import JoinPairs, partition_file, screening_cut
from curator_text.removal.array_files import load_arrays


def test_the_cut_is_four_standard_errors_below_the_threshold():
    assert screening_cut(0.8, 256) == pytest.approx(0.8 - 4 * 0.025)


def test_a_few_pairs_at_a_time_give_the_same_components(tmp_path):
    source, cache = write_corpus(tmp_path / "in", corpus()), str(tmp_path / "cache")
    deduplicate(source, tmp_path / "out", cache_path=cache)
    fill = FillBuckets(cache=cache, corpus_key="", max_bucket=64, pairs_at_a_time=3)
    runs = [run for k in range(4) for run in fill.process(BandTask(data=k)).data]
    found = []
    for few in (1 << 22, 5):
        stage = JoinPairs(
            cache=cache,
            corpus_key="",
            runs=runs,
            min_agreement=0.7,
            partition_bytes=500,
            pairs_at_a_time=few,
        )
        facts = stage.process(EmptyTask())._metadata
        files = range(facts["partitions"])
        found.append((facts, [load_arrays(f"{cache}/{partition_file(p)}") for p in files]))
    (facts, whole), (again, parts) = found
    assert facts == again
    assert facts["pairs"] > 20
    assert facts["partitions"] > 3
    for one, other in zip(whole, parts, strict=True):
        assert all(np.array_equal(one[name], other[name]) for name in one)
    assert not Path(cache, "screened").exists()


def test_a_component_is_never_split_between_partitions(tmp_path):
    source = write_corpus(tmp_path / "in", corpus())
    deduplicate(source, tmp_path / "out", cache_path=str(tmp_path / "cache"), partition_bytes=500)
    files = sorted((tmp_path / "cache/components").iterdir())
    parts = [load_arrays(str(file)) for file in files]
    members = [rank for part in parts for rank in part["rank"].tolist()]
    assert len(parts) > 3
    assert len(members) == len(set(members)) > len(parts)
    assert all(part["root"].max() < len(part["rank"]) for part in parts)
