import jiwer
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator_audio.transcripts.error_rate import (
    ErrorRate,
    agreement,
    character_errors,
    edits,
    word_errors,
)


def test_edits_are_counted_by_kind():
    assert word_errors("a b c d", "a x c d e") == ErrorRate(tokens=4, substitutions=1, insertions=1)
    assert word_errors("a b c d", "a d").deletions == 2


def test_spaces_are_characters():
    assert character_errors("ab cd", "abcd") == ErrorRate(tokens=5, deletions=1)


def test_without_a_reference_there_is_no_rate():
    assert word_errors("", "a b") == ErrorRate(insertions=2)
    assert word_errors("", "a b").rate is None
    assert word_errors("a b", "").rate == 1.0


def test_rates_of_several_texts_are_pooled():
    together = word_errors("a", "b") + word_errors("a b c", "a b c")
    assert together.rate == 0.25


def test_two_recognisers_agree_by_their_normalised_words():
    assert agreement("It's eighteen thirteen.", "it is 1813") == 1.0
    assert agreement("one two", "one three four") == pytest.approx(1 / 3)
    assert agreement("", "") == 1.0
    assert agreement("so", "") == 0.0


@given(st.lists(st.sampled_from("abc"), min_size=1), st.lists(st.sampled_from("abc"), min_size=1))
@settings(max_examples=60)
def test_the_rate_is_jiwers_and_agreement_is_symmetric(first, second):
    reference, hypothesis = " ".join(first), " ".join(second)
    assert word_errors(reference, hypothesis).rate == pytest.approx(
        jiwer.wer(reference, hypothesis)
    )
    assert agreement(reference, hypothesis) == agreement(hypothesis, reference)


def test_edits_name_the_words_in_place_of_others():
    found = edits("ask not what you can", "ask what what you")
    assert [(each.reference, each.hypothesis) for each in found if each.is_error] == [
        ("not", "what"),
        ("can", ""),
    ]
    assert [each.hypothesis for each in edits("", "new words")] == ["new words"]
