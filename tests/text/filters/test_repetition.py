"""Each rule on repetition on both sides of its limit, from its definition."""

import pytest

from curator_engine.errors import SettingsError
from curator_text.filters.repetition import (
    RepeatedLinesByCharFilter,
    RepeatedLinesFilter,
    RepeatedParagraphsByCharFilter,
    RepeatedParagraphsFilter,
    RepeatingDuplicateNGramsFilter,
    RepeatingTopNGramsFilter,
)

_LINES = "a\nb\nc\nd\ne\nf\ng\n"


@pytest.mark.parametrize(
    ("rule", "kept", "dropped"),
    [
        (RepeatedLinesFilter(), _LINES + 3 * "a\n", _LINES + 4 * "a\n"),
        (RepeatedLinesByCharFilter(), "abcd\nabcd\n" + 12 * "x", "abcd\nabcd\n" + 11 * "x"),
        (RepeatedParagraphsFilter(), "a\n\nb\n\nc\n\nc", "a\n\nb\n\nb"),
        (RepeatedParagraphsByCharFilter(), "ab\n\nab\n\n" + 6 * "x", "ab\n\nab\n\n" + 5 * "x"),
        (RepeatingTopNGramsFilter(), "a b " + "c d e f g h i", "a b c a b d e"),
        (RepeatingDuplicateNGramsFilter(), "a b c a b d e f g h i", "a b c a b"),
    ],
)
def test_a_document_at_the_limit_stays_and_one_past_it_goes(rule, kept, dropped):
    assert [rule.keep_document(rule.score_document(text)) for text in (kept, dropped)] == [
        True,
        False,
    ]


def test_a_document_of_fewer_words_than_an_ngram_fails():
    assert RepeatingTopNGramsFilter(3).score_document("a b") == 1.0
    assert RepeatingDuplicateNGramsFilter(3).score_document("a b") == 1.0


def test_of_equally_frequent_ngrams_the_first_is_cut_out():
    text = "one two. x one two. y three four! z three four! w"
    assert RepeatingTopNGramsFilter(2).score_document(text) == 2 * len("one two.") / len(text)


def test_each_character_of_overlapping_repeats_counts_once():
    # The second "a b c" and the "b c d" in it share two words.
    text = "a b c d - a b c d"
    assert RepeatingDuplicateNGramsFilter(3).score_document(text) == len("a b c d") / len(text)


def test_rules_for_each_n_have_a_score_of_their_own():
    assert RepeatingTopNGramsFilter(3).name == "repeating_top_3grams"
    assert RepeatingDuplicateNGramsFilter(5).name == "repeating_dup_5gram"


@pytest.mark.parametrize("n", [0, 51])
def test_an_n_that_is_not_counted_is_refused(n):
    with pytest.raises(SettingsError, match=f"n={n} is not in"):
        RepeatingTopNGramsFilter(n)
