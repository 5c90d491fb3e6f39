"""The compiled loops on pairs, where their wrappers do not reach."""

import numpy as np
import pytest

from curator_text.kernels.pair_kernels import _are_apart, _is_decided

# Document 3 has the earlier neighbours 0 and 2, document 4 has 1, 2 and 3.
STARTS, NEIGHBOURS = np.array([0, 0, 0, 0, 2, 5]), np.array([0, 2, 1, 2, 3])


@pytest.mark.parametrize(("i", "j"), [(0, 3), (3, 0), (2, 3), (4, 1), (3, 4)])
def test_leaders_that_were_compared_are_apart(i, j):
    assert _are_apart(i, j, STARTS, NEIGHBOURS, 100)


@pytest.mark.parametrize(("i", "j"), [(0, 1), (1, 3), (0, 4)])
def test_leaders_that_were_not_compared_may_be_alike(i, j):
    assert not _are_apart(i, j, STARTS, NEIGHBOURS, 100)


def test_a_document_with_too_many_candidates_may_not_have_been_compared():
    assert _are_apart(2, 4, STARTS, NEIGHBOURS, 3)
    assert not _are_apart(2, 4, STARTS, NEIGHBOURS, 2)


@pytest.mark.parametrize(("best", "decided"), [(0.95, True), (0.9, False), (0.85, False)])
def test_only_what_is_near_enough_excludes_what_is_apart_from_it(best, decided):
    others = np.array([0, 2])
    assert _is_decided(others, best, 3, 0.8, STARTS, NEIGHBOURS, 100) == decided
    assert not _is_decided(np.array([0, 1]), best, 3, 0.8, STARTS, NEIGHBOURS, 100)
