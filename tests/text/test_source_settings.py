"""Options of the jobs that documents come from."""

import pytest

from curator_engine.errors import SettingsError
from curator_text.source_settings import DownloadSettings, ExtractSettings


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url_field": "u"}, "--html-field as well"),
        ({"html_field": ""}, "--html-field is empty"),
        ({"min_chars": 0}, "--min-chars 0"),
        ({"min_formulas": -1}, "--min-formulas -1"),
        ({"page_timeout": 0.0}, "--page-timeout"),
        ({"page_memory": "1MB"}, "--page-memory 1MB"),
    ],
)
def test_options_of_extract_that_do_not_fit_are_refused(given, said):
    with pytest.raises(SettingsError, match=said):
        ExtractSettings(**given).check()


def test_the_defaults_fit():
    ExtractSettings().check()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"inputs": ["urls"]}, "no list of addresses"),
        ({"inputs": ["cc", "x.txt"], "snapshot": ["x"]}, "cc takes no x.txt"),
        ({"inputs": ["cc"]}, "cc needs --snapshot"),
        ({"inputs": ["cc"], "snapshot": ["x"], "index": "y"}, "cc needs --snapshot"),
        ({"inputs": ["news"]}, "news needs --month"),
        ({"inputs": ["wikipedia"], "dump_date": "May"}, "--dump-date May"),
        ({"base_url": "ftp://x"}, "--base-url ftp://x"),
        ({"per_file": 0}, "--per-file 0"),
        ({"per_file": 20_000}, "above 10,000"),
        ({"per_host": 0.0}, "--per-host"),
        ({"retries": -1}, "--retries -1"),
        ({"max_size": "0"}, "--max-size 0 leaves no room"),
    ],
)
def test_options_of_download_that_do_not_fit_are_refused(given, said):
    with pytest.raises(SettingsError, match=said):
        DownloadSettings(**given).check()


def test_the_first_word_names_the_source():
    assert DownloadSettings(inputs=["wikipedia"]).source == "wikipedia"
    assert DownloadSettings(inputs=["a.txt"]).lists == ["a.txt"]
