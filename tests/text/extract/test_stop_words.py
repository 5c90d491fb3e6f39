"""Frequent words by language."""

import pytest

from curator_engine.errors import SettingsError
from curator_text.extract.stop_words import get_stop_list_dict, require, stop_words


def test_words_are_found_by_names_in_any_case():
    assert "the" in stop_words("ENGLISH")
    assert "und" in stop_words("german")
    assert not stop_words("Klingon")


def test_all_lists_are_there_by_names_in_capitals():
    found = get_stop_list_dict()
    assert "the" in found["ENGLISH"]
    assert found["THAI"] == frozenset()
    assert list(get_stop_list_dict(["German"])) == ["GERMAN"]


def test_a_missing_package_says_what_to_install():
    with pytest.raises(SettingsError, match=r"install curator-text\[extract\]"):
        require("no_such_package")
