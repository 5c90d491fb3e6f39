"""Names of languages, whatever tool they come from."""

import pytest

from curator_text.language.codes import is_code, normalized, tag


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("de", ("deu", "")),
        ("DE", ("deu", "")),
        ("ger", ("deu", "")),
        ("__label__en", ("eng", "")),
        ("__label__deu_Latn", ("deu", "Latn")),
        ("arb_Arab", ("ara", "Arab")),
        ("cmn_Hans", ("zho", "Hans")),
        ("zh-Hant", ("zho", "Hant")),
        ("zh_TW", ("zho", "")),
        ("sr-ME", ("srp", "")),
        ("iw", ("heb", "")),
        ("no", ("nob", "")),
        ("nn", ("nno", "")),
        ("fil", ("tgl", "")),
        ("als", ("sqi", "")),
        ("un", ("und", "")),
        ("gsw", ("gsw", "")),
    ],
)
def test_a_language_has_one_name(label, expected):
    assert normalized(label) == expected


def test_codes_of_wikipedias_are_their_own():
    assert normalized("__label__als", is_wikipedia=True) == ("gsw", "")
    assert normalized("__label__de", is_wikipedia=True) == ("deu", "")


def test_a_language_and_its_script_are_one_word():
    assert (tag("deu", "Latn"), tag("und", "")) == ("deu_Latn", "und")
    assert [is_code(each) for each in ("deu", "german", "d1")] == [True, False, False]
