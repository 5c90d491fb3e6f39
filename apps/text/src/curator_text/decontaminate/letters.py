"""What counts when texts are compared: letters and digits, without case, accents, punctuation and white space."""

import unicodedata
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST = 0x32400
"""Behind it there are no letters, but for private ones."""
_SILENT = "'\u2019\u02bc\uff07"
"""Apostrophes: "don't" and "dont" are one word, and the same."""
_VOWELS = {0, *range(37, 200)}
"""Combining classes of signs for vowels that are always written; others are accents and points."""
_WITHOUT_SPACES = (
    *((0x0E00, 0x0F00), (0x0F00, 0x1000), (0x1000, 0x10A0), (0x1780, 0x1800)),
    *((0x3040, 0x3100), (0x31F0, 0x3200), (0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00)),
    *((0x1B000, 0x1B170), (0x20000, _MOST)),
)
"""Thai and Lao, Tibetan, Burmese, Khmer, Kana, Chinese characters: each character counts as a word."""


@cache
def folded() -> NDArray[np.uint64]:
    """The letters of each code point, as `overlap_kernels.py` takes them; 0 for what ends a word."""
    table = np.zeros(_MOST, np.uint64)
    for point in range(_MOST):
        table[point] = _entry(point)
    table.flags.writeable = False
    return table


def _entry(point: int) -> int:
    from curator_text.kernels.overlap_kernels import SILENT, SINGLE

    char, category = chr(point), unicodedata.category
    kind: Any = category(char)
    if kind == "Cf" or char in _SILENT:
        return int(SILENT)
    if kind[0] not in "LMN" and kind != "So":
        return 0
    apart = any(low <= point < high for low, high in _WITHOUT_SPACES)
    plain = unicodedata.normalize("NFKD", char).casefold()
    letters = [ord(each) for each in unicodedata.normalize("NFKD", plain) if _is_letter(each)]
    if not letters:
        return int(SILENT) if kind[0] == "M" else 0
    # No code point of a script has more than three that matter.
    return sum(
        (letter | (int(SINGLE) if apart and not i else 0)) << 21 * i
        for i, letter in enumerate(letters[:3])
    )


def _is_letter(char: str) -> bool:
    kind = unicodedata.category(char)
    if kind[0] == "M":
        return kind == "Mc" or (kind == "Mn" and unicodedata.combining(char) in _VOWELS)
    return kind[0] in "LN"
