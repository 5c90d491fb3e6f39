"""Columns of embeddings as checked rows of length one."""

import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from curator_engine.vectors.matrix import (
    to_device,
    to_numpy,
    unit_rows,
    vector_column,
    vectors_of,
    wide,
)


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


NUMBERS = """
import hashlib
import numpy as np
from curator_engine.items.nearest import nearest
from curator_engine.vectors.centroids import distances, fit_centres, nearest_centres
from curator_engine.vectors.matrix import unit_rows
from curator_engine.vectors.pairwise import keep_leaders, nearest_earlier

draw = np.random.default_rng(0)
groups = draw.normal(size=(40, 384))
matrix = unit_rows(groups[draw.integers(0, 40, 3000)] + 0.3 * draw.normal(size=(3000, 384)))
centres = fit_centres(matrix, 30, max_iter=3)
labels = nearest_centres(matrix, centres)
index, score = nearest_earlier(matrix)
found = [matrix, centres, labels, *distances(matrix, centres, labels), index, score]
found += keep_leaders(matrix, score, eps=0.1)
print(*(hashlib.sha256(np.ascontiguousarray(each).tobytes()).hexdigest() for each in found))
"""


def digests(core, threads):
    """Digests of clusters and similarities, on the processor that OpenBLAS takes this one for."""
    environment = {**os.environ, "OPENBLAS_CORETYPE": core, "OPENBLAS_NUM_THREADS": threads}
    command = [sys.executable, "-c", NUMBERS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_clusters_and_similarities_do_not_depend_on_blas_or_threads():
    expected = digests("Haswell", "2")
    assert digests("Prescott", "2") == expected
    assert digests("SkylakeX", "1") == expected


def test_any_part_of_a_dot_product_is_exact_in_double_precision():
    rows = unit_rows(np.random.default_rng(1).normal(size=(2, 1000)))
    a, b = ([int(number) for number in row.astype(np.float64) * 2**24] for row in rows)
    exact = sum(x * y for x, y in zip(a, b, strict=True))
    assert abs(exact) < 2**53
    assert float(wide(rows[0]) @ wide(rows[1])) * 2**48 == exact


def test_a_number_of_a_vector_is_rounded_to_a_multiple_of_two_to_the_minus_24():
    third = unit_rows(np.array([[1.0, 2.0, 2.0]]))[0, 0]
    assert float(third) * 2**24 == 5592405
