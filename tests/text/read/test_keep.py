"""Keep policies as orders."""

import pyarrow as pa
import pytest

from curator_engine.errors import InputError, SettingsError
from curator_text.read.keep import KeepPolicy, check_kinds, keep_rank, parse_keep
from curator_text.read.order_keys import keys_of_values


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("first", KeepPolicy()),
        ("longest", KeepPolicy(kind="longest")),
        ("newest", KeepPolicy(kind="newest", field="timestamp")),
        ("newest:day", KeepPolicy(kind="newest", field="day")),
        ("field:score", KeepPolicy(kind="field", field="score")),
    ],
)
def test_a_policy_is_read(text, policy):
    assert parse_keep(text) == policy


@pytest.mark.parametrize("text", ["best", "field", "field:", "newest:", "first:x"])
def test_what_is_no_policy_is_refused(text):
    with pytest.raises(SettingsError, match="is not a policy; use first, longest"):
        parse_keep(text)


def rank(*blocks):
    return keep_rank([keys_of_values(block).keys for block in blocks]).tolist()


def test_the_highest_number_comes_first_and_missing_ones_last():
    assert rank([1.0, None], [3, 1]) == [1, 3, 0, 2]


def test_the_latest_text_comes_first_and_missing_ones_last():
    assert rank(["2020", ""], ["2021"]) == [1, 2, 0]


def test_numbers_beyond_a_double_are_told_apart():
    assert rank([2**53, 2**53 + 1]) == [1, 0]


def test_equal_values_keep_the_order_of_documents():
    assert rank(["a"] * 3, ["a"] * 2) == [0, 1, 2, 3, 4]


def test_no_documents_have_no_rank():
    assert keep_rank([]).tolist() == []
    assert pa.types.is_large_binary(keys_of_values([]).keys.type)


def test_values_of_two_kinds_are_refused_with_their_places():
    with pytest.raises(InputError, match="'f' is a text in a, line 1 and a number in b, line 3"):
        check_kinds({"text": "a, line 1", "number": "b, line 3"}, field="f")


def test_a_kind_without_order_is_refused():
    with pytest.raises(InputError, match="'f' is a list in a, line 1, which has no order"):
        check_kinds({"list": "a, line 1"}, field="f")
