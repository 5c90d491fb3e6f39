"""Bands, buckets, crowds and components, against brute force."""

import itertools
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator_engine.errors import SettingsError
from curator_text.fuzzy.lsh import (
    agreement,
    band_keys,
    bucket_pairs,
    candidate_probability,
    choose_bands,
    components,
    crowded_pairs,
    may_repeat,
)


def pairs(left, right):
    return set(zip(left.tolist(), right.tolist(), strict=True))


@pytest.mark.parametrize("threshold", [0.5, 0.6, 0.7, 0.8, 0.9, 0.95])
@pytest.mark.parametrize("recall", [0.9, 0.99, 0.999])
def test_chosen_bands_reach_the_recall(threshold, recall):
    bands, rows = choose_bands(threshold, recall)
    assert bands * rows <= 260
    assert (
        candidate_probability(threshold, num_bands=bands, minhashes_per_band=rows) >= recall - 1e-9
    )


def test_more_false_candidates_are_not_chosen_for_nothing():
    assert choose_bands(0.8, 0.995) == (29, 8)


def test_a_recall_out_of_reach_is_refused():
    with pytest.raises(
        SettingsError, match=r"no bands within 20 hashes find pairs at 0\.1 with recall 0\.99"
    ):
        choose_bands(0.1, 0.99, max_hashes=20)


@pytest.mark.parametrize(("threshold", "recall"), [(0, 0.5), (1, 0.5), (0.5, 0), (0.5, 1)])
def test_values_out_of_range_are_refused(threshold, recall):
    with pytest.raises(SettingsError, match="must be between 0 and 1"):
        choose_bands(threshold, recall)


def test_documents_share_a_key_if_they_agree_in_the_band():
    signed = np.array([[1, 2, 3, 4], [1, 2, 9, 9], [2, 1, 3, 4]], np.uint32)
    keys = band_keys(signed, num_bands=2, minhashes_per_band=2)
    assert keys[0, 0] == keys[0, 1] != keys[0, 2]
    assert keys[1, 0] == keys[1, 2] != keys[1, 1]


def test_too_few_rows_for_the_bands_are_refused():
    with pytest.raises(ValueError, match="do not fill 2 x 3 rows"):
        band_keys(np.zeros((1, 4), np.uint32), num_bands=2, minhashes_per_band=3)


@given(st.lists(st.integers(0, 6), max_size=30), st.integers(1, 8), st.randoms())
def test_buckets_give_all_pairs_and_crowds_a_star(keys, max_bucket, random):
    ids = list(range(100, 100 + len(keys)))
    random.shuffle(ids)
    ((left, right, crowded),) = bucket_pairs(
        np.array(keys, np.uint64), np.array(ids, np.int64), max_bucket=max_bucket
    )
    want, crowd = set(), set()
    for key in set(keys):
        bucket = sorted(i for i, k in zip(ids, keys, strict=True) if k == key)
        if len(bucket) > max_bucket:
            crowd |= set(bucket)
            want |= {(bucket[0], other) for other in bucket[1:]}
        else:
            want |= set(itertools.combinations(bucket, 2))
    assert pairs(left, right) == want
    assert set(crowded[1].tolist()) == crowd
    key_of = dict(zip(ids, keys, strict=True))
    first = {key: min(i for i in ids if key_of[i] == key) for key in keys}
    assert all(first[key_of[member]] == head for head, member in crowded.T.tolist())


@given(st.lists(st.integers(0, 9), max_size=60), st.integers(1, 8), st.integers(1, 30))
def test_parts_of_buckets_give_what_all_give_at_once(keys, max_bucket, at_a_time):
    values, ids = np.array(keys, np.uint64), np.arange(len(keys))
    ((left, right, crowded),) = bucket_pairs(values, ids, max_bucket=max_bucket)
    parts = list(bucket_pairs(values, ids, max_bucket=max_bucket, at_a_time=at_a_time))
    assert np.array_equal(left, np.concatenate([part[0] for part in parts]))
    assert np.array_equal(right, np.concatenate([part[1] for part in parts]))
    found = np.concatenate([part[2] for part in parts], axis=1)
    assert sorted(found.T.tolist()) == sorted(crowded.T.tolist())
    largest = max(max_bucket, max(map(keys.count, keys), default=0)) ** 2
    assert all(len(left) < at_a_time + largest for left, _, _ in parts)


@given(
    st.lists(st.lists(st.integers(0, 3), min_size=6, max_size=6), max_size=15), st.integers(1, 20)
)
def test_pairs_of_a_crowd_agree_enough_and_come_once(rows, max_bucket):
    signed = np.array(rows, np.uint32).reshape(-1, 6)
    crowd = np.zeros(len(rows), np.int64)
    left, right = crowded_pairs(signed, crowd, max_bucket=max_bucket, min_agreement=0.5)
    agree = {
        (i, j)
        for i, j in itertools.combinations(range(len(rows)), 2)
        if sum(a == b for a, b in zip(rows[i], rows[j], strict=True)) >= 3
    }
    found = pairs(left, right)
    assert len(found) == len(left)
    assert found <= agree
    if max_bucket >= len(rows):
        assert found == agree


@given(
    st.lists(st.lists(st.integers(0, 3), min_size=6, max_size=6), min_size=2, max_size=20),
    st.integers(1, 20),
    st.integers(1, 40),
    st.integers(0, 1 << 40),
)
def test_crowds_together_give_what_each_gives_alone(rows, max_bucket, at_a_time, name):
    signed, half = np.array(rows, np.uint16), len(rows) // 2
    find = partial(crowded_pairs, max_bucket=max_bucket, min_agreement=0.5)
    crowd = np.array([name] * half + [name + 7] * (len(rows) - half))
    both = pairs(*find(signed, crowd, at_a_time=at_a_time))
    one = pairs(*find(signed[:half], crowd[:half]))
    other = pairs(*find(signed[half:], crowd[half:]))
    assert both == one | {(left + half, right + half) for left, right in other}


@given(st.lists(st.integers(0, 40), max_size=200), st.booleans())
def test_every_key_that_repeats_may_repeat(keys, wide):
    found = may_repeat(np.array(keys, np.uint64) << np.uint64(40 if wide else 0)).tolist()
    assert {i for i, key in enumerate(keys) if keys.count(key) > 1} <= set(found)
    assert found == sorted(set(found))


def test_few_of_many_different_keys_may_repeat():
    keys = np.random.default_rng(0).integers(0, 1 << 63, 10_000).astype(np.uint64)
    assert len(may_repeat(keys)) < 2000


def test_pairs_of_a_crowd_are_found_by_two_rows_where_most_agree():
    draw = np.random.default_rng(0)
    signed = draw.integers(0, 3, (40, 8)).astype(np.uint16)
    left, right = crowded_pairs(signed, np.zeros(40, np.int64), max_bucket=40, min_agreement=0.6)
    agree = {
        (i, j) for i, j in itertools.combinations(range(40), 2) if sum(signed[i] == signed[j]) >= 5
    }
    assert pairs(left, right) == agree
    assert len(agree) > 5


def test_agreement_is_the_fraction_of_equal_rows():
    signed = np.array([[1, 2, 3, 4], [1, 2, 0, 0]], np.uint32)
    assert agreement(signed, np.array([0, 0]), np.array([1, 0])).tolist() == [0.5, 1.0]


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=20))
def test_components_name_the_smallest_connected_index(edges):
    left = np.array([a for a, _ in edges], np.int64)
    right = np.array([b for _, b in edges], np.int64)
    label = list(range(12))
    for _ in range(12):
        for a, b in edges:
            label[a] = label[b] = min(label[a], label[b])
    assert components([(left, right)], count=12).tolist() == label
    parts = [(left[at : at + 3], right[at : at + 3]) for at in range(0, len(edges), 3)]
    assert components(parts, count=12).tolist() == label


@given(st.lists(st.integers(0, 6), max_size=30), st.integers(1, 8), st.integers(0, 30))
def test_no_pair_is_of_two_old_documents(keys, max_bucket, first_new):
    values, ids = np.array(keys, np.uint64), np.arange(len(keys))
    ((left, right, _),) = bucket_pairs(values, ids, max_bucket=max_bucket)
    new = {(i, j) for i, j in pairs(left, right) if j >= first_new}
    ((left, right, crowded),) = bucket_pairs(
        values, ids, max_bucket=max_bucket, first_new=first_new
    )
    assert pairs(left, right) == new
    assert len(left) == len(new)
    with_new = {key for i, key in enumerate(keys) if i >= first_new}
    crowds = [i for i, k in enumerate(keys) if k in with_new and keys.count(k) > max_bucket]
    assert sorted(crowded[1].tolist()) == crowds
