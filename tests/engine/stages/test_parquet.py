"""Parquet: row groups as tasks, and copies without some rows."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import DamagedFileError, InputError
from curator_engine.files.storage import list_names, write_atomic
from curator_engine.stages.parquet import (
    ParquetReader,
    ParquetWriter,
    copy_rows,
    count_rows,
    iter_row_groups,
    without_invalid_text,
)
from curator_engine.task import FileGroupTask, TableTask


@pytest.fixture
def path(tmp):
    table = pa.table({"text": [f"t{i}" for i in range(25)], "n": range(25)})
    table = table.replace_schema_metadata({"about": "test"})
    pq.write_table(table, f"{tmp}/x.parquet", row_group_size=10, compression="gzip")
    return f"{tmp}/x.parquet"


def column(tasks, name="n"):
    return [value for task in tasks for value in task.data.column(name).to_pylist()]


def test_each_row_group_is_a_task(path):
    tasks = list(ParquetReader().process(FileGroupTask(data=[path])))
    assert [t.num_items for t in tasks] == [10, 10, 5]


def test_a_span_names_row_groups(path):
    assert column(ParquetReader().process(FileGroupTask(data=[path], span=(1, 2)))) == list(
        range(10, 20)
    )


def test_only_the_wanted_columns_are_read(path):
    task = next(ParquetReader(fields=["n"]).process(FileGroupTask(data=[path])))
    assert task.get_columns() == ["n"]


def test_reading_stops_after_so_many_rows(path):
    task = FileGroupTask(data=[path], reader_config={"max_rows": 12})
    assert column(ParquetReader().process(task)) == list(range(12))


def test_a_broken_file_is_rejected(tmp):
    write_atomic(f"{tmp}/x.parquet", b"not parquet")
    reader = ParquetReader()
    assert list(reader.process(FileGroupTask(data=[f"{tmp}/x.parquet"]))) == []
    assert "is not readable as Parquet" in reader.take_notes()[2][0].reason


def test_rows_carry_their_number(path):
    assert [row for row, _ in iter_row_groups(path)] == [0, 10, 20]


def test_a_written_table_is_read_back(tmp):
    task = TableTask(data=pa.table({"n": [1, 2]}), task_id="t")
    written = ParquetWriter(path=tmp).process(task)
    assert column(ParquetReader().process(FileGroupTask(data=written.data))) == [1, 2]


def test_leftovers_of_a_killed_run_are_removed(ours):
    for name in ("0_a_0.parquet", "0_a_1.parquet", "0_b.parquet"):
        write_atomic(f"{ours}/{name}", b"")
    ParquetWriter(path=ours).drop_unfinished(frozenset({f"{ours}/0_a_0.parquet"}), {"0_a"})
    assert list_names(ours) == ["0_a_0.parquet", "0_b.parquet"]


def test_a_copy_leaves_rows_out(path, tmp):
    copy_rows(path, f"{tmp}/y.parquet", np.array([0, 11, 24]))
    assert pq.read_table(f"{tmp}/y.parquet").column("n").to_pylist() == [
        n for n in range(25) if n not in (0, 11, 24)
    ]


def test_a_copy_keeps_schema_metadata_compression_and_row_groups(path, tmp):
    copy_rows(path, f"{tmp}/y.parquet", np.array([0]))
    copy = pq.ParquetFile(f"{tmp}/y.parquet")
    assert copy.schema_arrow.metadata[b"about"] == b"test"
    assert copy.metadata.row_group(0).column(0).compression == "GZIP"
    assert count_rows(f"{tmp}/y.parquet") == [9, 10, 5]


def test_a_copy_of_some_row_groups_has_their_rows_only(path, tmp):
    copy_rows(path, f"{tmp}/y.parquet", np.array([21]), groups=[0, 2], max_rows=24)
    assert pq.read_table(f"{tmp}/y.parquet").column("n").to_pylist() == [*range(10), 20, 22, 23]


def test_a_file_that_has_changed_is_not_copied(path, tmp):
    with pytest.raises(InputError, match="has fewer rows than when it was read"):
        copy_rows(path, f"{tmp}/y.parquet", np.array([99]))
    assert not Path(f"{tmp}/y.parquet").exists()


def test_copying_what_is_no_parquet_says_so(tmp):
    write_atomic(f"{tmp}/x.parquet", b"PAR1nonsense")
    with pytest.raises(DamagedFileError, match="is not readable as Parquet"):
        copy_rows(f"{tmp}/x.parquet", f"{tmp}/y.parquet", np.array([0]))


def test_rows_with_texts_that_are_no_utf8_are_left_out():
    bad = pa.array([b"a", b"half \xf0\x9f", None, b"b"]).view(pa.string())
    table = pa.table({"text": bad, "id": pa.array([b"1", b"2", b"3", b"\xff"]).view(pa.string())})
    left, rows, rejections = without_invalid_text(table, ["text", "id"], path="x.parquet", row=100)
    assert (left.column("text").to_pylist(), rows.tolist()) == (["a", None], [0, 2])
    assert [(each.offset, each.reason, each.raw) for each in rejections] == [
        (101, "field 'text' is not valid UTF-8 at byte 5", b"half \xf0\x9f"),
        (103, "field 'id' is not valid UTF-8 at byte 0", b"\xff"),
    ]


def test_columns_that_are_not_looked_at_may_hold_any_bytes():
    table = pa.table({"text": ["a"], "other": pa.array([b"\xff"]).view(pa.string()), "n": [1]})
    left, rows, rejections = without_invalid_text(table, ["text", "n", "none"], path="x", row=0)
    assert left is table
    assert (rows.tolist(), rejections) == ([0], [])


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.list_(pa.string()), pa.struct([("a", pa.string())])]
)
def test_a_row_that_is_no_utf8_costs_itself_in_a_pipeline(tmp, kind):
    raw = pa.array([b"a", b"\xff", b"c"], pa.large_binary())
    bad = (
        raw.view(pa.large_string())
        if kind == pa.large_string()
        else raw.cast(pa.binary()).view(pa.string())
    )
    if pa.types.is_list(kind):
        bad = pa.ListArray.from_arrays([0, 1, 2, 3], bad)
    elif pa.types.is_struct(kind):
        bad = pa.StructArray.from_arrays([bad], ["a"])
    pq.write_table(pa.table({"n": [0, 1, 2], "t": bad}), f"{tmp}/x.parquet")
    reader = ParquetReader()
    tasks = list(reader.process(FileGroupTask(data=[f"{tmp}/x.parquet"])))
    assert [row["n"] for task in tasks for row in task.items()] == [0, 2]
    assert [(r.offset, r.raw) for r in reader.take_notes()[2]] == [(1, b"\xff")]


def test_views_can_be_filtered():
    table = pa.table({"t": pa.array(["a", "b", "c"], pa.string_view())})
    task = TableTask(data=table).select(np.array([True, False, True]))
    assert task.data.column("t").to_pylist() == ["a", "c"]
