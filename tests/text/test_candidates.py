"""Ranks and numbers of documents."""

import numpy as np

from curator_text.candidates import load_arrays, numbers_of, save_arrays


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
