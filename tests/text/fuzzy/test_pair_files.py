"""Runs of candidate pairs: written in any order, read back in order, each once."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator_engine.errors import StorageError
from curator_text.fuzzy.pair_files import (
    PairWriter,
    cut_before,
    distinct,
    read_rows,
    unique_pairs,
    write_rows,
)

NUMBERS = st.lists(st.integers(0, 1 << 60) | st.integers(0, 20), max_size=50)


@given(NUMBERS)
def test_distinct_values_are_in_order_and_each_once(values):
    assert distinct(np.array(values, np.int64)).tolist() == sorted(set(values))


@given(st.lists(NUMBERS, max_size=5), st.integers(1, 60))
def test_all_pairs_of_all_runs_come_once_and_in_order(tmp_path_factory, lists, at_a_time):
    folder = tmp_path_factory.mktemp("runs")
    runs = [str(folder / f"{i}.int64") for i in range(len(lists))]
    for run, values in zip(runs, lists, strict=True):
        write_rows(run, distinct(np.array(values, np.int64)))
    parts = [part.tolist() for part in unique_pairs(runs, at_a_time=at_a_time)]
    found = [value for part in parts for value in part]
    assert found == sorted({value for values in lists for value in values})
    assert all(parts)


@pytest.mark.parametrize("at_a_time", [500, 2000, 10_000])
def test_a_part_is_about_as_large_as_is_asked(tmp_path, at_a_time):
    draw = np.random.default_rng(0)
    runs = [str(tmp_path / f"{i}.int64") for i in range(20)]
    for i, run in enumerate(runs):
        write_rows(run, distinct(draw.integers(0, 10 ** (6 + i % 3), 1000 * (1 + i))))
    sizes = [len(part) for part in unique_pairs(runs, at_a_time=at_a_time)]
    assert max(sizes) <= at_a_time * 9 / 8
    assert np.mean(sizes) > at_a_time / 2


def test_a_writer_cuts_what_it_gets_into_sorted_runs(tmp_path):
    writer = PairWriter(path=f"{tmp_path}/band0", at_a_time=4)
    for values in ([5, 3, 5], [2, 1], [9], [7]):
        writer.add(np.array(values))
    writer.flush()
    assert writer.runs == [f"{tmp_path}/band0.0.int64", f"{tmp_path}/band0.1.int64"]
    assert [read_rows(run, np.int64).tolist() for run in writer.runs] == [[1, 2, 3, 5], [7, 9]]


def test_a_writer_without_pairs_writes_nothing(tmp_path):
    writer = PairWriter(path=f"{tmp_path}/band0", at_a_time=4)
    writer.flush()
    assert (writer.runs, list(tmp_path.iterdir())) == ([], [])


def test_some_rows_of_a_file_are_read(tmp):
    rows = np.zeros(9, np.dtype([("a", "<i8"), ("b", "<f4")]))
    rows["a"] = np.arange(9)
    write_rows(f"{tmp}/x.rows", rows)
    assert read_rows(f"{tmp}/x.rows", rows.dtype, 3, 6)["a"].tolist() == [3, 4, 5]


def test_a_file_that_is_cut_off_is_said(tmp):
    write_rows(f"{tmp}/x.int64", np.arange(9))
    os.truncate(f"{tmp}/x.int64", 36)
    for end in (None, 9):
        with pytest.raises(StorageError, match="is cut off"):
            read_rows(f"{tmp}/x.int64", np.int64, 0, end)


def test_a_run_that_is_gone_is_said(tmp):
    with pytest.raises(StorageError, match=r"gone\.int64"):
        list(unique_pairs([f"{tmp}/gone.int64"], at_a_time=10))


@given(st.lists(st.integers(0, 20), min_size=1, max_size=40), st.integers(1, 50))
def test_things_are_cut_where_their_pairs_add_up(counts, at_a_time):
    spans = cut_before(np.array(counts), at_a_time)
    assert [i for start, end in spans for i in range(start, end)] == list(range(len(counts)))
    assert all(sum(counts[a:b]) < at_a_time + max(counts) for a, b in spans)
