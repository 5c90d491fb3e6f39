"""The compiled loops on pairs, where their wrappers do not reach."""

import numpy as np

from curator_text.pair_kernels import jaccard, overlap


def test_overlap_stops_when_the_need_is_out_of_reach():
    hashes = np.array([1, 2, 3, 4, 5, 6], np.uint64)
    assert overlap(hashes, 0, 3, 3, 6, 1) == -1


def test_overlap_counts_common_values():
    hashes = np.array([1, 2, 3, 2, 3, 4], np.uint64)
    assert overlap(hashes, 0, 3, 3, 6, 2) == 2


def test_two_empty_sets_are_alike_and_one_is_not():
    hashes = np.array([1], np.uint64)
    assert jaccard(hashes, np.array([0, 0, 0]), 0, 1, 0.5) == 1.0
    assert jaccard(hashes, np.array([0, 0, 1]), 0, 1, 0.5) == -1.0
