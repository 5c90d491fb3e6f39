"""The compiled loops on sets of windows, where their wrappers do not reach."""

import numpy as np
import pytest

from curator_text.kernels.set_kernels import _common, against, insert, next_stamp, slots

STAMP = 1000
"""Smaller numbers in a table are of sets before."""


def table_of(values):
    """A filled hash table, its size, and the distinct values."""
    hashes, size = np.array(values, np.uint64), slots(len(values))
    table = np.random.default_rng(0).integers(0, STAMP + 1, size).astype(np.uint32)
    out = np.empty(len(values) + 1, np.uint64)
    count = insert(hashes, len(values), table, size, STAMP, out, 0)
    return table, size, out[:count]


def common(values, others, needed=0):
    """How many distinct values are among the others."""
    table, size, distinct = table_of(others)
    values, count = np.array(values, np.uint64), len(distinct)
    return _common(values, 0, len(values), table, size, STAMP, distinct, 0, count, needed)


def similarity_of(hashes, others, at_least=0.0):
    """Similarity of some values, that may come more than once, and the set of the others."""
    table, size, distinct = table_of(others)
    hashes, n = np.array(hashes, np.uint64), len(distinct)
    rest, spare = np.empty_like(hashes), np.empty(slots(len(hashes)), np.uint32)
    return against(hashes, len(hashes), table, size, STAMP, distinct, 0, n, rest, spare, at_least)


def test_a_table_gives_each_value_once():
    *_, distinct = table_of([5, 7, 5, 5, 9])
    assert distinct.tolist() == [5, 7, 9]


def test_a_hash_of_zero_is_a_value_as_well():
    assert common([0, 3], [0, 3]) == 2


@pytest.mark.parametrize("count", [1, 100, 5000])
def test_values_that_meet_in_a_slot_are_told_apart(count):
    # Multiples of the table's size all start at the same slot.
    size = slots(count)
    values = [k * size + 1 for k in range(count)]
    assert common(values, values) == count
    assert common([k * size + 2 for k in range(count)], values) == 0


def test_counting_stops_when_the_need_is_out_of_reach():
    assert common(range(500, 1500), range(1, 1000), needed=501) == -1
    assert common(range(500, 1500), range(1, 1000), needed=500) == 500


@pytest.mark.parametrize("seed", range(20))
def test_hashes_that_repeat_have_the_similarity_of_their_sets(seed):
    draw = np.random.default_rng(seed)
    some = draw.integers(0, 300, 400)
    # Runs of the other, now and then something else.
    others = np.where(draw.random(400) < seed / 20, draw.integers(0, 500, 400), some)
    a, b = set(some.tolist()), set(others.tolist())
    assert similarity_of(some, others) == len(a & b) / len(a | b)


def test_a_similarity_below_the_least_is_none():
    assert similarity_of([1, 2, 3, 3], [2, 3, 4, 2], at_least=0.5) == 0.5
    assert similarity_of([1, 2, 3, 3], [2, 3, 4, 2], at_least=0.51) == -1.0


@pytest.mark.parametrize("seed", range(10))
def test_runs_of_equal_windows_are_counted_as_single_ones_are(seed):
    draw = np.random.default_rng(seed)
    values = draw.permutation(2000)
    # Long runs of the other, in another order, with something else between them.
    pieces = np.split(values, np.sort(draw.integers(0, 2000, 12)))
    draw.shuffle(pieces)
    others = np.concatenate([np.append(piece, 5000 + k) for k, piece in enumerate(pieces[:-3])])
    assert common(others, values) == len(others) - 10
    assert common(values, others) == len(others) - 10
    assert similarity_of(others, values) == (len(others) - 10) / 2010


def test_a_table_is_cleared_before_its_numbers_end():
    table = np.full(64, 7, np.uint32)
    assert next_stamp(table, (1 << 32) - 101, 100) == (1 << 32) - 101
    assert table.all()
    assert next_stamp(table, (1 << 32) - 100, 100) == 0
    assert not table.any()
