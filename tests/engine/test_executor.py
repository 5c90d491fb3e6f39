"""Options of executors."""

import pytest

from curator_engine.errors import SettingsError
from curator_engine.executor import CommonOptions, read_options


def test_an_unknown_option_names_the_closest():
    with pytest.raises(SettingsError, match="X has no option 'retry'; did you mean 'retries'"):
        read_options(CommonOptions, {"retry": 1}, executor="X")


def test_an_option_like_none_lists_all():
    with pytest.raises(SettingsError, match="there are on_error, ignore_failures"):
        read_options(CommonOptions, {"zzz": 1}, executor="X")


def test_ignore_failures_is_skip():
    assert CommonOptions(ignore_failures=True).policy().on_error == "skip"


def test_quarantine_wins_over_ignore_failures():
    assert (
        CommonOptions(ignore_failures=True, on_error="quarantine").policy().on_error == "quarantine"
    )
