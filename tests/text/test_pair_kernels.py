"""The compiled loops on pairs, where their wrappers do not reach."""

import numpy as np
import pytest

from curator_text.pair_kernels import _common, _insert, _slots


def table_of(values):
    """A filled hash table, its size, and the distinct values."""
    hashes, size = np.array(values, np.uint64), _slots(len(values))
    table, out = np.empty(size, np.uint64), np.empty(len(values) + 1, np.uint64)
    count = _insert(hashes, len(values), table, size, out, 0)
    return table, size, out[:count]


def test_a_table_gives_each_value_once():
    *_, distinct = table_of([5, 7, 5, 5, 9])
    assert distinct.tolist() == [5, 7, 9]


def test_a_hash_of_zero_is_a_value_as_well():
    table, size, distinct = table_of([0, 3])
    assert _common(distinct, 0, 2, table, size, 0) == 2


@pytest.mark.parametrize("count", [1, 100, 5000])
def test_values_that_meet_in_a_slot_are_told_apart(count):
    # Multiples of the table's size all start at the same slot.
    size = _slots(count)
    table, _, distinct = table_of([k * size + 1 for k in range(count)])
    others = np.array([k * size + 2 for k in range(count)], np.uint64)
    assert _common(distinct, 0, count, table, size, 0) == count
    assert _common(others, 0, count, table, size, 0) == 0


def test_counting_stops_when_the_need_is_out_of_reach():
    table, size, _ = table_of(list(range(1, 1000)))
    others = np.arange(500, 1500, dtype=np.uint64)
    assert _common(others, 0, 1000, table, size, 501) == -1
    assert _common(others, 0, 1000, table, size, 500) == 500
