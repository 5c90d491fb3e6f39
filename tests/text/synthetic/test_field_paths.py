"""Texts inside of nested values are found and replaced by paths."""

import pytest

from curator_text.synthetic.field_paths import (
    extract_nested_fields,
    is_nested,
    is_wildcard_path,
    normalize_text_field,
    parse_structured_value,
    set_nested_fields,
)

CHAT = {
    "messages": [
        {"role": "user", "content": "a"},
        {"role": "tool", "content": None},
        "odd",
        {"content": "b", "parts": ["c", 1, "d"]},
    ]
}


@pytest.mark.parametrize(
    ("path", "texts"),
    [
        ("messages.*.content", ["a", "b"]),
        ("messages.*.parts.*", ["c", "d"]),
        ("messages.content", []),
        ("missing.*", []),
        ("messages.*", ["odd"]),
    ],
)
def test_texts_are_found_and_replaced_in_order(path, texts):
    assert extract_nested_fields(CHAT, path) == texts
    made = set_nested_fields(CHAT, path, [text.upper() for text in texts])
    assert extract_nested_fields(made, path) == [text.upper() for text in texts]
    assert extract_nested_fields(CHAT, path) == texts


def test_a_text_without_a_new_one_stays():
    made = set_nested_fields(CHAT, "messages.*.content", [None, "B"])
    assert extract_nested_fields(made, "messages.*.content") == ["a", "B"]
    assert set_nested_fields(CHAT, "messages.*.content", ["A"]) != CHAT


def test_paths_are_told_apart():
    assert (is_wildcard_path("a.*.b"), is_wildcard_path("a.b")) == (True, False)
    assert (is_nested("a.b"), is_nested("a")) == (True, False)
    assert normalize_text_field("a") == ["a"]
    assert normalize_text_field(["a", "b"]) == ["a", "b"]


@pytest.mark.parametrize(
    ("value", "parsed"),
    [
        ('{"a": 1}', {"a": 1}),
        ([1], [1]),
        ("3", None),
        ("{", None),
        (None, None),
        ("[" * 10**5, None),
    ],
    ids=str,
)
def test_values_are_lists_and_dicts_or_json_of_them(value, parsed):
    assert parse_structured_value(value) == parsed
