"""Tasks: ids, copies, and which columns are still what was read."""

import pickle

import numpy as np
import pyarrow as pa
import pytest
from toys import Number

from curator_engine.task import EmptyTask, FileGroupTask, TableTask, file_safe, id_key, short_hash


def read_task():
    return TableTask(data=pa.table({"a": [1, 2, 3], "b": ["x", "y", "z"]})).mark_read()


def test_short_hash_knows_the_borders_of_its_parts():
    assert short_hash("ab", "c") != short_hash("a", "bc")


def test_the_key_of_a_span_differs_from_the_key_of_its_file():
    assert (
        FileGroupTask(data=["f"]).source_key()
        != FileGroupTask(data=["f"], span=(0, 1)).source_key()
    )


def test_an_empty_task_has_no_items():
    assert EmptyTask().num_items == 0


def test_a_task_that_is_no_batch_has_no_items_to_filter():
    with pytest.raises(TypeError, match="Number is not a batch"):
        Number(data=1).items()


def test_a_task_that_is_no_batch_cannot_be_selected_from():
    with pytest.raises(TypeError, match="Number is not a batch"):
        Number(data=1).select(np.array([True]))


def test_a_fork_has_its_own_metadata():
    task = Number(data=1)
    task.fork()._metadata["x"] = 1
    assert task._metadata == {}


def test_columns_are_unchanged_after_reading():
    assert read_task().unchanged_columns() == {"a", "b"}


def test_a_replaced_column_counts_as_changed():
    task = read_task()
    task.data = task.data.set_column(0, "a", pa.array([1, 2, 3]))
    assert task.unchanged_columns() == {"b"}


def test_columns_stay_unchanged_when_rows_are_selected():
    assert read_task().select(np.array([True, False, True])).unchanged_columns() == {"a", "b"}


def test_a_column_changed_before_a_selection_stays_changed():
    task = read_task()
    task.data = task.data.set_column(0, "a", pa.array([1, 2, 3]))
    assert task.select(np.array([True, True, False])).unchanged_columns() == {"b"}


def test_columns_stay_unchanged_through_pickling():
    assert pickle.loads(pickle.dumps(read_task())).unchanged_columns() == {"a", "b"}


def test_a_changed_column_stays_changed_through_pickling():
    task = read_task()
    task.data = task.data.set_column(0, "a", pa.array([1, 2, 3]))
    copy = pickle.loads(pickle.dumps(task))
    assert (copy.unchanged_columns(), copy.columns_read()) == ({"b"}, {"a", "b"})


def test_rows_filtered_by_a_stage_itself_count_as_changed():
    task = read_task()
    task.data = task.data.filter(pa.array([True, False, True]))
    assert task.unchanged_columns() == frozenset()


def test_position_ten_comes_after_position_nine():
    assert sorted(["0_10", "0_9"], key=id_key) == ["0_9", "0_10"]


def test_an_id_that_can_name_a_file_stays_as_it_is():
    assert file_safe("n1_2.x-y") == "n1_2.x-y"


@pytest.mark.parametrize("name", ["a/b", "a b", "é", "x" * 101, ""])
def test_an_id_that_cannot_name_a_file_becomes_a_hash(name):
    assert file_safe(name) == short_hash(name)
