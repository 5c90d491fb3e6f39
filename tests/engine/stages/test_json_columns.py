"""Columns out of rows: one type, or marked as mixed."""

from typing import Any

import pyarrow as pa
import pytest

from curator_engine.stages.json_columns import is_deep, may_lose_digits, table_of
from curator_engine.task import MIXED


@pytest.mark.parametrize(
    "values",
    [[1, "x"], [True, 1], [{"a": 1}, {"a": "x"}], [[1], ["x"]], [2**63, 1], [2**53 + 1, 0.5]],
)
def test_values_without_a_common_type_are_marked(values):
    field = table_of([{"v": v} for v in values]).schema.field("v")
    assert (field.type, field.metadata) == (pa.string(), MIXED)


@pytest.mark.parametrize(
    "values", [[1, None], ["x", None], [{"a": 1}, {"b": 2}], [[], [1]], [1, 0.5]]
)
def test_values_with_one_are_not(values):
    assert table_of([{"v": v} for v in values]).schema.field("v").metadata is None


def test_doubles_that_may_have_been_integers_are_found_at_any_depth():
    assert may_lose_digits(pa.chunked_array([[1.0, float("nan"), -(2.0**53)]]))
    assert may_lose_digits(pa.chunked_array([[{"a": [2.0**60]}]]))
    assert not may_lose_digits(pa.chunked_array([[{"a": [0.5]}]]))
    assert not may_lose_digits(pa.chunked_array([pa.nulls(1, pa.float64())]))


def test_depth_is_counted_through_lists_and_structs():
    kind: Any = pa.int64()
    for _ in range(40):
        kind = pa.struct([pa.field("a", pa.list_(kind))])
    assert is_deep(kind)
    assert not is_deep(pa.list_(pa.int64()))
