"""The items nearest to a vector."""

import numpy as np
import pyarrow as pa
import pytest

from curator_engine.errors import InputError
from curator_engine.items.nearest import Nearest, nearest
from curator_engine.vectors.matrix import unit_rows

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


def test_parts_give_what_the_whole_gives_and_equal_ones_go_by_their_ids():
    random = np.random.default_rng(1)
    vectors = unit_rows(random.integers(-2, 3, (200, 3)) + 0.5)
    ids = [f"{n:03d}" for n in range(200)]
    rows = pa.table({"n": range(200)})
    best = Nearest(vectors[7], top=20)
    for start in range(0, 200, 30):
        some = slice(start, start + 30)
        best.add(ids[some], vectors[some], rows.slice(start, 30))
    similarity = vectors.astype(float) @ vectors[7].astype(float)
    wanted = sorted(range(200), key=lambda n: (-similarity[n], ids[n]))[:20]
    assert [row["n"] for row in best.rows()] == wanted
