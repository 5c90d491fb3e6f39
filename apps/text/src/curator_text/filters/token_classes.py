"""What each code point is for `mark_kernels.py`: which marks go off a word, what is a symbol, what ends a sentence.

Sources: letters, cases and pictures are general categories of Unicode; ends of sentences are its property
Sentence_Terminal (version 15) with three marks of Khmer, and symbols the punctuation that datatrove counts as no word.
"""

import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST = 0x32400
_EDGES = (
    "\u2026,:;!?\u00bf\u061f\u00a1()[]{}<>_#*&\u3002\uff1f\uff01\uff0c\u3001\uff1b\uff1a\uff5e\u00b7"
    "\u0964\u060c\u06d4\u061b\u066a\u2014\u2013"
)
_QUOTES = (
    "'\"\u201d\u201c`\u2018\u00b4\u2019\u201a,\u201e\u00bb\u00ab\u300c\u300d\u300e\u300f\uff08\uff09"
    "\u3014\u3015\u3010\u3011\u300a\u300b\u3008\u3009\u3008\u3009\u27e6\u27e7"
)
_OPENINGS = "\u00a7%="
_CURRENCIES = (
    "$\u00a3\u20ac\u00a5\u0e3f\u20bd\ufdfc\u20b4\u20a0\u20a1\u20a2\u20a3\u20a4\u20a5\u20a6\u20a7\u20a8"
    "\u20a9\u20aa\u20ab\u20ad\u20ae\u20af\u20b0\u20b1\u20b2\u20b3\u20b5\u20b6\u20b7\u20b8\u20b9\u20ba"
    "\u20bb\u20bc\u20be\u20bf"
)
_HYPHENS = "-\u2013\u2014~"
_SYMBOLS = (
    "\u00ab\u00b4\u00bb\u2013\u2014\u2019\u201c\u201d\u201e\u2026\u2236\u2501\u25ba\u3001\u3002\u3008"
    "\u3009\u300a\u300b\u300c\u300d\u3010\u3011\uff01\uff05\uff08\uff09\uff0c\uff0e\uff11\uff1a\uff1b"
    "\uff1f\uff5e"
)
_TERMINALS = (
    "21 2E 3F 589 61D-61F 6D4 700-702 7F9 837 839 83D-83E 964-965 104A-104B 1362 1367-1368 166E 1735-1736 17D4-17D6 "
    "17D9-17DA 1803 1809 1944-1945 1AA8-1AAB 1B5A-1B5B 1B5E-1B5F 1B7D-1B7E 1C3B-1C3C 1C7E-1C7F 203C-203D 2047-2049 "
    "2E2E 2E3C 2E53-2E54 3002 A4FF A60E-A60F A6F3 A6F7 A876-A877 A8CE-A8CF A92F A9C8-A9C9 AA5D-AA5F AAF0-AAF1 ABEB "
    "FE52 FE56-FE57 FF01 FF0E FF1F FF61 10A56-10A57 10F55-10F59 10F86-10F89 11047-11048 110BE-110C1 11141-11143 "
    "111C5-111C6 111CD 111DE-111DF 11238-11239 1123B-1123C 112A9 1144B-1144C 115C2-115C3 115C9-115D7 11641-11642 "
    "1173C-1173E 11944 11946 11A42-11A43 11A9B-11A9C 11C41-11C42 11EF7-11EF8 11F43-11F44 16A6E-16A6F 16AF5 "
    "16B37-16B38 16B44 16E98 1BC9F 1DA88"
)


def terminals() -> list[int]:
    """Code points that end a sentence."""
    points: list[int] = []
    for each in _TERMINALS.split():
        first, _, last = each.partition("-")
        points += range(int(first, 16), int(last or first, 16) + 1)
    return points


def symbols() -> list[int]:
    """Code points of which a token may consist without being a word."""
    marks = [c for c in range(128) if not chr(c).isalnum() and chr(c) not in "\t\n "]
    return [*marks, *range(128, 160), *map(ord, _SYMBOLS), *terminals()]


@cache
def token_classes() -> NDArray[np.uint16]:
    """The bits of `mark_kernels.py` for each code point."""
    from curator_text.kernels import mark_kernels as bits

    table = np.zeros(_MOST, np.uint16)
    category: Any = unicodedata.category
    kinds = {
        "Ll": bits.LETTER | bits.LOWER,
        "Lu": bits.LETTER | bits.UPPER,
        "Lt": bits.LETTER | bits.UPPER,
        "Lo": bits.LETTER | bits.LOWER | bits.UPPER,
        "Lm": bits.LETTER,
        "So": bits.ICON | bits.EDGE,
    }
    for point in range(_MOST):
        char = chr(point)
        kind = category(char)
        table[point] = bits.PUNCTUATION if kind[0] == "P" else kinds.get(kind, 0)
        if char.isspace():
            table[point] |= bits.SPACE
    _mark(table, range(48, 58), bits.DIGIT)
    _mark(table, map(ord, _EDGES), bits.EDGE)
    _mark(table, map(ord, _QUOTES), bits.EDGE | bits.QUOTE)
    _mark(table, map(ord, _OPENINGS), bits.OPENING)
    _mark(table, map(ord, _CURRENCIES), bits.OPENING | bits.CURRENCY)
    _mark(table, map(ord, _HYPHENS), bits.HYPHEN)
    _mark(table, [0x2026], bits.ICON)
    _mark(table, symbols(), bits.SYMBOL)
    _mark(table, terminals(), bits.TERMINAL)
    table.flags.writeable = False
    return table


def _mark(table: NDArray[np.uint16], points: Iterable[int], bit: Any) -> None:
    table[list(points)] |= bit
