"""Repair of text: what ftfy says, though it sees only what may be damaged."""

import ftfy
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator_engine.errors import SettingsError
from curator_text.modifiers.unicode import UnicodeReformatter

DAMAGED = {
    "The MonaÃ© Lisa": "The Monaé Lisa",
    "donâ€™t": "don\u2019t",
    "a &amp; b": "a & b",
    "\x1b[36;1mblue\x1b[0m": "blue",
    "\ufeffbegin\x07": "begin",
    "\x85": "\u2026",
}
PLAIN = [
    "AT&T & so on; fine",
    "“Quoted” \u2013 dash…",
    "naïve Übermut",
    "文字です。",
    "a\tb\r\nc",
    "",
]
PIECES = st.sampled_from([*DAMAGED, *PLAIN, "\n", " ", "<b>", "&lt;", "Ã", "â€", "\x80", "é", "x"])


@pytest.mark.parametrize(("text", "expected"), DAMAGED.items())
def test_damage_is_repaired(text, expected):
    rule = UnicodeReformatter()
    assert rule.modify_document(text) == expected
    assert rule.may_change(pa.array([text])).tolist() == [True]


@pytest.mark.parametrize("text", PLAIN)
def test_text_without_damage_stays(text):
    assert UnicodeReformatter().modify_document(text) == text


@given(st.lists(PIECES, max_size=8).map("".join))
def test_what_is_passed_over_is_what_ftfy_leaves_as_it_is(text):
    rule = UnicodeReformatter()
    expected = ftfy.fix_text(text, config=rule._config())
    assert rule.modify_document(text) == expected
    if expected != text:
        assert rule.may_change(pa.array([text], pa.large_string())).all()


def test_with_a_normal_form_every_text_is_looked_at():
    rule = UnicodeReformatter(normalization="NFC")
    assert rule.may_change(pa.array(["a"])) is None
    assert rule.modify_document("e\u0301") == "é"


def test_a_config_of_ftfy_takes_the_place_of_the_settings():
    config = ftfy.TextFixerConfig(uncurl_quotes=True)
    assert UnicodeReformatter(config).modify_document("“a”") == '"a"'


@pytest.mark.parametrize("wrong", [{"normalization": "NFX"}, {"unescape_html": "yes"}])
def test_a_setting_that_ftfy_does_not_know_is_refused(wrong):
    with pytest.raises(SettingsError, match="is none of"):
        UnicodeReformatter(**wrong)
