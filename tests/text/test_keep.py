"""Keep policies as orders."""

import numpy as np
import pytest

from curator_engine.errors import InputError, SettingsError
from curator_text.keep import KeepPolicy, keep_rank, parse_keep


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


def test_the_highest_number_comes_first_and_missing_ones_last():
    rank = keep_rank([np.array([1.0, np.nan]), np.array([3.0, 1.0])], field="f")
    assert rank.tolist() == [1, 3, 0, 2]


def test_the_latest_text_comes_first_and_missing_ones_last():
    rank = keep_rank([np.array(["2020", ""]), np.array(["2021"])], field="f")
    assert rank.tolist() == [1, 2, 0]


def test_a_block_without_values_takes_the_kind_of_the_others():
    rank = keep_rank([np.array([np.nan]), np.array(["2021"])], field="f")
    assert rank.tolist() == [1, 0]


def test_numbers_and_texts_do_not_mix():
    with pytest.raises(InputError, match="'f' is text in some files and a number in others"):
        keep_rank([np.array([1.0]), np.array(["x"])], field="f")
