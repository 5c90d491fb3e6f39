"""Values of fields of JSON lines keep the type that they were written with."""

import json

import pyarrow as pa
import pytest

from curator_engine.stages.jsonl import read_block
from curator_text.read.line_values import line_ids, read_with_values


def lines(values, **others):
    rows = [{"text": str(i), **others, "v": value} for i, value in enumerate(values)]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def read(data):
    block, values = read_with_values(data, "text", pa.string(), ["v"])
    found = values["v"]
    return block, found if isinstance(found, list) else found.to_pylist()


@pytest.mark.parametrize(
    "values", [["a", "b"], [1, 2], [1, "b"], [1, 2**70], ["", None], [1.5, True], [[1], {"a": 2}]]
)
def test_an_id_may_be_of_any_kind(values):
    data = "".join(json.dumps({"id": value}) + "\n" for value in values).encode()
    want = [None if value in (None, "") else str(value) for value in values]
    assert line_ids(data, read_block(data), "id").to_pylist() == want


def test_ids_belong_to_their_lines_though_others_are_bad():
    data = b'{"text":"a","id":"1"}\n{half\n{"id":"2"}\n{"text":"b","id":"3"}\n'
    block = read_block(data, {"text": pa.string()}, required=["text"])
    assert line_ids(data, block, "id").to_pylist() == ["1", "3"]


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, None],
        [1, 0.5],
        [2**53 + 1, 0.5],
        [2**64 + 1, 1],
        ["a", 5, "b"],
        [True, None],
        [None] * 30 + [7],
        [1] * 30 + ["x"],
        [{"a": 1}],
    ],
)
def test_a_value_is_what_it_was_whatever_stands_beside_it(values):
    _, found = read(lines(values))
    assert found == values


def test_a_line_that_lacks_the_field_costs_no_value_of_the_others():
    block, found = read(lines([1, 2]) + b'{"v": 3}\n' + lines([4]))
    assert (block.lacking, found) == (1, [1, 2, 4])
