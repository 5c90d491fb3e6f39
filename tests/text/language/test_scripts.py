"""Which script a text is written in."""

import pyarrow as pa
import pytest
from language_toys import TEXTS

from curator_text.language.scripts import script_for, scripts_of


@pytest.mark.parametrize(
    ("text", "script"),
    [
        *((text, {"Hant": "Hani"}.get(name[4:], name[4:])) for name, text in TEXTS.items()),
        ("한국어 문장 one", "Hang"),
        ("हिन्दी में", "Deva"),
        ("12 ... \U0001f600", ""),
        ("", ""),
    ],
)
def test_the_script_is_that_of_most_letters(text, script):
    assert scripts_of(pa.array([text, "other"], pa.large_string())) == [script, "Latn"]


def test_japanese_without_kana_is_japanese():
    assert script_for("jpn", "Hani") == "Jpan"
    assert script_for("zho", "Hani") == "Hani"
