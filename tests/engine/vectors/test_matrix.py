"""Columns of embeddings as checked rows of length one."""

import numpy as np
import pyarrow as pa
import pytest

from curator_engine.vectors.matrix import to_device, to_numpy, unit_rows, vector_column, vectors_of


def column(*rows, kind=None):
    return pa.chunked_array([pa.array(rows, kind)])


@pytest.mark.parametrize(
    "kind",
    [pa.list_(pa.float32()), pa.large_list(pa.float64()), pa.list_(pa.float32(), 2), None],
    ids=str,
)
def test_every_kind_of_list_is_read_at_length_one(kind):
    rows = column([3.0, 4.0], [0.0, 2.0], kind=kind)
    assert np.allclose(vectors_of(rows).matrix, [[0.6, 0.8], [0, 1]])


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (None, "no embedding"),
        ([1.0], "the embedding has 1 numbers, not 2"),
        ([], "the embedding has 0 numbers, not 2"),
        ([0.0, 0.0], "the embedding is all zeros"),
        ([1.0, float("nan")], "the embedding holds NaN or infinity"),
        ([1.0, float("inf")], "the embedding holds NaN or infinity"),
        ([1.0, None], "the embedding holds NaN or infinity"),
    ],
)
def test_a_row_without_a_usable_embedding_is_named(row, reason):
    vectors = vectors_of(column([1.0, 0.0], row, [0.0, 1.0]))
    assert (vectors.rows.tolist(), vectors.bad) == ([0, 2], [(1, reason)])


def test_a_column_that_holds_no_lists_has_no_vectors():
    vectors = vectors_of(column("a", "b"))
    assert len(vectors.rows) == 0
    assert vectors.bad[1] == (1, "an embedding is a list of numbers, not string")


def test_the_number_of_dims_may_be_given():
    vectors = vectors_of(column([1.0, 2.0], [1.0, 2.0], [1.0, 2.0, 3.0]), dims=3)
    assert (vectors.rows.tolist(), vectors.matrix.shape) == ([2], (1, 3))


def test_a_sliced_column_is_read_from_where_it_starts():
    rows = column([1.0, 0.0], [0.0, 1.0], [1.0, 0.0]).slice(1)
    assert vectors_of(rows).matrix.tolist() == [[0, 1], [1, 0]]


def test_a_row_does_not_depend_on_the_others():
    points = np.random.default_rng(0).normal(size=(100, 37))
    assert np.array_equal(unit_rows(points)[17:18], unit_rows(points[17:18]))


def test_vectors_are_read_back_as_they_were_written():
    points = unit_rows(np.random.default_rng(0).normal(size=(5, 8)))
    read = vectors_of(pa.chunked_array([vector_column(points)])).matrix
    assert np.allclose(read, points, atol=1e-7)


def test_on_the_cpu_numpy_computes_on_the_matrix_itself():
    matrix = np.ones((2, 3), np.float32)
    module, array = to_device(matrix, "cpu")
    assert module is np
    assert to_numpy(array) is matrix
