"""Options for pandas, as Arrow can do them."""

import pytest

from curator_engine.errors import SettingsError
from curator_engine.stages.given_options import READ_JSONL, options_in


def chosen(**given):
    return options_in("read_kwargs", given, known=READ_JSONL, used=("columns",))


def test_what_means_the_same_anyway_has_no_effect():
    assert chosen(lines=True, engine="pyarrow", pyarrow_block_size=1 << 20) == {}


def test_what_is_used_is_handed_on():
    options = {"columns": ["a"], "storage_options": {"anon": True}}
    assert chosen(**options) == options


def test_none_is_nothing():
    assert options_in("read_kwargs", None, known={}, used=()) == {}


def test_an_unknown_key_is_named_with_those_there_are():
    with pytest.raises(SettingsError, match=r"^read_kwargs: 'chunksize' is not offered; there are"):
        chosen(chunksize=10)


def test_a_value_that_would_change_the_result_is_named():
    with pytest.raises(SettingsError, match=r"^read_kwargs: lines=False is not offered, only True"):
        chosen(lines=False)


def test_one_is_not_true():
    with pytest.raises(SettingsError, match="lines=1"):
        chosen(lines=1)
