"""Gopher's rules on both sides of their limits, from their definitions."""

import pytest

from curator_engine.errors import SettingsError
from curator_text.filters.gopher import (
    GopherAlphabeticWordsFilter,
    GopherBulletLinesFilter,
    GopherDuplicateNGramsFilter,
    GopherEllipsesFilter,
    GopherEllipsisLinesFilter,
    GopherHashesFilter,
    GopherLineCharsFilter,
    GopherLinesFilter,
    GopherParagraphCharsFilter,
    GopherParagraphsFilter,
    GopherStopWordsFilter,
    GopherTopNGramsFilter,
    GopherWordLengthFilter,
    GopherWordsFilter,
)

_THREE, _FOUR = [*"abcdefgaaa"], [*"abcdefaaaa"]
_CASES = [
    (GopherParagraphsFilter(), "\n\n\n".join(_THREE), "\n\n".join(_FOUR)),
    (GopherParagraphCharsFilter(), "abcd\n\nabcd\n\n" + 8 * "x", "abcd\n\nabcd\n\n" + 7 * "x"),
    (GopherLinesFilter(), "\n".join(_THREE), "\n\n".join(_FOUR)),
    (GopherLineCharsFilter(), "abcd\nabcd\n" + 10 * "x", "abcd\nabcd\n" + 9 * "x"),
    (GopherTopNGramsFilter(), "ab cd ab cd" + 39 * ".", "ab cd ab cd" + 38 * "."),
    (GopherTopNGramsFilter(3, 0.18), "ab cd e ab cd e " + 62 * "x", "ab cd e ab cd e " + 61 * "x"),
    (GopherDuplicateNGramsFilter(5, 0.15), "a b c d e a b c d e" + 15 * "x", "a b c d e a b c d e " + 13 * "x"),
    (GopherWordsFilter(), 50 * "a , ", 49 * "a , "),
    (GopherWordsFilter(max_words=60), 60 * "a . ", 61 * "a . "),
    (GopherWordLengthFilter(), "abc abc, . ,", "abc ab, . ,"),
    (GopherWordLengthFilter(), 10 * "a" + ".", 11 * "a" + "."),
    (GopherHashesFilter(), "#a" + 8 * " b", "#a" + 7 * " b"),
    (GopherEllipsesFilter(), "a..." + 8 * " b", "a\u2026" + 7 * " b"),
    (GopherBulletLinesFilter(), 9 * " - a\n" + "b", 10 * "\u2022 a\n" + "- b"),
    (GopherEllipsisLinesFilter(), 3 * "a...\n" + 7 * "b\n", 4 * "a\u2026 \n" + 6 * "b\n"),
    (GopherAlphabeticWordsFilter(), "a b c d 1", "a b c d, 1"),
    (GopherStopWordsFilter(), "the the with", "the the With"),
    (GopherStopWordsFilter(words=["der", "und"]), "der Hund und", "der der the and"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "kept", "dropped"), _CASES)
def test_a_document_at_the_limit_stays_and_one_past_it_goes(rule, kept, dropped):
    scores = [rule.score_document(text) for text in (kept, dropped)]
    assert [rule.keep_document(score) for score in scores] == [True, False], scores


def test_an_empty_document_fails_the_first_rule():
    rule = GopherParagraphsFilter()
    assert not rule.keep_document(rule.score_document(""))


@pytest.mark.parametrize("kind", [GopherTopNGramsFilter, GopherDuplicateNGramsFilter])
@pytest.mark.parametrize("n", [0, 51])
def test_ngrams_of_no_or_too_many_words_are_refused(kind, n):
    with pytest.raises(SettingsError, match="1, 50"):
        kind(n=n)


def test_languages_without_spaces_are_refused():
    with pytest.raises(SettingsError, match="without spaces"):
        GopherWordsFilter(lang="ja")
