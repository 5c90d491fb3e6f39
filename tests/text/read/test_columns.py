"""Texts and ids in columns of any string-like type."""

from decimal import Decimal

import pyarrow as pa
import pytest

from curator_text.read.columns import as_ids, is_bytes, is_text, plain, text_column, with_columns

KINDS = [
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.binary(),
    pa.large_binary(),
    pa.binary_view(),
    pa.dictionary(pa.int8(), pa.string()),
    pa.dictionary(pa.int32(), pa.large_string()),
]


def column(values, kind):
    if pa.types.is_dictionary(kind):
        return pa.chunked_array([pa.array(values, kind.value_type).dictionary_encode().cast(kind)])
    if is_bytes(kind):
        values = [None if value is None else value.encode() for value in values]
    return pa.chunked_array([pa.array(values, kind)])


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_texts_of_any_string_like_type_are_texts(kind):
    values = ["né", None, ""]
    found = text_column(column(values, kind))
    assert pa.types.is_large_string(found.type)
    assert found.to_pylist() == values
    assert as_ids(column(values, kind)).to_pylist() == ["né", None, None]


def test_bytes_of_a_fixed_size_are_texts():
    assert text_column(pa.chunked_array([pa.array([b"ab"], pa.binary(2))])).to_pylist() == ["ab"]


def test_nulls_alone_are_texts_and_numbers_are_none():
    assert text_column(pa.chunked_array([pa.nulls(2)])).null_count == 2
    assert text_column(pa.chunked_array([[1]])) is None


@pytest.mark.parametrize(
    ("values", "kind", "ids"),
    [
        ([2**63 + 1], pa.uint64(), ["9223372036854775809"]),
        ([1.0], pa.float64(), ["1.0"]),
        ([Decimal("1.50")], pa.decimal128(5, 2), ["1.50"]),
        ([1], pa.timestamp("ns"), ["1970-01-01 00:00:00.000000001"]),
        ([[1]], pa.list_(pa.int64()), ["[1]"]),
    ],
)
def test_an_id_of_another_type_is_its_text(values, kind, ids):
    assert as_ids(pa.chunked_array([pa.array(values, kind)])).to_pylist() == ids


def test_run_lengths_are_taken_apart():
    runs = pa.RunEndEncodedArray.from_arrays(pa.array([2, 3]), pa.array(["a", "b"]))
    assert plain(pa.chunked_array([runs])).to_pylist() == ["a", "a", "b"]


def test_kinds_of_types():
    assert is_text(pa.string_view())
    assert not is_text(pa.binary())


def test_columns_are_added_or_replaced_in_their_places():
    table = with_columns(pa.table({"a": [1], "b": [2]}), {"c": pa.array([3]), "a": pa.array([4])})
    assert table.to_pydict() == {"a": [4], "b": [2], "c": [3]}
    assert table.column_names == ["a", "b", "c"]
