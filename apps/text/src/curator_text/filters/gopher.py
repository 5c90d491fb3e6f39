"""Gopher's rules on repetition and on quality as datatrove counts them, with the limits of table A1 and appendix A.1.1.

Source: Rae et al. 2021. Words are told from marks as spaCy's rules for English do. NeMo Curator's rules of the same
source, which cut at white space and count otherwise, are in `repetition.py` and `string.py`.
"""

from dataclasses import dataclass, field

import numpy as np

from curator_engine.errors import SettingsError
from curator_text.filters.doc_filter import Bounds, Scores, TokenFilter
from curator_text.filters.documents import Documents
from curator_text.filters.phrases import COMMON_WORDS
from curator_text.filters.words import check_language


@dataclass
class GopherParagraphsFilter(TokenFilter):
    """Drop documents in which too many paragraphs occurred before, and those without text."""

    max_repeated: float = 0.3
    name = "gopher_paragraphs"

    def score_batch(self, documents: Documents) -> Scores:
        """The share of repeated paragraphs; 1 for an empty document."""
        tokens = documents.tokens
        share = tokens.over("repeated_paragraphs", tokens["split_paragraphs"])
        return np.where(documents["chars"] > 0, share, 1.0)

    def bounds(self) -> Bounds:
        """At most the share."""
        return None, self.max_repeated


@dataclass
class GopherParagraphCharsFilter(TokenFilter):
    """Drop documents of which too large a part lies in paragraphs that occurred before."""

    max_repeated: float = 0.2
    name = "gopher_paragraph_chars"

    def score_batch(self, documents: Documents) -> Scores:
        """The share of characters in repeated paragraphs."""
        return documents.tokens.over("repeated_paragraph_chars", documents["chars"])

    def bounds(self) -> Bounds:
        """At most the share."""
        return None, self.max_repeated


@dataclass
class GopherLinesFilter(TokenFilter):
    """Drop documents in which too many lines occurred before."""

    max_repeated: float = 0.3
    name = "gopher_lines"

    def score_batch(self, documents: Documents) -> Scores:
        """The share of repeated lines."""
        tokens = documents.tokens
        return tokens.over("repeated_lines", tokens["split_lines"])

    def bounds(self) -> Bounds:
        """At most the share."""
        return None, self.max_repeated


@dataclass
class GopherLineCharsFilter(TokenFilter):
    """Drop documents of which too large a part lies in lines that occurred before."""

    max_repeated: float = 0.2
    name = "gopher_line_chars"

    def score_batch(self, documents: Documents) -> Scores:
        """The share of characters in repeated lines."""
        return documents.tokens.over("repeated_line_chars", documents["chars"])

    def bounds(self) -> Bounds:
        """At most the share."""
        return None, self.max_repeated


def _check(n: int) -> None:
    if not 1 <= n <= Documents.LONGEST_NGRAM:
        raise SettingsError(f"n={n} is not in [1, {Documents.LONGEST_NGRAM}].")


@dataclass
class GopherTopNGramsFilter(TokenFilter):
    """Drop documents of which the most frequent n-gram is too large a part."""

    n: int = 2
    """Words and marks per n-gram."""
    max_share: float = 0.2

    def __post_init__(self) -> None:
        _check(self.n)
        self.name = f"gopher_top_{self.n}grams"

    @property
    def counts(self) -> tuple[str, ...]:
        """The count for this n."""
        return (f"top_{self.n}token_chars",)

    def score_batch(self, documents: Documents) -> Scores:
        """Characters of the n-gram, with spaces, times how often it occurs, per character of the text."""
        return documents.tokens.over(f"top_{self.n}token_chars", documents["chars"])

    def bounds(self) -> Bounds:
        """At most the share."""
        return None, self.max_share


@dataclass
class GopherDuplicateNGramsFilter(TokenFilter):
    """Drop documents of which too large a part lies in n-grams that occurred before; these do not overlap."""

    n: int = 5
    """Words and marks per n-gram."""
    max_share: float = 0.15

    def __post_init__(self) -> None:
        _check(self.n)
        self.name = f"gopher_duplicate_{self.n}grams"

    @property
    def counts(self) -> tuple[str, ...]:
        """The count for this n."""
        return (f"apart_{self.n}token_chars",)

    def score_batch(self, documents: Documents) -> Scores:
        """The share of characters in such n-grams, without spaces."""
        return documents.tokens.over(f"apart_{self.n}token_chars", documents["chars"])

    def bounds(self) -> Bounds:
        """At most the share."""
        return None, self.max_share


@dataclass
class GopherWordsFilter(TokenFilter):
    """Drop documents with too few or too many words; marks alone are none."""

    min_words: int = 50
    max_words: int = 100000
    lang: str = field(default="en", kw_only=True)
    name = "gopher_words"

    def __post_init__(self) -> None:
        check_language(self.lang)

    def score_batch(self, documents: Documents) -> Scores:
        """The number of words."""
        return documents.tokens["words_of_tokens"].astype(np.float64)

    def bounds(self) -> Bounds:
        """The least and the most."""
        return self.min_words, self.max_words


@dataclass
class GopherWordLengthFilter(TokenFilter):
    """Drop documents whose words are too short or too long on average."""

    min_length: float = 3
    max_length: float = 10
    name = "gopher_word_length"

    def score_batch(self, documents: Documents) -> Scores:
        """Characters per word; marks alone are no words."""
        return documents.tokens.over("chars_of_words", documents.tokens["words_of_tokens"])

    def bounds(self) -> Bounds:
        """The least and the most."""
        return self.min_length, self.max_length


@dataclass
class GopherHashesFilter(TokenFilter):
    """Drop documents with too many hash signs."""

    max_per_word: float = 0.1
    name = "gopher_hashes"

    def score_batch(self, documents: Documents) -> Scores:
        """Hash signs per word or mark."""
        return _per_token(documents, "hashes")

    def bounds(self) -> Bounds:
        """At most so many."""
        return None, self.max_per_word


@dataclass
class GopherEllipsesFilter(TokenFilter):
    """Drop documents with too many ellipses."""

    max_per_word: float = 0.1
    name = "gopher_ellipses"

    def score_batch(self, documents: Documents) -> Scores:
        """Ellipses per word or mark."""
        return _per_token(documents, "ellipses")

    def bounds(self) -> Bounds:
        """At most so many."""
        return None, self.max_per_word


def _per_token(documents: Documents, name: str) -> Scores:
    tokens = documents.tokens["tokens"]
    return documents[name] / np.maximum(tokens, 1)


@dataclass
class GopherBulletLinesFilter(TokenFilter):
    """Drop documents in which too many lines begin with a bullet or a hyphen."""

    max_share: float = 0.9
    name = "gopher_bullet_lines"

    def score_batch(self, documents: Documents) -> Scores:
        """The share of such lines."""
        return documents.tokens.over("lines_with_dash", documents.tokens["any_lines"])

    def bounds(self) -> Bounds:
        """At most the share."""
        return None, self.max_share


@dataclass
class GopherEllipsisLinesFilter(TokenFilter):
    """Drop documents in which too many lines end with an ellipsis."""

    max_share: float = 0.3
    name = "gopher_ellipsis_lines"

    def score_batch(self, documents: Documents) -> Scores:
        """The share of such lines."""
        return documents.tokens.over("lines_with_ellipsis", documents.tokens["any_lines"])

    def bounds(self) -> Bounds:
        """At most the share."""
        return None, self.max_share


@dataclass
class GopherAlphabeticWordsFilter(TokenFilter):
    """Drop documents in which too few words and marks have a letter."""

    min_share: float = 0.8
    name = "gopher_alphabetic_words"

    def score_batch(self, documents: Documents) -> Scores:
        """The share with a letter."""
        return documents.tokens.over("tokens_with_letters", documents.tokens["tokens"])

    def bounds(self) -> Bounds:
        """At least the share."""
        return self.min_share, None


@dataclass
class GopherStopWordsFilter(TokenFilter):
    """Drop documents with too few different stop words, in the case in which they are given."""

    min_different: int = 2
    words: list[str] = field(default_factory=lambda: list(COMMON_WORDS))
    name = "gopher_stop_words"

    def score_batch(self, documents: Documents) -> Scores:
        """How many of the words occur."""
        return documents.tokens.listed(self.words).astype(np.float64)

    def bounds(self) -> Bounds:
        """At least so many."""
        return self.min_different, None
