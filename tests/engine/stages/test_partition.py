"""Partitions: equal keys, equal partition; on every machine."""

import datetime
import decimal

import numpy as np
import pyarrow as pa
import pytest

from curator_engine.errors import PipelineError
from curator_engine.stages.partition import partition_of


def parts(*columns, count=1 << 40):
    table = pa.table({str(i): column for i, column in enumerate(columns)})
    return partition_of(table, table.column_names, count).tolist()


def test_a_partition_is_the_same_in_every_version():
    # A change here would mix old files and new ones.
    assert parts(["a", "", None], [1, 2, 3], count=1000) == [674, 29, 782]


@pytest.mark.parametrize(
    "same",
    [
        (pa.array([7], pa.int8()), pa.array([7], pa.uint64())),
        (pa.array([-7], pa.int16()), pa.array([-7], pa.int64())),
        (pa.array(["ab"]), pa.array(["ab"], pa.large_string())),
        (pa.array(["ab"]), pa.array([b"ab"], pa.binary(2))),
        (pa.array(["ab"]), pa.array(["ab"]).dictionary_encode()),
        (pa.array([0.0]), pa.array([-0.0])),
        (pa.array([1.5], pa.float32()), pa.array([1.5])),
        (pa.array([None], pa.string()), pa.array([None], pa.int64())),
        (pa.array([None]), pa.array([None], pa.float64())),
    ],
)
def test_a_value_does_not_depend_on_how_it_is_stored(same):
    assert parts(same[0]) == parts(same[1])


def test_a_row_does_not_depend_on_its_neighbours():
    texts = ["", "a", "aa", "b" * 3_000_000, "", "é", "a\0", None, "x" * 900_000, "y" * 900_000]
    column = pa.chunked_array([pa.array(texts[:4]), pa.array(texts[3:]).slice(1)])
    together = parts(column)
    assert together == [part for text in texts for part in parts(pa.array([text], pa.string()))]
    assert len(set(together)) == len(set(texts))


def test_the_order_and_border_of_columns_counts():
    assert parts(["ab"], ["c"]) != parts(["a"], ["bc"])
    assert parts(["a"], ["b"]) != parts(["b"], ["a"])


def test_every_kind_of_key_is_spread():
    day = datetime.date(2026, 1, 1)
    columns = [
        [True, False] * 2,
        [day + datetime.timedelta(days=i) for i in range(4)],
        [datetime.datetime(2026, 1, 1 + i, tzinfo=datetime.UTC) for i in range(4)],
        [datetime.time(i) for i in range(4)],
        [decimal.Decimal(i) for i in range(4)],
        [float("nan"), 1.0, 2.0, 3.0],
    ]
    assert [len(set(parts(pa.array(column)))) for column in columns] == [2, 4, 4, 4, 4, 4]


@pytest.mark.parametrize("values", [np.arange(10_000), [f"key {i}" for i in range(10_000)]])
def test_partitions_are_of_about_one_size(values):
    sizes = np.bincount(parts(pa.array(values), count=10))
    assert sizes.min() > 900
    assert sizes.max() < 1100


def test_no_rows_have_no_partitions():
    assert parts(pa.array([], pa.string()), pa.array([], pa.int64())) == []


def test_a_list_cannot_be_a_key():
    with pytest.raises(PipelineError, match="column '0' is list<item: int64>; that cannot be"):
        parts([[1]])
