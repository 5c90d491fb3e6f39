"""The documents of a block, and what is counted in them: each count once, however many filters ask.

Words lie between white space. Lines are split at line ends, and those of white space only do not count;
paragraphs are split at two line ends. A character is a Unicode code point.
"""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.task import ArrowArray
from curator_text.filters import phrases
from curator_text.filters.c4_lines import C4Lines
from curator_text.filters.code_points import classes
from curator_text.filters.token_counts import TokenCounts
from curator_text.read.columns import utf8

type Counts = NDArray[np.int64]

_NGRAM = re.compile(r"(top|duplicate)_(\d+)gram_chars")


class LeftLines(NamedTuple):
    """What C4's rules on lines leave of documents."""

    documents: "Documents"
    placeholders: Counts
    """Lines with placeholder text."""
    curly: Counts
    """Lines with a curly bracket."""


class Documents:
    """Texts, and counts of them by name: `documents["words"]` is their number of words, shape (texts,).

    Counts are made in groups when the first of the group is asked for. `top_<n>gram_chars` and
    `duplicate_<n>gram_chars` are -1 where a document has fewer than n words.
    """

    LONGEST_NGRAM: ClassVar[int] = 50
    """Words."""

    def __init__(
        self, texts: ArrowArray, *, wanted: Iterable[str] = (), exact_words: str | None = None
    ) -> None:
        """Take texts.

        Args:
            texts: Strings without nulls.
            wanted: Counts that will be asked for; those of n-grams are then made together.
            exact_words: A language whose words and marks spaCy finds; None: our kernel does.
        """
        self.texts, self._exact_words = texts, exact_words
        self._asked = tuple(wanted)
        self._wanted = {name for name in self._asked if _NGRAM.fullmatch(name)}
        self._counts: dict[str, Counts] = {}
        self._left: dict[C4Lines, LeftLines] = {}
        self._words: tuple[NDArray[Any], ...] | None = None
        self._text, self._offsets = utf8(texts)

    @classmethod
    def of(
        cls, texts: list[str], *, wanted: Iterable[str] = (), exact_words: str | None = None
    ) -> Self:
        """The documents of Python strings."""
        return cls(pa.array(texts, pa.large_string()), wanted=wanted, exact_words=exact_words)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, name: str) -> Counts:
        """A count of each document.

        Raises:
            KeyError: There is no such count.
        """
        if name not in self._counts:
            self._count(name)
        return self._counts[name]

    def left_by(self, rules: C4Lines) -> LeftLines:
        """What C4's rules on lines leave; made once for all filters."""
        if rules not in self._left:
            text, offsets, counts = rules.left(self._text, self._offsets)
            # Read-only, as all texts: numba would compile each kernel once more for the other.
            text.flags.writeable = offsets.flags.writeable = False
            buffers = pa.py_buffer(offsets), pa.py_buffer(text)
            left = pa.LargeStringArray.from_buffers(len(self), *buffers)
            self._left[rules] = LeftLines(Documents(left, exact_words=self._exact_words), *counts.T)
        return self._left[rules]

    @cached_property
    def tokens(self) -> TokenCounts:
        """Counts of words and marks, and of lines and paragraphs as datatrove cuts them."""
        return TokenCounts(
            self._text, self._offsets, wanted=self._asked, exact_words=self._exact_words
        )

    def share(self, part: str, whole: str, *, empty: float) -> NDArray[np.float64]:
        """One count over another; `empty` where the other is 0."""
        parts, wholes = self[part].astype(np.float64), self[whole].astype(np.float64)
        return np.divide(parts, wholes, out=np.full(len(self), empty), where=wholes > 0)

    def _count(self, name: str) -> None:
        from curator_text.kernels import line_kernels, word_kernels

        if _NGRAM.fullmatch(name):
            self._count_ngrams({name} | self._wanted)
        elif name in word_kernels.CHARACTER_COUNTS:
            out = self._room(word_kernels.CHARACTER_COUNTS)
            word_kernels.count_characters(self._text, self._offsets, classes(), out)
        elif name in word_kernels.WORD_COUNTS:
            self._find_words()
        elif name in line_kernels.LINE_COUNTS:
            out = self._room(line_kernels.LINE_COUNTS)
            known = (phrases.end_marks(), *phrases.ellipsis_endings(), phrases.bullets())
            line_kernels.count_lines(self._text, self._offsets, classes(), *known, out)
        elif name in line_kernels.PARAGRAPH_COUNTS:
            out = self._room(line_kernels.PARAGRAPH_COUNTS)
            line_kernels.count_paragraphs(self._text, self._offsets, *phrases.boilerplate(), out)
        elif name in line_kernels.URL_COUNTS:
            out = self._room(line_kernels.URL_COUNTS)
            line_kernels.count_urls(self._text, self._offsets, phrases.in_urls(), out)
        else:
            raise KeyError(name)

    def _room(self, names: tuple[str, ...]) -> Counts:
        """Room for a group of counts, shape (documents, names), which are its columns."""
        out = np.zeros((len(self), len(names)), np.int64)
        self._counts |= {name: out[:, k] for k, name in enumerate(names)}
        return out

    def _find_words(self) -> tuple[NDArray[Any], ...]:
        """Begin, end, characters and number of each word, and the words up to each document's end."""
        if self._words is not None:
            return self._words
        from curator_text.kernels import word_kernels

        sizes = np.diff(self._offsets)
        longest = int(sizes.max(initial=0))
        # A word takes two bytes with the space behind it; memory that is not written is not taken.
        most, most_of_one = int((sizes // 2 + 1).sum()), longest // 2 + 1
        table = 1 << max(1, (longest + 1).bit_length())
        begin, stop = np.empty(most, np.int64), np.empty(most, np.int64)
        chars, ids = np.empty(most, np.int32), np.empty(most, np.int32)
        ends = np.zeros(len(self), np.int64)
        word_kernels.find_words(
            self._text,
            self._offsets,
            classes(),
            *phrases.known_words(),
            begin,
            stop,
            chars,
            ids,
            np.empty(most, np.uint64),
            np.empty(most, np.uint8),
            ends,
            np.empty(most_of_one, np.int64),
            np.empty(table, np.int32),
            self._room(word_kernels.WORD_COUNTS),
        )
        self._words = begin, stop, chars, ids, ends
        return self._words

    def _count_ngrams(self, names: set[str]) -> None:
        from curator_text.kernels import ngram_kernels

        sizes = {name: int(name.split("_")[1].removesuffix("gram")) for name in names}
        longest = max(sizes.values())
        if min(sizes.values()) < 1 or longest > self.LONGEST_NGRAM:
            raise KeyError(f"n-grams of 1 to {self.LONGEST_NGRAM} words are counted.")
        asked = {kind: np.zeros(longest + 1, np.bool_) for kind in ("top", "duplicate")}
        for name, n in sizes.items():
            asked[name.partition("_")[0]][n] = True
        out = {kind: np.zeros((len(self), longest + 1), np.int64) for kind in asked}
        ngram_kernels.count_ngrams(
            self._text, self._offsets, *self._find_words(), *asked.values(), *out.values()
        )
        for name, n in sizes.items():
            self._counts[name] = out[name.partition("_")[0]][:, n]
