"""Groups of documents with the same text."""

import numpy as np
import pytest

from curator_text.exact.same_text import _kept, _shared, partition_bits


@pytest.mark.parametrize(
    ("documents", "rows", "bits"), [(0, 10, 0), (10, 10, 0), (11, 10, 1), (41, 10, 3), (80, 10, 3)]
)
def test_partitions_hold_about_as_many_rows_as_they_may(documents, rows, bits):
    assert partition_bits(documents, rows) == bits


def test_values_that_repeat_are_found_across_parts():
    parts = [np.array([1, 2], np.uint64), np.array([2, 3, 3], np.uint64)]
    assert _shared(parts).tolist() == [False, True, True, True, True]


def test_half_of_a_hash_is_not_enough():
    high, low = np.array([7, 7, 7], np.uint64), np.array([1, 2, 1], np.uint64)
    assert _kept(high, low, np.arange(3)).tolist() == [0, 1, 0]


def test_the_first_in_keep_order_stays():
    same = np.zeros(3, np.uint64)
    assert _kept(same, same, np.array([2, 0, 1])).tolist() == [1, 1, 1]
