"""Changing fields of a line leaves every other byte alone."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator_engine.stages.splice import splice

LINE = '{"a": 1.00, "b":"x,}{",  "c" : [1, 2e5]}'


@pytest.mark.parametrize(
    ("changes", "drop", "expected"),
    [
        ({"b": "y"}, set(), '{"a": 1.00, "b":"y",  "c" : [1, 2e5]}'),
        ({"d": True}, set(), '{"a": 1.00, "b":"x,}{",  "c" : [1, 2e5], "d": true}'),
        ({}, {"a"}, '{ "b":"x,}{",  "c" : [1, 2e5]}'),
        ({}, {"c"}, '{"a": 1.00, "b":"x,}{"}'),
        ({}, set(), LINE),
    ],
    ids=["replace", "add", "drop the first", "drop the last", "nothing"],
)
def test_only_what_is_asked_for_changes(changes, drop, expected):
    assert splice(LINE, changes, drop=frozenset(drop)) == expected


def test_white_space_before_a_comma_stays():
    assert splice('{"a" : 1 , "b":2\t,"c":3 }', {"b": 4}) == '{"a" : 1 , "b":4\t,"c":3 }'


def test_a_field_can_be_added_to_an_empty_object():
    assert splice("{}", {"a": 1}) == '{"a": 1}'


def test_of_a_repeated_key_the_last_is_changed():
    assert splice('{"a":1,"a":2}', {"a": 3}) == '{"a":1,"a":3}'


def test_letters_are_written_as_they_are():
    assert splice("{}", {"a": "é"}) == '{"a": "é"}'


@pytest.mark.parametrize("line", ['{"a" 1}', "{a: 1}", '{"a": 1 "b": 2}'])
def test_a_line_that_is_no_object_is_refused(line):
    with pytest.raises(ValueError, match="is expected at character"):
        splice(line, {})


@given(
    st.dictionaries(st.text(), st.integers() | st.text() | st.lists(st.none() | st.booleans())),
    st.dictionaries(st.text(), st.integers()),
    st.sets(st.text()),
)
def test_the_result_means_what_was_asked_for(row, changes, drop):
    drop -= changes.keys()
    result = json.loads(splice(json.dumps(row), changes, drop=frozenset(drop)))
    assert result == {**{k: v for k, v in row.items() if k not in drop}, **changes}


@pytest.mark.parametrize(
    "value",
    ["[" * 10_000 + '"]"' + "]" * 10_000, "1" + "0" * 9000, r'"\\\""', "NaN", '{"a": "}]"}'],
    ids=["deep", "long number", "escapes", "NaN", "brackets in a text"],
)
def test_the_other_values_may_be_whatever_they_are(value):
    line = f'{{"a": {value}, "b": 1}}'
    assert splice(line, {"b": 2}) == f'{{"a": {value}, "b": 2}}'


@pytest.mark.parametrize("line", ['{"a": [1, "b": 2', '{"a": "b}', '{"a": , "b": 2}'])
def test_a_value_without_an_end_is_refused(line):
    with pytest.raises((ValueError, IndexError)):
        splice(line, {})
