"""What a text field names: nested fields, several, chats; in lines and in tables."""

import json

import pyarrow as pa
import pytest

from curator_text.read.json_texts import read_texts
from curator_text.read.text_parts import text_of, texts_of

CHAT = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]},
    {"role": "assistant", "content": "Hello"},
]
CASES = {
    "a field": ({"text": "a"}, "text", "a"),
    "a null": ({"text": None}, "text", None),
    "a nested field": ({"meta": {"body": "a"}}, "meta.body", "a"),
    "a deeply nested field": ({"a": {"b": {"c": "x"}}}, "a.b.c", "x"),
    "a name with a dot in an object": ({"a": {"b.c": "x"}}, "a.b.c", "x"),
    "several fields": ({"title": "t", "body": "b"}, "title,body", "t\nb"),
    "several fields, spaced": ({"title": "t", "body": "b"}, "title, body", "t\nb"),
    "one of several fields": ({"body": "b"}, "title,body", "b"),
    "several fields, one empty": ({"title": "", "body": "b"}, "title,body", "b"),
    "several fields, all empty": ({"title": "", "body": ""}, "title,body", ""),
    "several fields, all null": ({"title": None, "body": None}, "title,body", None),
    "a nested field and a chat": ({"a": {"b": "x"}, "m": CHAT[3:]}, "a.b,m", "x\nHello"),
    "a chat": ({"messages": CHAT}, "messages", "Be brief.\nHi\nHello"),
    "a chat of ShareGPT": ({"c": [{"from": "human", "value": "Hi"}]}, "c", "Hi"),
    "a chat of parts": (
        {"m": [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image"}]}]},
        "m",
        "a",
    ),
    "a chat without messages": ({"messages": []}, "messages", None),
}
LITERAL = {"meta.body": "itself", "meta": {"body": "inner"}, "a,b": "both", "a": "1", "b": "2"}


@pytest.mark.parametrize("name", CASES)
def test_the_text_of_a_line(name):
    row, field, text = CASES[name]
    block = read_texts(json.dumps(row).encode() + b"\n", field)
    assert block.table.column(field).to_pylist() == [text]
    assert block.bad == []


@pytest.mark.parametrize("name", CASES)
def test_the_text_of_a_row_of_a_table(name):
    row, field, text = CASES[name]
    texts = texts_of(pa.Table.from_pylist([row]), field)
    assert texts is not None
    assert texts.to_pylist() == [text]


@pytest.mark.parametrize(("field", "text"), [("meta.body", "itself"), ("a,b", "both")])
def test_a_field_of_that_very_name_comes_first(field, text):
    assert text_of(LITERAL, field) == text
    texts = texts_of(pa.Table.from_pylist([LITERAL]), field)
    assert texts is not None
    assert texts.to_pylist() == [text]


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ({"a": 1}, "b.c", "no field 'b.c'"),
        ({"b": "text"}, "b.c", "no field 'b.c'"),
        ({"b": 5}, "b", "field 'b' is not text"),
        ({"b": ["x"]}, "b", "field 'b' is not text"),
        ({"b": [{"x": 1}]}, "b", "field 'b' is not text"),
        ({"b": [{"role": "user", "content": 5}]}, "b", "field 'b' is not text"),
        ({"a": "x", "b": 5}, "a,b", "field 'a,b' is not text"),
        ({"m": {"b": "\ud800"}}, "m.b", "field 'm.b' holds half a surrogate pair"),
    ],
)
def test_a_line_without_such_a_text_is_bad_and_its_neighbours_are_not(row, field, reason):
    good = json.dumps({"a": "x", "b": "x", "m": {"b": "x"}, "b.c": "x"}).encode() + b"\n"
    block = read_texts(good + json.dumps(row).encode() + b"\n" + good, field)
    assert [bad.reason for bad in block.bad] == [reason]
    assert [bad.line for bad in block.bad] == [1]
    assert block.lacking == reason.startswith("no field")
    assert block.numbers.tolist() == [0, 2]


def test_rows_of_several_kinds_keep_their_order_and_places():
    rows = [
        {"m": "plain"},
        {"m": CHAT},
        {"x": 1},
        {"m": None},
        {"m": [{"from": "a", "value": "v"}]},
    ]
    lines = [json.dumps(row).encode() + b"\n" for row in rows]
    block = read_texts(b"".join(lines), "m")
    assert block.numbers.tolist() == [0, 1, 3, 4]
    assert block.table.column("m").to_pylist() == ["plain", "Be brief.\nHi\nHello", None, "v"]
    ends = (block.starts + block.lengths).tolist()
    data = b"".join(lines)
    found = [data[a:b] for a, b in zip(block.starts.tolist(), ends, strict=True)]
    assert found == [lines[i] for i in (0, 1, 3, 4)]


def test_where_texts_are_written_back_a_chat_is_no_text():
    line = json.dumps({"m": CHAT}).encode() + b"\n"
    assert [bad.reason for bad in read_texts(line, "m", derives=False).bad] == [
        "field 'm' is not text"
    ]
    assert texts_of(pa.Table.from_pylist([{"m": CHAT}]), "m", plain=True) is None


def test_a_table_of_other_columns_has_no_text():
    assert texts_of(pa.table({"a": [1]}), "b.c") is None
    assert texts_of(pa.table({"a": [1]}), "a") is None
