"""The items nearest to a vector."""

import numpy as np
import pyarrow as pa
import pytest

from curator_engine.errors import InputError
from curator_engine.items.nearest import nearest

TABLE = pa.table({"uuid": ["a", "b", "c"], "path": ["a.x", "b.x", "c.x"]})
VECTORS = np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32)


def found(ids=("a", "b", "c"), *, wanted=(0, 1), top=3):
    return nearest(TABLE, list(ids), VECTORS, np.array(wanted, np.float32), top=top)


def test_the_most_similar_comes_first_with_its_row():
    assert [(row["path"], row["similarity"]) for row in found()] == [
        ("b.x", 1.0),
        ("c.x", 0.8),
        ("a.x", 0.0),
    ]


def test_no_more_than_asked_for():
    assert [row["uuid"] for row in found(top=1)] == ["b"]


def test_a_vector_whose_item_is_gone_is_left_out():
    assert [row["uuid"] for row in found(("a", "gone", "c"))] == ["c", "a"]


def test_a_vector_of_another_size_is_refused():
    with pytest.raises(InputError, match="has 3 numbers, the stored ones 2"):
        found(wanted=(0, 0, 1))
