"""Copies of Parquet files: values and types of what stays are what they were."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.stages.parquet import copy_rows

NONE = np.empty(0, np.int64)
LAST = dt.datetime(9999, 12, 31)


def damaged(tmp):
    """A file of three row groups of 1,000 rows with damage in the second."""
    texts = [f"text number {i * 7919 % 3001}" for i in range(3000)]
    path = Path(f"{tmp}/x.parquet")
    table = pa.table({"n": range(3000), "text": texts})
    pq.write_table(table, path, row_group_size=1000, compression="zstd", use_dictionary=False)
    column = pq.ParquetFile(path).metadata.row_group(1).column(1)
    data = bytearray(path.read_bytes())
    start, size = column.data_page_offset, column.total_compressed_size
    data[start : start + size] = b"\xff" * size
    path.write_bytes(data)
    return str(path)


def types(path):
    """Physical and logical type of each column."""
    schema = pq.ParquetFile(path).schema
    columns = [schema.column(i) for i in range(len(schema))]
    return [(c.path, c.physical_type, c.logical_type.to_json()) for c in columns]


def test_a_copy_of_all_rows_is_the_file(tmp):
    pq.write_table(pa.table({"n": range(100)}), f"{tmp}/x.parquet", row_group_size=7)
    assert copy_rows(f"{tmp}/x.parquet", f"{tmp}/y.parquet", NONE) == (100, 0)
    assert Path(f"{tmp}/y.parquet").read_bytes() == Path(f"{tmp}/x.parquet").read_bytes()


def test_int96_times_stay_what_they_are(tmp):
    table = pa.table({"t": pa.array([LAST, dt.datetime(2020, 1, 1), None], pa.timestamp("us"))})
    pq.write_table(table, f"{tmp}/x.parquet", use_deprecated_int96_timestamps=True)
    copy_rows(f"{tmp}/x.parquet", f"{tmp}/y.parquet", np.array([1]))
    assert types(f"{tmp}/y.parquet") == types(f"{tmp}/x.parquet")
    copy = pq.read_table(f"{tmp}/y.parquet", coerce_int96_timestamp_unit="us")
    assert copy.column("t").to_pylist() == [LAST, None]


@pytest.mark.parametrize(
    "array",
    [
        pa.array([Decimal("1.10"), Decimal(2)], pa.decimal128(30, 2)),
        pa.array([1, 2], pa.uint64()),
        pa.array([1, 2], pa.int8()),
        pa.array([1, 2], pa.timestamp("ms", "Europe/Berlin")),
        pa.array([1, 2], pa.timestamp("ns")),
        pa.array([1, 2], pa.time64("ns")),
        pa.array([1, 2], pa.time32("ms")),
        pa.array([1, 2], pa.date32()),
        pa.array([1, 2], pa.duration("s")),
        pa.array([1.5, 2.5], pa.float16()),
        pa.array(["a", "b"]).dictionary_encode(),
        pa.array([b"ab", b"cd"], pa.binary(2)),
        pa.array(["a", "b"], pa.large_string()),
        pa.array(["a", "b"], pa.string_view()),
        pa.array([[("k", 1)], []], pa.map_(pa.string(), pa.int64())),
        pa.array(
            [{"a": [{"b": None}]}, None],
            pa.struct([pa.field("a", pa.list_(pa.struct([pa.field("b", pa.int8())])))]),
        ),
        pa.array(["{}", "1"], pa.json_()),
        pa.array([b"a" * 16, b"b" * 16], pa.uuid()),
    ],
    ids=lambda array: str(array.type),
)
@pytest.mark.parametrize("arrow", [True, False])
def test_every_type_stays(tmp, array, arrow):
    pq.write_table(pa.table({"a": array, "n": [0, 1]}), f"{tmp}/x.parquet", store_schema=arrow)
    copy_rows(f"{tmp}/x.parquet", f"{tmp}/y.parquet", np.array([0]))
    assert types(f"{tmp}/y.parquet") == types(f"{tmp}/x.parquet")
    whole = pq.read_table(f"{tmp}/x.parquet")
    assert pq.read_table(f"{tmp}/y.parquet").equals(whole.slice(1), check_metadata=True)


def test_what_is_damaged_is_left_out_and_told(tmp):
    path, told = damaged(tmp), []
    drop = np.array([5, 1500, 2500])
    counts = copy_rows(path, f"{tmp}/y.parquet", drop, reject=lambda *each: told.append(each[:2]))
    assert counts == (1998, 3)
    assert told == [(1000, 1000)]
    numbers = pq.read_table(f"{tmp}/y.parquet").column("n").to_pylist()
    assert numbers == [n for n in [*range(1000), *range(2000, 3000)] if n not in (5, 2500)]


def test_decimals_stay_integers(tmp):
    table = pa.table({"d": pa.array([Decimal("1.10"), Decimal(2)], pa.decimal128(9, 2))})
    pq.write_table(table, f"{tmp}/x.parquet", store_decimal_as_integer=True)
    copy_rows(f"{tmp}/x.parquet", f"{tmp}/y.parquet", np.array([0]))
    assert types(f"{tmp}/y.parquet") == types(f"{tmp}/x.parquet")
