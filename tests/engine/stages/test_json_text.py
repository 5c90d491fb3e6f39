"""Arrow values as JSON text: every type has one form, and numbers keep their digits."""

import datetime as dt
import json
from decimal import Decimal

import pyarrow as pa
import pytest

from curator_engine.errors import InputError
from curator_engine.stages.json_text import dump, json_rows, json_texts

NANOSECONDS = 1_700_000_000_123_456_789


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (pa.array([float("nan")]), "null"),
        (pa.array([[1.0, float("-inf")]]), "[1.0, null]"),
        (pa.array([b"\xff\x00"]), '"/wA="'),
        (
            pa.array([[("k", 1.5), ("l", None)]], pa.map_(pa.string(), pa.float64())),
            '{"k": 1.5, "l": null}',
        ),
        (pa.array([[(1, "x")]], pa.map_(pa.int64(), pa.string())), '{"1": "x"}'),
        (pa.array([Decimal("12345678901234567890.10")]), "12345678901234567890.10"),
        (pa.array([{"d": Decimal("1E+3")}]), '{"d": 1000}'),
        (pa.array([2**64 - 1], pa.uint64()), "18446744073709551615"),
        (pa.array([NANOSECONDS], pa.timestamp("ns")), '"2023-11-14T22:13:20.123456789"'),
        (
            pa.array([[NANOSECONDS]], pa.list_(pa.timestamp("ns", "Europe/Berlin"))),
            '["2023-11-14T22:13:20.123456789Z"]',
        ),
        (pa.array([253402300799], pa.timestamp("s")), '"9999-12-31T23:59:59"'),
        (pa.array([dt.date(2020, 1, 2)]), '"2020-01-02"'),
        (pa.array([1], pa.time64("ns")), '"00:00:00.000000001"'),
        (pa.array([7], pa.duration("ms")), "7"),
        (pa.array(["a"]).dictionary_encode(), '"a"'),
        (pa.array(["é"], pa.string_view()), '"é"'),
        (pa.array([b"a"], pa.binary_view()), '"YQ=="'),
        (pa.array([b"a" * 16], pa.uuid()), '"61616161-6161-6161-6161-616161616161"'),
        (pa.array([1.5], pa.float16()), "1.5"),
        (pa.array([{}]), "{}"),
        (pa.nulls(1), "null"),
    ],
    ids=lambda each: str(each.type) if isinstance(each, pa.Array) else "",
)
def test_every_type_has_its_text(array, text):
    assert json_texts(pa.chunked_array([array])) == [text]
    json.loads(text)


def test_rows_of_all_types_are_lines():
    table = pa.table({"a": [1, None], "d": [Decimal("0.10"), None]})
    assert list(json_rows(table)) == [b'{"a": 1, "d": 0.10}\n', b'{"a": null, "d": null}\n']


def test_not_a_number_costs_its_own_value_only():
    table = pa.table({"x": [float("nan"), 0.5], "t": ["é", "b"]})
    assert list(json_rows(table)) == ['{"x": null, "t": "é"}\n'.encode(), b'{"x": 0.5, "t": "b"}\n']


def test_a_column_that_is_there_twice_is_an_error():
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pytest.raises(InputError, match="column 'a' is there 2 times"):
        list(json_rows(table))


def test_python_values_lose_what_json_lacks():
    assert dump({"a": [float("inf"), 1]}) == '{"a": [null, 1]}'
