"""Tasks: ids, copies, and which columns are still what was read."""

import pickle
from typing import cast

import numpy as np
import pandas
import pyarrow as pa
import pytest
from toys import Number

from curator_engine.errors import PipelineError
from curator_engine.perf import StagePerfStats
from curator_engine.task import (
    LINE_COLUMN,
    MIXED,
    EmptyTask,
    FileGroupTask,
    TableTask,
    file_safe,
    id_key,
    short_hash,
)


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


def test_a_dataframe_becomes_a_table_without_its_index():
    frame = pandas.DataFrame({"a": [1, 2], "b": ["x", None]}, index=[5, 6])
    task = TableTask(data=cast("pa.Table", frame))
    assert task.data.to_pydict() == {"a": [1, 2], "b": ["x", None]}
    assert task.data.schema.metadata is None
    assert task.num_items == 2


def test_a_dataframe_that_is_set_becomes_a_table():
    task = read_task()
    task.data = task.to_pandas().assign(c=[True, False, True])
    assert task.get_columns() == ["a", "b", "c"]
    assert task.unchanged_columns() == frozenset()


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pandas.DataFrame({"a": [1, "x"]}), "column a .* Give each column values of one kind"),
        (pandas.DataFrame([[1, 2]], columns=["a", "a"]), "Duplicate column names"),
        (pandas.Series([1]), "not a Series of pandas"),
    ],
)
def test_what_cannot_be_a_table_is_said_where_it_is_given(frame, message):
    with pytest.raises(PipelineError, match=message):
        TableTask(data=frame)


def test_values_of_several_kinds_are_in_a_dataframe_as_they_are():
    lines = [b'{"a": "1"}\n', b'{"a": 1}\n']
    schema = pa.schema(
        [pa.field("a", pa.string(), metadata=MIXED), pa.field(LINE_COLUMN, pa.binary())]
    )
    task = TableTask(
        data=pa.Table.from_pydict({"a": ["1", "1"], LINE_COLUMN: lines}, schema=schema)
    ).mark_read()
    assert task.to_pandas().to_dict("list") == {"a": ["1", 1]}


@pytest.mark.parametrize("kind", [pa.int64(), pa.uint8(), pa.int32()])
def test_whole_numbers_stay_whole_on_the_way_through_a_dataframe(kind):
    given = [7, None, 2**53 + 1 if kind == pa.int64() else 9]
    task = TableTask(data=pa.table({"n": pa.array(given, kind)}))
    task.data = cast("pa.Table", task.to_pandas())
    assert task.data.to_pydict() == {"n": given}
    assert task.data.schema.field("n").type == kind


def test_a_task_is_good_where_it_has_something_in_it():
    assert [FileGroupTask(data=files).validate() for files in ([], ["f"])] == [False, True]
    tables = [pa.table({}), pa.table({"a": pa.array([], pa.int64())}), pa.table({"a": [1]})]
    assert [TableTask(data=table).validate() for table in tables] == [False, False, True]


def test_a_class_of_a_users_looks_at_its_data_when_it_is_made():
    class Even(Number):
        def validate(self):
            if self.data % 2:
                raise ValueError("odd")
            return True

    with pytest.raises(ValueError, match="odd"):
        Even(data=1)
    assert Even(data=2).data == 2


def test_a_users_own_id_is_the_key_of_a_source():
    class Named(Number):
        def get_deterministic_id(self):
            return f"n{self.data}"

    assert Named(data=4).source_key() == "n4"


def test_a_record_of_time_can_be_added():
    task, record = Number(data=1), StagePerfStats(stage_name="read")
    task.add_stage_perf(record)
    assert task._stage_perf == [record]
