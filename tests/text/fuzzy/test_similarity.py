"""Exact similarity, and who stays, against plain Python."""

import itertools

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from text_toys import corpus
from text_toys import jaccard as slow_jaccard

from curator_text.fuzzy import similarity
from curator_text.fuzzy.similarity import jaccard, keep_leaders, window_sets


def texts_of(groups):
    """A text per set of numbers: its windows of one character are the set."""
    return pa.array(["".join(chr(0x4E00 + x) for x in sorted(group)) for group in groups])


@given(
    st.lists(st.text(alphabet="abé日", min_size=1, max_size=40), min_size=2, max_size=2),
    st.integers(1, 8),
)
def test_similarity_is_that_of_the_sets_of_windows(texts, width):
    if all(len(text) >= width for text in texts):
        got = jaccard(pa.array(texts), 0, 1, char_ngrams=width)
        assert got == slow_jaccard(texts[0], texts[1], width)


@pytest.mark.parametrize(("other", "similarity"), [("", 1.0), ("xyz", -1.0)])
def test_two_empty_texts_are_alike_and_one_is_not(other, similarity):
    assert jaccard(pa.array(["", other]), 0, 1, char_ngrams=3, at_least=0.5) == similarity


@given(
    st.lists(st.sets(st.integers(0, 300), min_size=1, max_size=200), min_size=2, max_size=2),
    st.floats(0.01, 1),
)
def test_stopping_early_changes_no_answer(groups, at_least):
    exact = len(groups[0] & groups[1]) / len(groups[0] | groups[1])
    got = jaccard(texts_of(groups), 0, 1, char_ngrams=1, at_least=at_least)
    assert got == (exact if exact >= at_least else -1.0)


def test_many_windows_do_not_hide_the_early_stop():
    texts = texts_of([range(2000), range(1500, 4000)])
    assert jaccard(texts, 0, 1, char_ngrams=1, at_least=0.5) == -1.0
    assert jaccard(texts, 0, 1, char_ngrams=1) == 500 / 4000


@pytest.mark.parametrize(
    ("common", "union", "threshold"), [(4, 5, 0.8), (7, 10, 0.7), (9, 10, 0.9), (2, 3, 2 / 3)]
)
def test_a_similarity_at_the_threshold_reaches_it(common, union, threshold):
    texts = texts_of([range(union), range(common)])
    assert jaccard(texts, 0, 1, char_ngrams=1, at_least=threshold) == threshold


def naive_leaders(groups, edges, threshold):
    kept, similarity = [], []
    for i, group in enumerate(groups):
        best = (-1.0, 0)
        for j in sorted(j for j, k in edges if k == i):
            s = len(group & groups[j]) / len(group | groups[j])
            if kept[j] < 0 and s >= threshold and s > best[0]:
                best = (s, j)
        kept.append(best[1] if best[0] >= 0 else -1)
        similarity.append(best[0] if best[0] >= 0 else 1.0)
    return kept, similarity


def leaders(groups, edges, *, threshold=0.5, max_checks=100, old=0, near=None):
    left = np.array([a for a, _ in edges], np.int64)
    right = np.array([b for _, b in edges], np.int64)
    near = np.ones(len(edges), np.float32) if near is None else np.array(near, np.float32)
    texts = texts_of(groups)
    return keep_leaders(
        pa.array([""] * old + texts[old:].to_pylist(), texts.type),
        left,
        right,
        near,
        char_ngrams=1,
        threshold=threshold,
        max_checks=max_checks,
        given=window_sets(texts[:old], char_ngrams=1),
    )


@given(
    st.lists(st.sets(st.integers(0, 9), min_size=1), min_size=2, max_size=8),
    st.sampled_from([0.3, 0.5, 0.8]),
    st.data(),
)
def test_leaders_are_the_definition(groups, threshold, data):
    possible = list(itertools.combinations(range(len(groups)), 2))
    edges = data.draw(st.lists(st.sampled_from(possible), unique=True))
    result = leaders(groups, edges, threshold=threshold)
    kept, similarity = naive_leaders(groups, edges, threshold)
    assert (result.kept.tolist(), result.similarity.tolist(), result.capped) == (
        kept,
        similarity,
        0,
    )


@given(
    st.lists(st.sets(st.integers(0, 9), min_size=1), min_size=2, max_size=8),
    st.sampled_from([0.3, 0.5, 0.8]),
    st.data(),
)
def test_old_documents_stay_and_are_known_by_their_sets(groups, threshold, data):
    old = data.draw(st.integers(0, len(groups)))
    possible = [pair for pair in itertools.combinations(range(len(groups)), 2) if pair[1] >= old]
    edges = data.draw(st.lists(st.sampled_from(possible), unique=True)) if possible else []
    result = leaders(groups, edges, threshold=threshold, old=old)
    kept, similarity = naive_leaders(groups, edges, threshold)
    assert result.kept.tolist() == kept
    assert result.similarity.tolist() == similarity


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.8])
@pytest.mark.parametrize("old", [0, 3])
@pytest.mark.parametrize("seed", range(8))
def test_leaders_of_near_copies_are_the_definition_whatever_is_compared_first(threshold, old, seed):
    draw = np.random.default_rng(seed)
    some = [set(draw.choice(300, 100, replace=False).tolist()) for _ in range(3)]
    groups = [
        some[draw.integers(3)] ^ set(draw.integers(0, 300, draw.integers(0, 30)).tolist())
        for _ in range(30)
    ]
    pairs = itertools.combinations(range(len(groups)), 2)
    edges = [pair for pair in pairs if pair[1] >= old and draw.random() < 0.9]
    result = leaders(groups, edges, threshold=threshold, old=old, near=draw.random(len(edges)))
    kept, similarity = naive_leaders(groups, edges, threshold)
    assert result.kept.tolist() == kept
    assert result.similarity.tolist() == similarity


def test_what_is_near_one_leader_is_not_compared_with_one_that_is_apart_from_it():
    groups = [set(range(100)), set(range(60, 160)), set(range(98))]
    edges = [(0, 1), (0, 2), (1, 2)]
    assert leaders(groups, edges, near=[0.2, 0.9, 0.3]).checks == 2
    assert leaders(groups, edges, near=[0.2, 0.3, 0.9]).checks == 3


def test_a_set_has_each_window_once():
    sets = window_sets(pa.array(["abab", "", "a", "aaaa"]), char_ngrams=2)
    assert np.diff(sets.ends, prepend=0).tolist() == [2, 0, 1, 1]


def test_a_removed_document_removes_nobody():
    groups = [set(range(10)), set(range(2, 12)), set(range(4, 14))]
    assert leaders(groups, [(0, 1), (1, 2)], threshold=0.6).kept.tolist() == [-1, 0, -1]


def test_components_do_not_disturb_each_other():
    groups = [{1, 2}, {7, 8}, {1, 2}, {7, 8}, {7, 8, 9}, {1, 2}]
    result = leaders(groups, [(0, 2), (1, 3), (1, 4), (0, 5)])
    assert result.kept.tolist() == [-1, -1, 0, 1, 1, 0]


def test_documents_with_too_many_candidates_are_counted():
    groups = [{i} for i in range(5)] + [{99}]
    result = leaders(groups, [(i, 5) for i in range(5)], max_checks=3)
    assert (result.capped, result.checks) == (1, 3)


def test_the_nearest_are_compared_first():
    groups = [{1}, {2}, {3}]
    near = np.array([0.1, 0.9], np.float32)
    result = keep_leaders(
        texts_of([*groups[:2], {2}]),
        np.array([0, 1]),
        np.array([2, 2]),
        near,
        char_ngrams=1,
        threshold=0.5,
        max_checks=1,
    )
    assert result.kept.tolist() == [-1, -1, 1]


def test_leaders_do_not_depend_on_how_many_a_call_of_the_kernel_decides_about(monkeypatch):
    rows = corpus(20)
    texts = pa.array([row["text"] for row in rows])
    left, right = np.triu_indices(len(texts), 1)
    near = np.ones(len(left), np.float32)

    def leaders():
        return keep_leaders(texts, left, right, near, char_ngrams=8, threshold=0.5, max_checks=1000)

    want = leaders()
    assert (want.kept >= 0).any()
    monkeypatch.setattr(similarity, "slices", lambda work: [(i, i + 1) for i in range(len(work))])
    found = leaders()
    assert np.array_equal(found.kept, want.kept)
    assert np.array_equal(found.similarity, want.similarity)
    assert (found.capped, found.checks) == (want.capped, want.checks)
