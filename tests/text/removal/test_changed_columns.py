"""Columns whose values are replaced."""

import numpy as np
import pyarrow as pa
import pytest

from curator_text.removal.changed_columns import as_type, with_values, writable

KINDS = {
    "short": (pa.dictionary(pa.int8(), pa.string()), pa.dictionary(pa.int32(), pa.string())),
    "fixed": (pa.binary(3), pa.binary()),
    "plain": (pa.large_string(), pa.large_string()),
}


@pytest.mark.parametrize("kinds", KINDS.values(), ids=[*KINDS])
def test_a_type_that_cannot_hold_any_text_is_widened(kinds):
    assert writable(kinds[0]) == kinds[1]


def test_more_texts_than_a_short_dictionary_has_room_for_fit():
    column = pa.chunked_array([pa.array(["a"] * 300).dictionary_encode().cast(KINDS["short"][0])])
    values = pa.array([f"t{i}" for i in range(300)])
    new = as_type(with_values(column, np.arange(300), values), writable(column.type))
    assert new.to_pylist() == values.to_pylist()


def test_values_that_are_no_text_keep_their_type():
    column = pa.chunked_array([pa.array([1, None], pa.int16()), pa.array([3], pa.int16())])
    new = with_values(column, np.array([1]), pa.array([7], pa.int64()))
    assert (new.to_pylist(), new.type) == ([1, 7, 3], pa.int16())


def test_an_extension_type_stays_around_its_values():
    column = pa.chunked_array([pa.ExtensionArray.from_storage(pa.json_(), pa.array(["1", "2"]))])
    new = as_type(with_values(column, np.array([0]), pa.array(["3"])), column.type)
    assert (new.type, new.to_pylist()) == (pa.json_(), ["3", "2"])
