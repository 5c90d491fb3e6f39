import pytest

from curator_audio.transcripts.hallucination import (
    HallucinationLimits,
    hallucination_signs,
    read_phrases,
)
from curator_engine.errors import InputError

PLAIN = "ask not what your country can do for you"


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("", []),
        (PLAIN, []),
        ("la la la la la", ["repeated_ngrams"]),
        ("a b a b c", []),
        ("so " + "o" * 25, ["long_word"]),
        ("in a incontrovertible", ["long_word"]),
        ("Thank you for watching!", ["phrase_match"]),
        ("Thanks for watching, and see you", ["phrase_match"]),
    ],
)
def test_signs_of_a_text(text, signs):
    assert hallucination_signs(text) == signs


def test_more_is_said_than_anybody_can_say():
    assert hallucination_signs(PLAIN, seconds=0.5) == ["high_char_rate"]
    assert hallucination_signs(PLAIN, seconds=3.0) == []


def test_some_languages_build_long_words():
    word = "rechtsschutzversicherungen von gesellschaften"
    assert hallucination_signs(word, language="en") == ["long_word"]
    assert hallucination_signs(word, language="de-AT") == []


def test_limits_and_phrases_are_the_users(tmp_path):
    (tmp_path / "phrases.txt").write_text("So.\n\nask not\n", encoding="utf-8")
    phrases = read_phrases(str(tmp_path / "phrases.txt"))
    assert phrases == ("So.", "ask not")
    assert hallucination_signs("so", phrases=phrases) == ["phrase_match"]
    assert hallucination_signs("so it is", phrases=phrases) == []
    limits = HallucinationLimits(least_unique_words=1.0)
    assert hallucination_signs("so it is", limits=limits) == ["repeated_ngrams"]


def test_a_list_that_cannot_be_read_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="list of phrases"):
        read_phrases(str(tmp_path / "none.txt"))
