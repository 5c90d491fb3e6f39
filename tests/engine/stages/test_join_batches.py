"""Batches of neighbouring files as one."""

import pyarrow as pa

from curator_engine.stages.join_batches import join_batches
from curator_engine.task import LINE_COLUMN, MIXED, TableTask


def read(lines=None, **columns):
    """A batch as a line reader gives it."""
    table = pa.table(columns)
    if lines:
        table = table.append_column(LINE_COLUMN, pa.array(lines, pa.large_binary()))
    return TableTask(data=table).mark_read()


def joined(*batches, most=1 << 20):
    return list(join_batches(batches, most=most))


def test_neighbours_are_one_in_order():
    assert [b.data["n"].to_pylist() for b in joined(read(n=[1]), read(n=[2, 3]))] == [[1, 2, 3]]


def test_together_they_have_at_most_so_many_bytes():
    batches = [read(n=[n] * 10) for n in range(5)]
    assert [b.num_items for b in joined(*batches, most=200)] == [20, 20, 10]


def test_one_that_is_too_large_is_given_as_it_is():
    assert [b.num_items for b in joined(read(n=[1] * 100), most=8)] == [100]


def test_a_column_that_a_file_lacks_is_null():
    assert joined(read(a=[1]), read(b=["x"]))[0].data.to_pylist() == [
        {"a": 1, "b": None},
        {"a": None, "b": "x"},
    ]


def test_nothing_is_converted_so_other_types_stay_apart():
    assert [b.num_items for b in joined(read(n=[1]), read(n=["1"]), read(n=["2"]))] == [1, 2]


def test_values_of_several_kinds_stay_apart_from_plain_texts():
    mixed = read(n=["1"])
    mixed.data = mixed.data.cast(pa.schema([pa.field("n", pa.string(), metadata=MIXED)]))
    assert len(joined(mixed, read(n=["2"]))) == 2


def test_what_was_read_still_counts_as_unchanged():
    batch = joined(read([b'{"n":1}\n'], n=[1]), read([b'{"n":2}\n'], n=[2]))[0]
    assert batch.unchanged_columns() == {"n", LINE_COLUMN}


def test_a_column_that_was_added_counts_as_changed():
    first, second = read(n=[1]), read(n=[2])
    for each in (first, second):
        each.data = each.data.append_column("id", pa.array([0]))
    assert joined(first, second)[0].unchanged_columns() == {"n"}


def test_no_batches_are_none():
    assert joined() == []
