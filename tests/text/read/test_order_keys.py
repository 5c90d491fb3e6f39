"""Values of the keep field as bytes that sort as they do."""

import itertools
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from curator_text.read.order_keys import keys_of_column, keys_of_values, no_keys, number_keys


def column_keys(values, kind):
    return keys_of_column(pa.chunked_array([pa.array(values, kind)]))


def in_order(keys):
    values = keys.to_pylist()
    return all(a < b for a, b in itertools.pairwise(values))


NUMBERS = [-(2**70), -(2**63), -(2**53) - 1, -1.5, -1, 0, 0.5, 1, 2**53, 2**53 + 1, 2**62 + 1, 2**63, 2**64 + 1, 1e300]  # fmt: skip


def test_numbers_of_any_size_sort_by_value():
    assert in_order(keys_of_values(NUMBERS).keys)


def test_a_column_and_single_values_have_the_same_keys():
    whole = [-(2**63), -(2**53) - 1, 0, 2**53 + 1, 2**63 - 1]
    assert column_keys(whole, pa.int64()).keys.equals(keys_of_values(whole).keys)
    big = [0, 2**53 + 1, 2**63, 2**64 - 1]
    assert column_keys(big, pa.uint64()).keys.equals(keys_of_values(big).keys)
    doubles = [-1e300, -0.0, 0.1, 2.0**60]
    assert column_keys(doubles, pa.float64()).keys.equals(keys_of_values(doubles).keys)


def test_decimals_sort_with_whole_numbers_and_doubles():
    values = [Decimal("-0.1"), 0, Decimal("0.1"), 0.1, Decimal("0.10000000000000001"), 1]
    assert in_order(keys_of_values(values).keys)
    assert keys_of_values([Decimal("2.0"), 2]).keys.to_pylist() == keys_of_values([2, 2.0]).keys.to_pylist()  # fmt: skip


def test_infinity_is_beyond_all_numbers():
    assert in_order(number_keys(np.array([-np.inf, -1e308, 1e308, np.inf])))
    assert number_keys(np.array([np.inf])).to_pylist() == keys_of_values([float("inf")]).keys.to_pylist()  # fmt: skip


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_time_stamps_sort_by_the_moment_whatever_their_unit(unit):
    one = column_keys([0, 1], pa.timestamp("s")).keys.to_pylist()
    factor = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    found: list[Any] = column_keys([-factor, 0, factor], pa.timestamp(unit)).keys.to_pylist()
    assert found[1:] == one
    assert found[0] < found[1]


def test_one_nanosecond_is_told_apart_and_a_far_year_is_not_cut():
    near = column_keys([1_700_000_000 * 10**9, 1_700_000_000 * 10**9 + 1], pa.timestamp("ns"))
    assert in_order(near.keys)
    days = column_keys([date(1, 1, 1), date(2020, 1, 2), date(9999, 12, 31)], pa.date32()).keys
    stamp = column_keys([datetime(2020, 1, 2)], pa.timestamp("us")).keys
    assert in_order(days)
    assert days[1] == stamp[0]


@pytest.mark.parametrize(
    ("values", "kind", "name"),
    [
        (["a", "aé", "b"], pa.string_view(), "text"),
        (["a", "b"], pa.dictionary(pa.int8(), pa.string()), "text"),
        ([False, True], pa.bool_(), "truth value"),
        ([time(1), time(2, 0, 0, 1)], pa.time64("us"), "time of day"),
        ([time(1), time(2)], pa.time32("s"), "time of day"),
        ([timedelta(1), timedelta(2)], pa.duration("ms"), "duration"),
        ([b"a", b"b"], pa.binary(), "binary"),
        ([1.5, 2.5], pa.float16(), "number"),
    ],
)
def test_ordinary_types_of_parquet_have_an_order(values, kind, name):
    if kind == pa.float16():
        values = np.array(values, np.float16)
    found = column_keys(values, kind)
    assert in_order(found.keys)
    assert found.kinds == {name: 0}


def test_what_is_missing_has_no_key():
    assert keys_of_values([None, "", float("nan")]).keys.null_count == 3
    assert column_keys([None, ""], pa.string()).keys.null_count == 2
    assert column_keys([None, float("nan")], pa.float64()).keys.null_count == 2
    assert no_keys(2).keys.null_count == 2


def test_the_first_value_of_each_kind_is_told():
    assert keys_of_values([None, 1, "x", 2, True]).kinds == {
        "number": 1,
        "text": 2,
        "truth value": 4,
    }


def test_a_list_has_no_order():
    assert keys_of_values([[1]]).kinds == {"list": 0}
    assert column_keys([None, [1]], pa.list_(pa.int64())).kinds == {"list": 1}


def test_a_long_text_costs_its_own_bytes_only():
    keys = keys_of_values(["x" * 500_000, *["y"] * 1000]).keys
    assert keys.nbytes < 600_000
