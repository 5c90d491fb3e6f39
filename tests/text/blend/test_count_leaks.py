"""Documents that are like one of another part."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from curator_text.blend.count_leaks import added_leaks, count_pairs


def test_documents_of_the_later_part_are_counted():
    hashes = np.array([7, 7, 7, 8, 8, 9, 9, 10], np.uint64)
    parts = np.array([0, 1, 1, 1, 2, 0, 2, 2], np.uint8)
    assert count_pairs(hashes, parts) == {
        "train/validation": 2,
        "train/test": 1,
        "validation/test": 1,
    }


def test_nothing_has_no_leaks():
    assert not any(count_pairs(np.empty(0, np.uint64), np.empty(0, np.uint8)).values())


def test_ranges_are_added_up():
    tasks: Any = [SimpleNamespace(_metadata={"leaks": {"hash": {"train/test": n}}}) for n in (1, 2)]
    assert added_leaks(tasks) == {"hash": {"train/test": 3}}
