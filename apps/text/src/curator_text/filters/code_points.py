"""What each code point is: a letter, a digit, white space, a bracket."""

import unicodedata
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST = 0x32400
"""Behind it there are no letters, but for private ones."""
_BRACKETS = "{}[]()⟨⟩"
_IN_FRAMES = {
    *range(0x24B6, 0x24EA),
    *range(0x1F130, 0x1F14A),
    *range(0x1F150, 0x1F16A),
    *range(0x1F170, 0x1F18A),
}
_VOWELS = {0, *range(10, 200)}
"""Combining classes of signs for vowels; others are accents, and marks that take a vowel away."""


@cache
def classes() -> NDArray[np.uint8]:
    """The bits of `word_kernels.py` for each code point.

    White space is what `str.isspace` says. Letters are those of Unicode (L and Nl), signs for vowels
    (Mc, and Mn of a fixed place or of none), and letters in circles and squares.
    """
    from curator_text.kernels import word_kernels as bits

    table = np.zeros(_MOST, np.uint8)
    category: Any = unicodedata.category
    for point in range(_MOST):
        char = chr(point)
        kind = category(char)
        if kind[0] == "L" or kind in ("Nl", "Mc") or point in _IN_FRAMES:
            table[point] = bits.LETTER
        elif kind == "Mn" and unicodedata.combining(char) in _VOWELS:
            table[point] = bits.LETTER | bits.MARK
        elif kind == "Nd":
            table[point] = bits.DIGIT
        elif kind[0] == "M":
            table[point] = bits.MARK
        if char.isspace():
            table[point] |= bits.SPACE
    for char in _BRACKETS:
        table[ord(char)] |= bits.BRACKET
    table[ord("#")] |= bits.HASH
    table.flags.writeable = False
    return table
