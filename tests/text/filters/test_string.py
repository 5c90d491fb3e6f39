"""Each rule on both sides of its limit, from its definition."""

import pytest

from curator_engine.errors import SettingsError
from curator_text.filters.string import (
    BoilerPlateStringFilter,
    BulletsFilter,
    CommonEnglishWordsFilter,
    EllipsisFilter,
    LongWordFilter,
    MeanWordLengthFilter,
    NonAlphaNumericFilter,
    NumbersFilter,
    ParenthesesFilter,
    PornographicUrlsFilter,
    PunctuationFilter,
    SubstringFilter,
    SymbolsToWordsFilter,
    UrlsFilter,
    WhiteSpaceFilter,
    WordCountFilter,
    WordsWithoutAlphabetsFilter,
)

_CASES = [
    (NonAlphaNumericFilter(), "abc*", "ab**"),
    (SymbolsToWordsFilter(), "a b c d e f g h i ...", "a b c d e f g h ..."),
    (SymbolsToWordsFilter(), "a b c d e f g h i #", "# b c d e f g h"),
    (NumbersFilter(), "abcdefghijklmnopq123", "abcdefghijklmnop1234"),
    (UrlsFilter(), "http://a" + 32 * "b ", "http://a" + 15 * "b "),
    (BulletsFilter(), 9 * "\u2022 a\n" + "b", 10 * "\u2022 a\n"),
    (WhiteSpaceFilter(), "ab c", "a b"),
    (ParenthesesFilter(), "abcdefghi(", "abcdefgh("),
    (LongWordFilter(), 1000 * "a", 1001 * "a"),
    (WordCountFilter(), 50 * "a ", 49 * "a "),
    (WordCountFilter(max_words=60), 60 * "a ", 61 * "a "),
    (BoilerPlateStringFilter(), "Terms of Use\n\nb\n\nc", "Terms of Use\n\nb"),
    (BoilerPlateStringFilter(), "a", "a\n\nb\n\nc\n\nd Lorem Ipsum"),
    (MeanWordLengthFilter(), "abc abc", "abc ab"),
    (MeanWordLengthFilter(), 10 * "a", 11 * "a"),
    (PunctuationFilter(), 17 * "a\n" + 3 * "b.\n", 18 * "a\n" + 3 * "b.\n"),
    (EllipsisFilter(), 3 * "a...\n" + 7 * "b\n", 4 * "a Read More\n" + 6 * "b\n"),
    (CommonEnglishWordsFilter(), "the cat and dog", "the cat AND dog"),
    (WordsWithoutAlphabetsFilter(), "a b c d 1", "a b c d 1 2"),
    (PornographicUrlsFilter(), "http://example.org porn", "http://porn.example.org"),
]
_WITH_VALUES = [
    (SubstringFilter("a", "prefix"), "ab", "ba"),
    (SubstringFilter("a", "suffix"), "ba", "ab"),
    (SubstringFilter("a", "any"), "bab", "bb"),
]
"""Rules that have no defaults."""


@pytest.mark.parametrize(("rule", "kept", "dropped"), [*_CASES, *_WITH_VALUES])
def test_a_document_at_the_limit_stays_and_one_past_it_goes(rule, kept, dropped):
    assert [rule.keep_document(rule.score_document(text)) for text in (kept, dropped)] == [
        True,
        False,
    ]


@pytest.mark.parametrize("rule", sorted({type(case[0]) for case in _CASES}, key=str))
def test_an_empty_document_fails_each_rule_but_those_on_what_it_has_not(rule):
    kept = rule().keep_document(rule().score_document(""))
    assert kept == (rule in (BoilerPlateStringFilter, PornographicUrlsFilter))


def test_a_url_is_what_the_given_pattern_finds():
    rule = UrlsFilter(url_regex=r"https?://\S+")
    assert rule.score_document("http://a/bcd b") == 12 / 14
    assert UrlsFilter().score_document("http://a/bcd b") == 8 / 14


def test_common_words_are_counted_no_further_than_asked():
    assert CommonEnglishWordsFilter().score_document("the the the") == 2
    assert CommonEnglishWordsFilter(stop_at_false=False).score_document("the the the") == 3


@pytest.mark.parametrize("lang", ["zh", "ja", "TH", "zh-Hant"])
def test_words_of_languages_without_spaces_are_refused(lang):
    with pytest.raises(SettingsError, match="without spaces"):
        WordCountFilter(lang=lang)


def test_a_place_that_is_none_is_refused():
    with pytest.raises(SettingsError, match="position='middle'"):
        SubstringFilter("a", "middle")  # pyright: ignore[reportArgumentType]
