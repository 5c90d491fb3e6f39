"""Rules on characters, words, lines and paragraphs, with NeMo Curator's names, parameters and defaults.

Sources: Gopher (Rae et al. 2021, table A1 and appendix A.1.1), C4 (Raffel et al. 2020, section 2.2). An
empty document fails each of them.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_text.filters.doc_filter import Bounds, DocumentFilter, HeuristicFilter, Scores
from curator_text.filters.documents import Documents
from curator_text.filters.words import check_language


@dataclass
class NonAlphaNumericFilter(HeuristicFilter):
    """Drop documents in which too many characters are none of a-z, A-Z, 0-9, line end and `?!,.`; for English.

    Example:
        >>> NonAlphaNumericFilter(0.25).score_document("*** a ***")
        0.8888888888888888
    """

    max_non_alpha_numeric_to_text_ratio: float = 0.25
    name = "alpha_numeric"
    needs = ("chars", "common_chars")

    def score_batch(self, documents: Documents) -> Scores:
        """The share of other characters."""
        others = documents["chars"] - documents["common_chars"]
        return np.where(
            others > 0, others / np.maximum(documents["chars"], 1), 0.0 + (documents["chars"] == 0)
        )

    def bounds(self) -> Bounds:
        """At most the ratio."""
        return None, self.max_non_alpha_numeric_to_text_ratio


@positional("max_symbol_to_word_ratio", "lang")
@dataclass
class SymbolsToWordsFilter(HeuristicFilter):
    """Drop documents in which too many words are an ellipsis, or hash signs for the most part (Gopher)."""

    max_symbol_to_word_ratio: float = 0.1
    lang: str = field(default="en", kw_only=True)
    name = "symbol_to_word"
    needs = ("symbol_words", "words")

    def __post_init__(self) -> None:
        check_language(self.lang)

    def score_batch(self, documents: Documents) -> Scores:
        """The share of words that are symbols."""
        return documents.share("symbol_words", "words", empty=1.0)

    def bounds(self) -> Bounds:
        """At most the ratio."""
        return None, self.max_symbol_to_word_ratio


@dataclass
class NumbersFilter(HeuristicFilter):
    """Drop documents in which too many characters are digits."""

    max_number_to_text_ratio: float = 0.15
    name = "numbers_ratio"
    needs = ("digits", "chars")

    def score_batch(self, documents: Documents) -> Scores:
        """The share of digits."""
        return documents.share("digits", "chars", empty=1.0)

    def bounds(self) -> Bounds:
        """At most the ratio."""
        return None, self.max_number_to_text_ratio


@dataclass
class UrlsFilter(HeuristicFilter):
    """Drop documents that are URLs for too large a part."""

    max_url_to_text_ratio: float = 0.2
    url_regex: re.Pattern[str] | str | None = None
    """What a URL is, instead of http:// or https:// and a host."""
    name = "urls_ratio"
    needs = ("url_chars", "chars")

    def score_batch(self, documents: Documents) -> Scores:
        """The share of characters in URLs."""
        if self.url_regex is None:
            return documents.share("url_chars", "chars", empty=1.0)
        sizes = [sum(map(len, urls)) for urls in _urls(documents, self.url_regex)]
        chars = documents["chars"]
        return np.where(chars > 0, np.array(sizes) / np.maximum(chars, 1), 1.0)

    def bounds(self) -> Bounds:
        """At most the ratio."""
        return None, self.max_url_to_text_ratio


@dataclass
class PornographicUrlsFilter(HeuristicFilter):
    """Drop documents with a URL that has "porn" in it."""

    url_regex: re.Pattern[str] | str | None = None
    name = "pornographic_urls"
    needs = ("pornographic_urls",)

    def score_batch(self, documents: Documents) -> Scores:
        """1 for a document with such a URL, else 0."""
        if self.url_regex is None:
            return (documents["pornographic_urls"] > 0).astype(np.float64)
        found = [any("porn" in url for url in urls) for urls in _urls(documents, self.url_regex)]
        return np.array(found, np.float64)

    def bounds(self) -> Bounds:
        """None."""
        return None, 0.0


def _urls(documents: Documents, pattern: re.Pattern[str] | str) -> list[list[str]]:
    compiled = re.compile(pattern)
    texts: list[Any] = documents.texts.to_pylist()
    return [[m[0] for m in compiled.finditer(text)] for text in texts]


@dataclass
class BulletsFilter(HeuristicFilter):
    """Drop documents in which too many lines begin with a bullet (Gopher)."""

    max_bullet_lines_ratio: float = 0.9
    name = "bullet_ratio"
    needs = ("lines_with_bullet", "lines")

    def score_batch(self, documents: Documents) -> Scores:
        """The share of lines with a bullet."""
        return documents.share("lines_with_bullet", "lines", empty=1.0)

    def bounds(self) -> Bounds:
        """At most the ratio."""
        return None, self.max_bullet_lines_ratio


@dataclass
class WhiteSpaceFilter(HeuristicFilter):
    """Drop documents in which too many characters are white space, also at both ends."""

    max_white_space_ratio: float = 0.25
    name = "white_space"
    needs = ("white_space", "chars")

    def score_batch(self, documents: Documents) -> Scores:
        """The share of white space."""
        return documents.share("white_space", "chars", empty=1.0)

    def bounds(self) -> Bounds:
        """At most the ratio."""
        return None, self.max_white_space_ratio


@dataclass
class ParenthesesFilter(HeuristicFilter):
    """Drop documents in which too many characters are brackets of any kind."""

    max_parentheses_ratio: float = 0.1
    name = "parentheses_ratio"
    needs = ("brackets", "chars")

    def score_batch(self, documents: Documents) -> Scores:
        """The share of brackets."""
        return documents.share("brackets", "chars", empty=1.0)

    def bounds(self) -> Bounds:
        """At most the ratio."""
        return None, self.max_parentheses_ratio


@positional("max_word_length", "lang")
@dataclass
class LongWordFilter(HeuristicFilter):
    """Drop documents with a word that is too long, such as minified scripts (C4)."""

    max_word_length: int = 1000
    lang: str = field(default="en", kw_only=True)
    name = "max_word_length"
    needs = ("longest_word", "words")

    def __post_init__(self) -> None:
        check_language(self.lang)

    def score_batch(self, documents: Documents) -> Scores:
        """Characters of the longest word; one more than allowed without words."""
        longest = documents["longest_word"].astype(np.float64)
        return np.where(documents["words"] > 0, longest, self.max_word_length + 1.0)

    def bounds(self) -> Bounds:
        """At most the length."""
        return None, self.max_word_length


@positional("min_words", "max_words", "lang")
@dataclass
class WordCountFilter(HeuristicFilter):
    """Drop documents with too few or too many words (Gopher)."""

    min_words: int = 50
    max_words: int = 100000
    lang: str = field(default="en", kw_only=True)
    name = "word_count"
    needs = ("words",)

    def __post_init__(self) -> None:
        check_language(self.lang)

    def score_batch(self, documents: Documents) -> Scores:
        """The number of words."""
        return documents["words"].astype(np.float64)

    def bounds(self) -> Bounds:
        """The least and the most."""
        return self.min_words, self.max_words


@dataclass
class BoilerPlateStringFilter(HeuristicFilter):
    """Drop documents in which too many paragraphs speak of cookies, privacy or terms of use (C4)."""

    remove_if_at_top_or_bottom: bool = True
    """Accepted: where the paragraphs are makes no difference to the score, as in NeMo Curator."""
    max_boilerplate_string_ratio: float = 0.4
    name = "boilerplate_string_ratio"
    needs = ("boilerplate_paragraphs", "paragraphs", "lorem_ipsum")

    def score_batch(self, documents: Documents) -> Scores:
        """The share of such paragraphs; 1 with placeholder text ("lorem ipsum")."""
        share = documents.share("boilerplate_paragraphs", "paragraphs", empty=0.0)
        return np.where(documents["lorem_ipsum"] > 0, 1.0, share)

    def bounds(self) -> Bounds:
        """At most the ratio."""
        return None, self.max_boilerplate_string_ratio


@positional("min_mean_word_length", "max_mean_word_length", "lang")
@dataclass
class MeanWordLengthFilter(HeuristicFilter):
    """Drop documents whose words are too short or too long on average (Gopher)."""

    min_mean_word_length: float = 3
    max_mean_word_length: float = 10
    lang: str = field(default="en", kw_only=True)
    name = "mean_word_length"
    needs = ("word_chars", "words")

    def __post_init__(self) -> None:
        check_language(self.lang)

    def score_batch(self, documents: Documents) -> Scores:
        """Characters per word."""
        return documents.share("word_chars", "words", empty=0.0)

    def bounds(self) -> Bounds:
        """The least and the most."""
        return self.min_mean_word_length, self.max_mean_word_length


@dataclass
class PunctuationFilter(HeuristicFilter):
    """Drop documents in which too many lines end without an end mark or a quotation mark (C4)."""

    max_num_sentences_without_endmark_ratio: float = 0.85
    name = "punctuation"
    needs = ("lines_without_end_mark", "lines")

    def score_batch(self, documents: Documents) -> Scores:
        """The share of lines without a mark."""
        return documents.share("lines_without_end_mark", "lines", empty=1.0)

    def bounds(self) -> Bounds:
        """At most the ratio."""
        return None, self.max_num_sentences_without_endmark_ratio


@dataclass
class EllipsisFilter(HeuristicFilter):
    """Drop documents in which too many lines end with an ellipsis or "read more" (Gopher)."""

    max_num_lines_ending_with_ellipsis_ratio: float = 0.3
    name = "ellipsis"
    needs = ("lines_ending_in_ellipsis", "lines")

    def score_batch(self, documents: Documents) -> Scores:
        """The share of such lines."""
        return documents.share("lines_ending_in_ellipsis", "lines", empty=1.0)

    def bounds(self) -> Bounds:
        """At most the ratio."""
        return None, self.max_num_lines_ending_with_ellipsis_ratio


@dataclass
class CommonEnglishWordsFilter(HeuristicFilter):
    """Drop documents with too few of the words the, be, to, of, and, that, have, with in lower case (Gopher)."""

    min_num_common_words: int = 2
    stop_at_false: bool = True
    """Count no further than what suffices."""
    name = "common_english_words"
    needs = ("common_words",)

    def score_batch(self, documents: Documents) -> Scores:
        """How many of the words are such words."""
        found = documents["common_words"].astype(np.float64)
        return np.minimum(found, max(self.min_num_common_words, 1)) if self.stop_at_false else found

    def bounds(self) -> Bounds:
        """At least the number."""
        return self.min_num_common_words, None


@positional("min_words_with_alphabets", "lang")
@dataclass
class WordsWithoutAlphabetsFilter(HeuristicFilter):
    """Drop documents in which too few words have a letter (Gopher)."""

    min_words_with_alphabets: float = 0.8
    lang: str = field(default="en", kw_only=True)
    name = "words_without_alphabets"
    needs = ("words_with_letters", "words")

    def __post_init__(self) -> None:
        check_language(self.lang)

    def score_batch(self, documents: Documents) -> Scores:
        """The share of words with a letter."""
        return documents.share("words_with_letters", "words", empty=0.0)

    def bounds(self) -> Bounds:
        """At least the ratio."""
        return self.min_words_with_alphabets, None


@dataclass
class SubstringFilter(DocumentFilter):
    """Keep only documents that have a string in a place."""

    substring: str
    position: Literal["prefix", "suffix", "any"]
    name = "substring"

    def __post_init__(self) -> None:
        if self.position not in ("prefix", "suffix", "any"):
            raise SettingsError(f"position={self.position!r} is none of prefix, suffix, any.")

    def score_document(self, text: str) -> float:
        """1 if the string is there, else 0."""
        match self.position:
            case "prefix":
                return float(text.startswith(self.substring))
            case "suffix":
                return float(text.endswith(self.substring))
            case _:
                return float(self.substring in text)

    def keep_document(self, score: float) -> bool:
        """Whether it is there."""
        return score == 1
