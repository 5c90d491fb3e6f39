"""What is counted in documents for the rules that datatrove has: words and marks, and its lines and paragraphs.

Words are found by `token_kernels.py`, in English and what is written as it is, or by spaCy (`exact_words.py`). A character is a Unicode code point.
"""

import itertools
import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_text.filters.exact_words import exact_spans
from curator_text.filters.token_classes import token_classes

type _Counts = NDArray[np.int64]
_NGRAM = re.compile(r"(top|apart)_(\d+)token_chars")


class TokenCounts:
    """Counts by name, shape (documents,); each group is made when the first of it is asked for.

    `top_<n>token_chars` are the characters of the most frequent n-gram of tokens, with spaces between, times how often
    it occurs; `apart_<n>token_chars` those in n-grams that occurred before and do not overlap. Both are 0 where a
    document has fewer than n tokens.
    """

    def __init__(
        self,
        text: NDArray[np.uint8],
        offsets: NDArray[np.int64],
        *,
        wanted: Iterable[str] = (),
        exact_words: str | None = None,
    ) -> None:
        """Take texts.

        Args:
            text: UTF-8, one text behind the other.
            offsets: Where each begins, and the end of the last.
            wanted: Counts that will be asked for; those of n-grams are then made together.
            exact_words: A language whose words spaCy finds; None: our kernel does.
        """
        self._text, self._offsets, self._exact_words = text, offsets, exact_words
        self._wanted = {name for name in wanted if _NGRAM.fullmatch(name)}
        self._counts: dict[str, _Counts] = {}

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, name: str) -> _Counts:
        """A count of each document.

        Raises:
            KeyError: There is no such count.
        """
        if name not in self._counts:
            self._count(name)
        return self._counts[name]

    def over(self, part: str, whole: _Counts) -> NDArray[np.float64]:
        """A count over another; 0 where the other is 0."""
        return np.divide(self[part], whole, out=np.zeros(len(self)), where=whole > 0)

    def listed(self, words: Sequence[str]) -> _Counts:
        """How many of the words listed each document has."""
        from curator_text.kernels.token_kernels import count_listed

        raw = [word.encode() for word in dict.fromkeys(words)]
        borders = np.cumsum([0, *map(len, raw)]).astype(np.int64)
        begin, stop, _, ids, ends = self._tokens
        out = np.zeros(len(self), np.int64)
        joined = np.frombuffer(b"".join(raw), np.uint8)
        count_listed(self._text, begin, stop, ids, ends, joined, borders, out)
        return out

    @property
    def sentences(self) -> _Counts:
        """Sentences of each document, which end at line ends too."""
        from curator_text.kernels.c4_kernels import count_sentences

        begin, stop, _, _, ends = self._tokens
        out = np.zeros(len(self), np.int64)
        count_sentences(self._text, token_classes(), begin, stop, ends, out)
        return out

    def web_lines(self, short: int) -> dict[str, _Counts]:
        """Lines that are not of white space only, those of them that end a sentence, and so on.

        Args:
            short: Characters of the longest line that is short.
        """
        from curator_text.kernels import gopher_kernels as kernels

        key = f"short_lines_{short}"
        if key not in self._counts:
            out = self._room(kernels.WEB_LINE_COUNTS)
            kernels.count_web_lines(self._text, self._offsets, token_classes(), short, out)
            self._counts[key] = out[:, kernels.WEB_LINE_COUNTS.index("short_lines")]
        return {name: self._counts[name] for name in kernels.WEB_LINE_COUNTS} | {
            "short_lines": self._counts[key]
        }

    def _count(self, name: str) -> None:
        from curator_text.kernels import gopher_kernels as parts
        from curator_text.kernels import token_kernels

        known = {
            **dict.fromkeys(parts.PART_COUNTS, (parts.count_parts, parts.PART_COUNTS)),
            **dict.fromkeys(parts.MARK_COUNTS, (parts.count_marked_lines, parts.MARK_COUNTS)),
        }
        if _NGRAM.fullmatch(name):
            self._count_ngrams({name} | self._wanted)
        elif name in token_kernels.TOKEN_COUNTS:
            _ = self._tokens
        else:
            kernel, names = known[name]
            kernel(self._text, self._offsets, token_classes(), self._room(names))

    def _room(self, names: tuple[str, ...]) -> _Counts:
        """Room for a group of counts, shape (documents, names), which are its columns."""
        out = np.zeros((len(self), len(names)), np.int64)
        self._counts |= {name: out[:, k] for k, name in enumerate(names)}
        return out

    @cached_property
    def _tokens(self) -> tuple[NDArray[Any], ...]:
        """Begin, end, characters and number of each token, and the tokens up to each document's end."""
        from curator_text.kernels import token_kernels

        if self._exact_words:
            return self._exact_tokens(self._exact_words)
        sizes = np.diff(self._offsets)
        longest = int(sizes.max(initial=0)) + 1
        # Each byte may be a token; memory that is not written is not taken.
        most = int(sizes.sum()) + 1
        begin, stop = np.empty(most, np.int64), np.empty(most, np.int64)
        chars, ids = np.empty(most, np.int32), np.empty(most, np.int32)
        ends = np.zeros(len(self), np.int64)
        token_kernels.find_tokens(
            self._text,
            self._offsets,
            token_classes(),
            begin,
            stop,
            chars,
            ids,
            np.empty(most, np.uint64),
            ends,
            np.empty(longest, np.int64),
            np.empty(1 << (2 * longest).bit_length(), np.int32),
            np.empty(longest, np.int64),
            self._room(token_kernels.TOKEN_COUNTS),
        )
        return begin, stop, chars, ids, ends

    def _exact_tokens(self, lang: str) -> tuple[NDArray[Any], ...]:
        """As `_tokens`, found by spaCy."""
        from curator_text.kernels import token_kernels

        raw, places = self._text.tobytes(), itertools.pairwise(self._offsets.tolist())
        texts = [raw[a:b].decode() for a, b in places]
        begin, stop, ends = exact_spans(texts, self._offsets[:-1], lang)
        chars, ids = np.empty(len(begin), np.int32), np.empty(len(begin), np.int32)
        most = int(np.diff(ends, prepend=0).max(initial=0)) + 1
        token_kernels.measure_tokens(
            self._text,
            token_classes(),
            begin,
            stop,
            chars,
            ids,
            np.empty(len(begin), np.uint64),
            ends,
            np.empty(most, np.int64),
            np.empty(1 << (2 * most).bit_length(), np.int32),
            self._room(token_kernels.TOKEN_COUNTS),
        )
        return begin, stop, chars, ids, ends

    def _count_ngrams(self, names: set[str]) -> None:
        from curator_text.kernels.gopher_kernels import count_token_ngrams

        sizes = {name: int(name.split("_")[1].removesuffix("token")) for name in names}
        longest = max(sizes.values())
        asked = {kind: np.zeros(longest + 1, np.bool_) for kind in ("top", "apart")}
        for name, n in sizes.items():
            asked[name.partition("_")[0]][n] = True
        out = {kind: np.zeros((len(self), longest + 1), np.int64) for kind in asked}
        _, _, chars, ids, ends = self._tokens
        count_token_ngrams(chars, ids, ends, *asked.values(), *out.values())
        for name, n in sizes.items():
            self._counts[name] = out[name.partition("_")[0]][:, n]
