"""Blocks of JSON lines: items, bad lines and their places."""

import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator_engine.stages.jsonl import index_lines, read_block
from curator_engine.task import MIXED

TEXT = {"text": pa.string()}


def texts(data, **options):
    return read_block(data, TEXT, **options).table.column("text").to_pylist()


def reasons(data, **options):
    return [(bad.line, bad.reason) for bad in read_block(data, TEXT, **options).bad]


def test_good_lines_are_items():
    assert texts(b'{"text":"a"}\n{"text":"b","x":1}\n') == ["a", "b"]


def test_blank_lines_are_neither_items_nor_errors():
    block = read_block(b'{"text":"a"}\n\n   \n{"text":"b"}\n', TEXT)
    assert (block.table.num_rows, block.bad, block.numbers.tolist(), block.lines) == (
        2,
        [],
        [0, 3],
        4,
    )


def test_windows_line_ends_are_line_ends():
    assert texts(b'{"text":"a"}\r\n{"text":"b"}\r\n') == ["a", "b"]


def test_a_byte_order_mark_is_skipped():
    assert texts(b'\xef\xbb\xbf{"text":"a"}\n{"text":"b"}\n') == ["a", "b"]


def test_a_last_line_without_a_line_end_is_an_item():
    assert texts(b'{"text":"a"}\n{"text":"b"}') == ["a", "b"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text":"half', "not valid JSON: Invalid control character at at character 14"),
        (b"nonsense", "not valid JSON: Expecting value at character 1"),
        (b'["text"]', "not a JSON object"),
        (b'{"text":5}', "field 'text' is not text"),
        (b'{"text":"\xff"}', "not valid UTF-8 at byte 9 of the line"),
        (b'{"text":"\\ud800"}', "field 'text' holds half a surrogate pair"),
        (b'{"text":"a"}{"text":"b"}', "not valid JSON: Extra data at character 13"),
    ],
    ids=["half", "nonsense", "list", "number", "latin-1", "surrogate", "two objects"],
)
def test_a_bad_line_is_named_and_the_others_stay(line, reason):
    data = b'{"text":"before"}\n' + line + b'\n{"text":"after"}\n'
    assert texts(data) == ["before", "after"]
    assert reasons(data) == [(1, reason)]


def test_an_object_over_two_lines_is_not_taken_for_an_item():
    data = b'{"text":\n"a"}\n{"text":"b"}{"text":"c"}\n'
    assert texts(data) == []
    assert [line for line, _ in reasons(data)] == [0, 1, 2]


def test_deep_nesting_does_not_crash():
    data = b'{"text":"a","x":' + b"[" * 200_000 + b"]" * 200_000 + b"}\n"
    assert len(texts(data)) + len(reasons(data)) == 1


def test_the_last_of_repeated_keys_counts():
    assert texts(b'{"text":"a","text":"b"}\n') == ["b"]


def test_null_and_missing_are_both_null_unless_required():
    assert texts(b'{"text":null}\n{"x":1}\n') == [None, None]


def test_a_missing_required_key_is_bad_and_a_null_is_not():
    data = b'{"text":null}\n{"x":1}\n{"text":"a"}\n'
    assert texts(data, required=("text",)) == [None, "a"]
    assert reasons(data, required=("text",)) == [(1, "no field 'text'")]


def test_lacking_rows_are_counted_apart():
    block = read_block(b'{"x":1}\n{"x":2}\n{"text":5}\n', TEXT, required=("text",))
    assert (len(block.bad), block.lacking) == (3, 2)


def test_places_are_where_the_lines_are():
    data = b'{"text":"a"}\nbad\n{"text":"bb"}\n'
    block = read_block(data, TEXT)
    lines = [data[s : s + n] for s, n in zip(block.starts, block.lengths, strict=True)]
    assert lines == [b'{"text":"a"}\n', b'{"text":"bb"}\n']


def test_dates_stay_text():
    table = read_block(b'{"d":"2020-01-01T00:00:00","n":{"t":["2020-01-01"]}}\n').table
    assert table.to_pylist() == [{"d": "2020-01-01T00:00:00", "n": {"t": ["2020-01-01"]}}]


def test_a_column_of_mixed_types_is_marked_and_its_texts_stay():
    table = read_block(b'{"a":1}\n{"a":"x"}\n{"a":null}\n{"a":[true]}\n').table
    assert table.column("a").to_pylist() == ["1", "x", None, "[true]"]
    assert table.schema.field("a").metadata == MIXED


@pytest.mark.parametrize("odd", ["1.5", "1", "null", "9223372036854775809", "-3e5"])
@pytest.mark.parametrize("form", ['{"a":%s}', '{"a":[%s]}', '{"a":{"b":%s}}'])
def test_an_integer_keeps_its_digits_whatever_is_beside_it(form, odd):
    lines = [form % 9007199254740993, form % odd]
    table = read_block("\n".join(lines).encode()).table
    values = [json.loads(v) if isinstance(v, str) else v for v in table.column("a").to_pylist()]
    assert values == [json.loads(line)["a"] for line in lines]


def test_large_doubles_are_no_integers():
    table = read_block(b'{"a":1e300}\n{"a":0.5}\n').table
    assert table.column("a").type == pa.float64()


def test_half_a_surrogate_pair_in_one_of_all_fields_costs_no_line():
    block = read_block(b'{"a":"\\ud800","b":1}\n{"a":"x","b":2}\n')
    assert block.bad == []
    assert block.table.to_pylist() == [{"a": '"\\ud800"', "b": 1}, {"a": "x", "b": 2}]


@pytest.mark.parametrize("depth", [100, 500, 900, 100_000])
def test_deep_nesting_costs_its_own_line_at_most(depth):
    data = b'{"x":1}\n{"x":' + b'{"x":' * depth + b"1" + b"}" * depth + b"}\n"
    block = read_block(data)
    assert (block.table.num_rows, len(block.bad)) in [(2, 0), (1, 1)]


def test_not_a_number_is_a_number():
    assert texts(b'{"text":"a","x":NaN}\n') == ["a"]


def test_an_empty_block_has_no_items():
    block = read_block(b"", TEXT, required=("text",))
    assert (block.table.num_rows, block.lines) == (0, 0)


@given(
    st.lists(
        st.dictionaries(st.text(max_size=5), st.none() | st.text() | st.integers(), max_size=3),
        max_size=8,
    )
)
def test_any_objects_are_read_as_json_reads_them(rows):
    data = b"".join(json.dumps({**row, "text": "x"}).encode() + b"\n" for row in rows)
    block = read_block(data, {"text": pa.string()})
    lines = [json.loads(data[s : s + n]) for s, n in zip(block.starts, block.lengths, strict=True)]
    assert lines == [{**row, "text": "x"} for row in rows]


@given(st.lists(st.text(), max_size=8))
def test_any_text_is_read_back(values):
    data = b"".join(
        json.dumps({"text": v}).encode("utf-8", "surrogatepass") + b"\n" for v in values
    )
    good = [v for v in values if v.encode("utf-8", "replace").decode() == v]
    assert texts(data) == good


@pytest.mark.parametrize("length", [1, 40, 600, 70_000])
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_long_and_short_lines_are_found_alike(length, end):
    lines = [b"x" * (length - 1) + b"\n"] * 5 + [b"\n", b"last" + end]
    index = index_lines(b"".join(lines))
    found = zip(index.starts.tolist(), index.ends.tolist(), strict=True)
    assert [end - start for start, end in found] == [len(line) for line in lines]


@pytest.mark.parametrize("value", ['"7"', "7.5", "true", "[1]", str(2**63), str(-(2**63) - 1)])
def test_a_whole_number_of_another_kind_is_a_bad_line(value):
    data = f'{{"n":1}}\n{{"n":{value}}}\n{{"n":null}}\n'.encode()
    block = read_block(data, {"n": pa.int64()})
    assert block.table.column("n").to_pylist() == [1, None]
    assert [bad.reason for bad in block.bad] == ["field 'n' is not a whole number of 64 bits"]


def test_a_lacking_line_that_is_not_utf8_is_bad_for_that():
    block = read_block(b'{"t\xff": 1}\n{"text": "a"}\n', {"text": pa.string()}, required=["text"])
    assert [bad.reason for bad in block.bad] == ["not valid UTF-8 at byte 3 of the line"]
    assert (block.table.num_rows, block.lacking) == (1, 0)
