"""Languages that are written without spaces."""

import pytest

from curator_engine.errors import SettingsError
from curator_text.filters.words import WITHOUT_SPACES, check_language


@pytest.mark.parametrize("lang", ["en", "de", "ko", "vi", "EN-us"])
def test_languages_with_spaces_pass(lang):
    check_language(lang)


@pytest.mark.parametrize("lang", WITHOUT_SPACES)
def test_languages_without_spaces_are_refused_by_name(lang):
    with pytest.raises(SettingsError, match=WITHOUT_SPACES[lang]):
        check_language(lang)
