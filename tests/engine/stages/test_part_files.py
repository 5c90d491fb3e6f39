"""Rows cut into files of a size and row groups: all of them, once, in order."""

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.stages.part_files import LineFiles, RowFiles


def places(folder, ending):
    return lambda number: str(folder / f"{number}{ending}")


def rows(first, count):
    return pa.table({"n": range(first, first + count)})


def test_lines_go_into_files_of_at_most_the_size(tmp_path):
    with LineFiles(path_of=places(tmp_path, ".jsonl"), file_size=10) as files:
        for line in (b"1234\n", b"5678\n", b"9\n"):
            files.write(line)
    assert [(tmp_path / f"{k}.jsonl").read_bytes() for k in (0, 1)] == [b"1234\n5678\n", b"9\n"]


def test_no_lines_make_no_file(tmp_path):
    with LineFiles(path_of=places(tmp_path, ".jsonl")) as files:
        files.write(b"")
    assert not files.paths


def test_row_groups_have_the_rows_that_are_asked_for(tmp_path):
    with RowFiles(path_of=places(tmp_path, ".parquet"), group_rows=4) as files:
        for first in (0, 3, 6):
            files.write(rows(first, 3))
    found = pq.ParquetFile(files.paths[0])
    assert [found.metadata.row_group(i).num_rows for i in range(found.num_row_groups)] == [4, 4, 1]
    assert found.read().column("n").to_pylist() == list(range(9))


def test_a_file_of_rows_ends_at_its_size(tmp_path):
    with RowFiles(path_of=places(tmp_path, ".parquet"), file_size=400) as files:
        files.write(rows(0, 200))
    found = [pq.read_table(path).column("n").to_pylist() for path in files.paths]
    assert len(found) > 1
    assert [n for each in found for n in each] == list(range(200))


def test_a_table_without_rows_makes_a_file_with_its_columns(tmp_path):
    with RowFiles(path_of=places(tmp_path, ".parquet")) as files:
        files.write(rows(0, 0))
    assert pq.read_table(files.paths[0]).column_names == ["n"]


def test_other_columns_begin_a_file(tmp_path):
    with RowFiles(path_of=places(tmp_path, ".parquet")) as files:
        files.write(rows(0, 2))
        files.write(pa.table({"m": ["a"]}))
    assert [pq.read_table(path).column_names for path in files.paths] == [["n"], ["m"]]


def test_an_error_leaves_no_file(tmp_path):
    files = RowFiles(path_of=places(tmp_path, ".parquet"), group_rows=1)
    no_table: Any = None
    with pytest.raises(AttributeError), files:
        files.write(rows(0, 2))
        files.write(no_table)
    assert not list(tmp_path.iterdir())
