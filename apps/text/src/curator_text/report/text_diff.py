"""What differs between two texts, word by word, short enough to be looked at.

Pieces only; `page.py` and `explain.py` give them colours.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD = re.compile(rf"\s*(?:[{_WIDE}]|[^\W{_WIDE}]+|[^\w\s])|\s+")
"""A word with the space before it; where words are written without spaces, a character."""


@dataclass(frozen=True)
class Piece:
    """A run of words."""

    kind: Literal["same", "deleted", "inserted", "gap"]
    """`gap`: words that are left out; the text says how many."""
    text: str


def word_diff(
    old: str, new: str, *, context: int = 12, max_words: int = 1500, max_chars: int = 2000
) -> list[Piece]:
    """The pieces that make `new` of `old`, with a little of what is the same around them.

    Args:
        old: The text to begin with.
        new: The text to end with.
        context: Words that are the same before and after a change.
        max_words: Words that are compared, after those at both ends that are the same.
        max_chars: Characters of a piece; the rest is left out.
    """
    a, b = _WORD.findall(old), _WORD.findall(new)
    head = _common(a, b)
    tail = _common(a[head:][::-1], b[head:][::-1])
    if head == len(a) == len(b):
        return list(_same(a, 4 * context, max_chars))
    pieces = list(_same(a[:head], context, max_chars, first=True)) if head else []
    left, right = a[head : len(a) - tail], b[head : len(b) - tail]
    pieces += _changes(left[:max_words], right[:max_words], context, max_chars)
    rest = max(len(left), len(right)) - max_words
    if rest > 0:
        pieces.append(Piece("gap", f"{rest:,} more words were not compared"))
    elif tail:
        pieces += _same(a[len(a) - tail :], context, max_chars)
    return pieces


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """Words at the beginning that both have."""
    for i, (x, y) in enumerate(zip(a, b, strict=False)):
        if x != y:
            return i
    return min(len(a), len(b))


def _changes(a: list[str], b: list[str], context: int, max_chars: int) -> Iterator[Piece]:
    matcher = SequenceMatcher(None, a, b)
    for kind, a0, a1, b0, b1 in matcher.get_opcodes():
        if kind == "equal":
            if a1 - a0 > 2 * context + 3:
                yield Piece("same", "".join(a[a0 : a0 + context]))
                yield _gap(a1 - a0 - 2 * context)
                yield Piece("same", "".join(a[a1 - context : a1]))
            else:
                yield Piece("same", _cut("".join(a[a0:a1]), max_chars))
            continue
        if a1 > a0:
            yield Piece("deleted", _cut("".join(a[a0:a1]), max_chars))
        if b1 > b0:
            yield Piece("inserted", _cut("".join(b[b0:b1]), max_chars))


def _same(words: list[str], count: int, max_chars: int, *, first: bool = False) -> Iterator[Piece]:
    """The beginning of some words, or their end if they come first, and how many are left out."""
    left_out = len(words) - count
    if left_out <= 3:
        yield Piece("same", _cut("".join(words), max_chars))
    elif first:
        yield _gap(left_out)
        yield Piece("same", _cut("".join(words[-count:]), max_chars))
    else:
        yield Piece("same", _cut("".join(words[:count]), max_chars))
        yield _gap(left_out)


def _gap(words: int) -> Piece:
    return Piece("gap", f"{words:,} words the same")


def _cut(text: str, max_chars: int) -> str:
    return text if len(text) <= max_chars else f"{text[:max_chars]}…"
