"""Ranks and numbers of documents, and the buckets of a band."""

from pathlib import Path

import numpy as np
import pytest
from text_toys import corpus, deduplicate, write_corpus

from curator_text.fuzzy.buckets import BandTask, FillBuckets, in_part, numbers_of
from curator_text.fuzzy.pair_files import read_rows
from curator_text.removal.array_files import load_arrays, save_arrays


def test_ranks_lead_back_to_numbers():
    rank = np.array([2, 0, 1])
    assert numbers_of(np.array([0, 1, 2]), rank).tolist() == [1, 2, 0]


def test_without_a_policy_ranks_are_numbers():
    assert numbers_of(np.array([5, 3]), np.empty(0, np.int64)).tolist() == [5, 3]


def test_arrays_are_read_back_as_they_were_written(tmp):
    save_arrays(f"{tmp}/x.npz", {"a": np.arange(3), "b": np.empty(0)})
    assert {name: array.tolist() for name, array in load_arrays(f"{tmp}/x.npz").items()} == {
        "a": [0, 1, 2],
        "b": [],
    }


@pytest.mark.parametrize("parts", [1, 2, 3, 7])
def test_every_key_is_of_exactly_one_part(parts):
    edges = [part * (1 << 64) // parts for part in range(parts)]
    keys = np.array([0, 1, (1 << 64) - 1, *edges, *(e - 1 for e in edges[1:])], np.uint64)
    chosen = [in_part(keys, part, parts) for part in range(parts)]
    assert np.sum(chosen, axis=0).tolist() == [1] * len(keys)


def pairs_of(cache, **part):
    stage = FillBuckets(cache=cache, corpus_key="", max_bucket=64)
    return set(coded_pairs(stage, BandTask(data=0, **part)))


def coded_pairs(stage, task):
    found = stage.process(task)
    runs = found.data[: found._metadata["runs"]]
    return [pair for run in runs for pair in read_rows(run, np.int64).tolist()]


def test_bands_together_give_the_pairs_of_each(tmp_path):
    source, cache = write_corpus(tmp_path / "in", corpus()), str(tmp_path / "cache")
    deduplicate(source, tmp_path / "out", cache_path=cache)
    stage = FillBuckets(cache=cache, corpus_key="", max_bucket=64)
    tasks = [BandTask(data=1), BandTask(data=2), BandTask(data=1, bands=2)]
    one, two, both = (coded_pairs(stage, task) for task in tasks)
    assert sorted({*one, *two}) == both
    assert len(both) > 5


def test_few_pairs_at_a_time_make_more_runs_with_the_same_pairs(tmp_path):
    source, cache = write_corpus(tmp_path / "in", corpus()), str(tmp_path / "cache")
    deduplicate(source, tmp_path / "out", cache_path=cache)
    whole = pairs_of(cache)
    stage = FillBuckets(cache=cache, corpus_key="", max_bucket=64, pairs_at_a_time=2)
    assert sorted(coded_pairs(stage, BandTask(data=0))) == sorted(whole)
    assert stage.process(BandTask(data=0))._metadata["runs"] > 2


def test_small_parts_of_a_band_give_the_pairs_of_the_whole(tmp_path):
    source, cache = write_corpus(tmp_path / "in", corpus()), str(tmp_path / "cache")
    deduplicate(source, tmp_path / "out", cache_path=cache)
    whole = pairs_of(cache)
    parts = [pairs_of(cache, part=k, parts=5) for k in range(5)]
    assert len(whole) > 5
    assert whole == set.union(*parts)
    assert len(whole) == sum(map(len, parts))
    assert len(list(Path(cache, "pairs").glob("band0-*-of-5.0.int64"))) > 1
