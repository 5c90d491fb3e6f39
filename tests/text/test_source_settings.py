"""Options of the jobs that documents come from."""

import pytest

from curator_engine.errors import SettingsError
from curator_text.source_settings import ExtractSettings


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url_field": "u"}, "--html-field as well"),
        ({"html_field": ""}, "--html-field is empty"),
        ({"min_chars": 0}, "--min-chars 0"),
        ({"page_timeout": 0.0}, "--page-timeout"),
        ({"page_memory": "1MB"}, "--page-memory 1MB"),
    ],
)
def test_options_of_extract_that_do_not_fit_are_refused(given, said):
    with pytest.raises(SettingsError, match=said):
        ExtractSettings(**given).check()


def test_the_defaults_fit():
    ExtractSettings().check()
