"""Classes of code points, against other sources of the same properties."""

import sys

import numpy as np
import regex

from curator_text.filters.code_points import classes
from curator_text.kernels import word_kernels as bits

_POINTS = [chr(point) for point in range(len(classes())) if not 0xD800 <= point < 0xE000]


def with_bit(bit):
    return {char for char in _POINTS if classes()[ord(char)] & bit}


def test_white_space_is_that_of_python():
    assert with_bit(bits.SPACE) == {char for char in _POINTS if char.isspace()}


def test_all_white_space_is_in_the_table():
    assert not any(chr(point).isspace() for point in range(len(classes()), sys.maxunicode + 1))


def test_letters_are_those_of_unicode_but_for_rare_signs():
    known = regex.compile(r"[[:alpha:]]")
    alphabetic = {char for char in _POINTS if known.match(char) and regex.match(r"\P{Cn}", char)}
    mine = with_bit(bits.LETTER)
    assert {char for char in _POINTS if char.isalpha()} <= mine
    assert len(mine - alphabetic) < 300
    # Code points that are newer than this Python's table are no letters.
    assert len(alphabetic - mine) < 8000


def test_the_table_cannot_be_changed():
    assert not classes().flags.writeable
    assert classes().dtype == np.uint8
