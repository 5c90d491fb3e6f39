"""Rules on what is repeated inside of a document, with NeMo Curator's names, parameters and defaults.

Source: Gopher (Rae et al. 2021, table A1).
"""

from dataclasses import dataclass, field

import numpy as np

from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_text.filters.doc_filter import Bounds, HeuristicFilter, Scores
from curator_text.filters.documents import Documents
from curator_text.filters.words import check_language


@dataclass
class RepeatedLinesFilter(HeuristicFilter):
    """Drop documents of which too few lines are left when repeated ones are taken out."""

    max_repeated_line_fraction: float = 0.7
    name = "repeated_lines"
    needs = ("distinct_lines", "lines")

    def score_batch(self, documents: Documents) -> Scores:
        """The share of distinct lines."""
        return documents.share("distinct_lines", "lines", empty=0.0)

    def bounds(self) -> Bounds:
        """At least the ratio."""
        return self.max_repeated_line_fraction, None


@dataclass
class RepeatedParagraphsFilter(HeuristicFilter):
    """Drop documents of which too few paragraphs are left when repeated ones are taken out."""

    max_repeated_paragraphs_ratio: float = 0.7
    name = "repeated_paragraphs"
    needs = ("distinct_paragraphs", "paragraphs", "lines")

    def score_batch(self, documents: Documents) -> Scores:
        """The share of distinct paragraphs; 0 if there is only white space."""
        share = documents.share("distinct_paragraphs", "paragraphs", empty=0.0)
        return np.where(documents["lines"] > 0, share, 0.0)

    def bounds(self) -> Bounds:
        """At least the ratio."""
        return self.max_repeated_paragraphs_ratio, None


@dataclass
class RepeatedLinesByCharFilter(HeuristicFilter):
    """Drop documents of whose lines too few characters are left when repeated lines are taken out."""

    max_repeated_lines_char_ratio: float = 0.8
    name = "repeated_lines_char"
    needs = ("distinct_line_chars", "line_chars")

    def score_batch(self, documents: Documents) -> Scores:
        """The share of characters in distinct lines."""
        return documents.share("distinct_line_chars", "line_chars", empty=0.0)

    def bounds(self) -> Bounds:
        """At least the ratio."""
        return self.max_repeated_lines_char_ratio, None


@dataclass
class RepeatedParagraphsByCharFilter(HeuristicFilter):
    """Drop documents of whose paragraphs too few characters are left when repeated ones are taken out."""

    max_repeated_paragraphs_char_ratio: float = 0.8
    name = "repeated_paragraphs_char"
    needs = ("distinct_paragraph_chars", "paragraph_chars")

    def score_batch(self, documents: Documents) -> Scores:
        """The share of characters in distinct paragraphs."""
        return documents.share("distinct_paragraph_chars", "paragraph_chars", empty=0.0)

    def bounds(self) -> Bounds:
        """At least the ratio."""
        return self.max_repeated_paragraphs_char_ratio, None


def _check(n: int, lang: str) -> None:
    check_language(lang)
    if not 1 <= n <= Documents.LONGEST_NGRAM:
        raise SettingsError(f"n={n} is not in [1, {Documents.LONGEST_NGRAM}].")


@positional("n", "max_repeating_ngram_ratio", "lang")
@dataclass
class RepeatingTopNGramsFilter(HeuristicFilter):
    """Drop documents of which too large a part goes when the most frequent n-gram is cut out.

    Of n-grams that are equally frequent the first counts. Its words are looked for with one space between.
    """

    n: int = 2
    """Words per n-gram."""
    max_repeating_ngram_ratio: float = 0.2
    lang: str = field(default="en", kw_only=True)

    def __post_init__(self) -> None:
        _check(self.n, self.lang)
        self.name = f"repeating_top_{self.n}grams"

    @property
    def counts(self) -> tuple[str, ...]:
        """The count for this n, and characters."""
        return f"top_{self.n}gram_chars", "chars"

    def score_batch(self, documents: Documents) -> Scores:
        """The share of characters that go; 1 for a document of fewer than n words."""
        cut = documents[f"top_{self.n}gram_chars"]
        share = documents.share(f"top_{self.n}gram_chars", "chars", empty=1.0)
        return np.where(cut < 0, 1.0, share)

    def bounds(self) -> Bounds:
        """At most the ratio."""
        return None, self.max_repeating_ngram_ratio


@positional("n", "max_repeating_duplicate_ngram_ratio", "lang")
@dataclass
class RepeatingDuplicateNGramsFilter(HeuristicFilter):
    """Drop documents of which too large a part lies in n-grams that occurred before."""

    n: int = 2
    """Words per n-gram."""
    max_repeating_duplicate_ngram_ratio: float = 0.2
    lang: str = field(default="en", kw_only=True)

    def __post_init__(self) -> None:
        _check(self.n, self.lang)
        self.name = f"repeating_dup_{self.n}gram"

    @property
    def counts(self) -> tuple[str, ...]:
        """The count for this n, and characters."""
        return f"duplicate_{self.n}gram_chars", "chars"

    def score_batch(self, documents: Documents) -> Scores:
        """The share of characters in such n-grams; 1 for a document of fewer than n words."""
        repeated = documents[f"duplicate_{self.n}gram_chars"]
        share = documents.share(f"duplicate_{self.n}gram_chars", "chars", empty=1.0)
        return np.where(repeated < 0, 1.0, share)

    def bounds(self) -> Bounds:
        """At most the ratio."""
        return None, self.max_repeating_duplicate_ngram_ratio
