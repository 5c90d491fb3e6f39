"""Parquet row groups: damaged ones cost themselves, large ones are read in pieces, old times are whole."""

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import DamagedFileError
from curator_engine.stages import parquet_files
from curator_engine.stages.parquet import ParquetReader, iter_row_groups
from curator_engine.task import FileGroupTask


def damaged(tmp):
    """A file of three row groups of 1,000 rows with damage in the second."""
    texts = [f"text number {i * 7919 % 3001}" for i in range(3000)]
    table = pa.table({"n": range(3000), "text": texts})
    path = Path(f"{tmp}/x.parquet")
    pq.write_table(table, path, row_group_size=1000, compression="zstd", use_dictionary=False)
    column = pq.ParquetFile(path).metadata.row_group(1).column(1)
    data = bytearray(path.read_bytes())
    start = column.data_page_offset
    data[start : start + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    path.write_bytes(data)
    return str(path)


def test_the_row_groups_around_a_damaged_one_are_read(tmp):
    path, reader = damaged(tmp), ParquetReader()
    tasks = list(reader.process(FileGroupTask(data=[path])))
    assert [task.data.column("n")[0].as_py() for task in tasks] == [0, 2000]
    found = [(r.file, r.offset, r.rows) for r in reader.take_notes()[2]]
    assert found == [(path, 1000, 1000)]


def test_without_a_place_for_damage_it_is_an_error(tmp):
    with pytest.raises(DamagedFileError, match="is not readable as Parquet"):
        list(iter_row_groups(damaged(tmp)))


def test_columns_that_are_whole_are_read_from_a_damaged_group(tmp):
    assert sum(table.num_rows for _, table in iter_row_groups(damaged(tmp), ["n"])) == 3000


def test_a_large_row_group_is_read_in_pieces_that_do_not_depend_on_the_columns(tmp, monkeypatch):
    monkeypatch.setattr(parquet_files, "_PIECE_BYTES", 20_000)
    texts = ["x" * (i % 300) for i in range(1000)]
    table = pa.table({"n": range(1000), "text": texts, "l": [[i] * (i % 5) for i in range(1000)]})
    pq.write_table(table, f"{tmp}/x.parquet", data_page_size=1000)
    cuts = [
        [(row, part.num_rows) for row, part in iter_row_groups(f"{tmp}/x.parquet", columns)]
        for columns in (None, ["n"], ["l", "text"])
    ]
    assert cuts[0] == cuts[1] == cuts[2]
    assert len(cuts[0]) > 3
    parts = [part for _, part in iter_row_groups(f"{tmp}/x.parquet")]
    assert pa.concat_tables(parts).equals(table)


def test_a_limit_holds_inside_a_piece(tmp, monkeypatch):
    monkeypatch.setattr(parquet_files, "_PIECE_ROWS", 4)
    pq.write_table(pa.table({"n": range(10)}), f"{tmp}/x.parquet")
    rows = [t.column("n").to_pylist() for _, t in iter_row_groups(f"{tmp}/x.parquet", max_rows=6)]
    assert rows == [[0, 1, 2, 3], [4, 5]]


def test_a_column_that_is_there_twice_can_be_read_with_all_others_only(tmp):
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    pq.write_table(table, f"{tmp}/x.parquet")
    assert next(iter_row_groups(f"{tmp}/x.parquet"))[1].equals(table)
    with pytest.raises(DamagedFileError, match="has the column 'a' twice"):
        list(iter_row_groups(f"{tmp}/x.parquet", ["a"]))


@pytest.mark.parametrize(
    ("values", "unit"),
    [
        ([253402214400 * 10**6, None, -62135596800 * 10**6], "us"),
        ([1_700_000_000_123_456_789, -1_700_000_000_123_456_789], "ns"),
    ],
)
def test_int96_times_are_what_was_written(tmp, values, unit):
    table = pa.table({"t": pa.array(values, pa.timestamp(unit))})
    pq.write_table(table, f"{tmp}/x.parquet", use_deprecated_int96_timestamps=True)
    read = next(iter_row_groups(f"{tmp}/x.parquet"))[1]
    assert read.equals(table)


def test_the_year_9999_is_read(tmp):
    last = dt.datetime(9999, 12, 31)
    table = pa.table({"t": pa.array([last], pa.timestamp("us"))})
    pq.write_table(table, f"{tmp}/x.parquet", use_deprecated_int96_timestamps=True)
    task = next(ParquetReader().process(FileGroupTask(data=[f"{tmp}/x.parquet"])))
    assert task.data.to_pylist() == [{"t": last}]
