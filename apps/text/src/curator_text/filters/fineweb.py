"""FineWeb's own rules on documents, as datatrove has them. Source: Penedo et al. 2024, section 3.6.

FineWeb applies them to what C4's rules on lines leave, without the rule on end marks; FineWeb2 to whole documents.
"""

from dataclasses import dataclass, field

import numpy as np

from curator_text.filters.c4_lines import C4Lines
from curator_text.filters.doc_filter import Bounds, Scores, TokenFilter
from curator_text.filters.documents import Documents

_LINES = C4Lines(need_end_mark=False)


@dataclass
class _FineWebFilter(TokenFilter):
    """A rule on whole documents, or on what C4's rules on lines leave."""

    after_c4: bool = field(default=False, kw_only=True)
    """Whether only lines count that C4's rules leave, end marks apart."""

    def seen(self, documents: Documents) -> Documents:
        """What is counted in."""
        return documents.left_by(_LINES).documents if self.after_c4 else documents


@dataclass
class FineWebEndMarksFilter(_FineWebFilter):
    """Drop documents in which too few lines end with the end of a sentence."""

    min_share: float = 0.12
    zero_is_fine: bool = field(default=False, kw_only=True)
    """Keep documents without any such line."""
    name = "fineweb_end_marks"

    def score_batch(self, documents: Documents) -> Scores:
        """The share of such lines, or 1 where there are none and that is fine."""
        lines = self.seen(documents).tokens.web_lines(0)
        share = _share(lines["ended_lines"], lines["full_lines"])
        fine = self.zero_is_fine & (lines["full_lines"] > 0) & (lines["ended_lines"] == 0)
        return np.where(fine, 1.0, share)

    def bounds(self) -> Bounds:
        """At least the share."""
        return self.min_share, None


@dataclass
class FineWebShortLinesFilter(_FineWebFilter):
    """Drop documents in which too many lines are short."""

    max_share: float = 0.67
    short: int = field(default=30, kw_only=True)
    """Characters of the longest line that is short."""
    name = "fineweb_short_lines"

    def score_batch(self, documents: Documents) -> Scores:
        """The share of short lines; 1 for a document without lines."""
        lines = self.seen(documents).tokens.web_lines(self.short)
        share = _share(lines["short_lines"], lines["full_lines"])
        return np.where(lines["full_lines"] > 0, share, 1.0)

    def bounds(self) -> Bounds:
        """At most the share."""
        return None, self.max_share


@dataclass
class FineWebRepeatedLinesFilter(_FineWebFilter):
    """Drop documents of which too large a part lies in lines that occurred before."""

    max_share: float = 0.01
    name = "fineweb_repeated_lines"

    def score_batch(self, documents: Documents) -> Scores:
        """The share of characters in repeated lines, line ends apart."""
        seen = self.seen(documents)
        chars = seen["chars"] - seen["line_ends"]
        return _share(seen.tokens.web_lines(0)["twice_chars"], chars)

    def bounds(self) -> Bounds:
        """At most the share."""
        return None, self.max_share


@dataclass
class FineWebLineEndsFilter(_FineWebFilter):
    """Drop documents with too many line ends for their words, such as lists."""

    max_per_word: float = 0.3
    name = "fineweb_line_ends"

    def score_batch(self, documents: Documents) -> Scores:
        """Line ends per word or mark."""
        seen = self.seen(documents)
        return seen["line_ends"] / np.maximum(seen.tokens["tokens"], 1)

    def bounds(self) -> Bounds:
        """At most so many."""
        return None, self.max_per_word


def _share(part: np.ndarray, whole: np.ndarray) -> Scores:
    return part / np.maximum(whole, 1)
