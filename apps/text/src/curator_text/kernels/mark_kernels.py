# pyright: basic
# numba's decorators and typed scalars have no usable types.
"""The compiled functions that say which marks go off a word. As `hash_kernels.py`; imported inside functions only.

`classes` has the bits below for each code point. A piece is what lies between white space.
"""

import numpy as np
from numpy.typing import NDArray

from curator_engine.compiled import inlined, kernel
from curator_text.kernels.hash_kernels import I64, U8, U32, U64
from curator_text.kernels.word_kernels import code_point, is_in

U16 = np.uint16
SPACE, LETTER, LOWER, UPPER, DIGIT = U16(1), U16(2), U16(4), U16(8), U16(16)
EDGE, OPENING, ICON, SYMBOL = U16(32), U16(64), U16(128), U16(256)
QUOTE, HYPHEN, TERMINAL, CURRENCY = U16(512), U16(1024), U16(2048), U16(4096)
PUNCTUATION = U16(8192)
"""Bits of a code point. White space; letter, of lower and of upper case (both without cases); 0 to 9; a mark that
goes off both ends, and off the front only; a picture; what counts as no word; quotation mark; hyphen; end of a
sentence; sign of a currency; punctuation of any kind."""
_DOT, _PLUS, _MINUS, _COMMA, _COLON, _AT = (U8(ord(c)) for c in ".+-,:@")
_CUTS = np.frombuffer(b":<>=/", np.uint8)
_SIGNS = np.frombuffer(b"+-*^", np.uint8)
_BEFORE_DOT = np.frombuffer(b"%+-|", np.uint8)
_BEHIND_HOST = np.frombuffer(b"/?#", np.uint8)


def packed_words(words: str) -> NDArray[np.uint64]:
    """Words of up to eight bytes as numbers."""
    return np.array([int.from_bytes(word.encode(), "big") for word in words.split()], np.uint64)


_UNITS = packed_words(
    "km m dm cm mm ha nm yd in ft kg g mg t lb oz kmh mph hPa Pa mbar mb MB kb KB gb GB tb TB T G M K"
)
_TAILS = packed_words("re ve ll d m")
_CANNOT = np.frombuffer(b"annot", np.uint8)


@inlined
def class_at(text, at, classes):
    """The class of the character at text[at], and its bytes."""
    if text[at] < U8(0x80):
        return classes[text[at]], I64(1)
    point, after = code_point(text, at)
    found = classes[point] if point < U32(len(classes)) else U16(0)
    return found, I64(after - at)


@kernel
def class_before(text, a, at, classes):
    """The class of the last character of text[a:at], and its bytes; 0 if it is empty."""
    if at <= a:
        return U16(0), I64(0)
    start = at - 1
    while start > a and text[start] & U8(0xC0) == U8(0x80):
        start -= 1
    found, _ = class_at(text, start, classes)
    return found, I64(at - start)


@kernel
def _class_behind(text, at, b, classes):
    """The class of the first character of text[at:b]; 0 if it is empty."""
    if at >= b:
        return U16(0)
    found, _ = class_at(text, at, classes)
    return found


@kernel
def packed_bytes(text, a, b):
    """As `packed_words`; 0 for more than eight bytes."""
    number = U64(0)
    if b - a <= 8:
        for at in range(a, b):
            number = number << U64(8) | U64(text[at])
    return number


@kernel
def _run(text, at, b, char):
    """How often a character stands in a row from text[at] on."""
    end = at
    while end < b and text[end] == char:
        end += 1
    return end - at


@kernel
def prefix(text, a, b, classes):
    """The bytes of the mark that goes off the front of text[a:b]; 0 for none."""
    if text[a] == _DOT:
        dots = _run(text, a, b, _DOT)
        return dots if dots > 1 else I64(0)
    found, size = class_at(text, a, classes)
    if found & (EDGE | OPENING):
        return size
    if text[a] == _PLUS and not _class_behind(text, a + 1, b, classes) & DIGIT:
        return I64(1)
    return I64(0)


@kernel
def _dots_at_end(text, a, b, classes):
    """The bytes of the full stop or ellipsis that goes off the end of text[a:b], which ends with a point."""
    start = b
    while start > a and text[start - 1] == _DOT:
        start -= 1
    if b - start > 1:
        return b - start
    before, size = class_before(text, a, start, classes)
    if before & (LOWER | DIGIT | EDGE) or (start > a and is_in(text[start - 1], _BEFORE_DOT)):
        return I64(1)
    more, _ = class_before(text, a, start - size, classes)
    return I64(before & UPPER != 0 and more & UPPER != 0)


@kernel
def suffix(text, a, b, classes):
    """The bytes of the mark, possessive or unit that goes off the end of text[a:b]; 0 for none."""
    last = text[b - 1]
    if last == _DOT:
        return _dots_at_end(text, a, b, classes)
    found, size = class_before(text, a, b, classes)
    if found & EDGE:
        return size
    before, width = class_before(text, a, b - size, classes)
    if last | U8(32) == U8(ord("s")) and before & QUOTE and _is_apostrophe(text, b - size - width):
        return size + width
    if before & DIGIT and (last == _PLUS or found & CURRENCY or last == U8(ord("%"))):
        return size
    if found & LETTER:
        start = b
        while start > a and b - start < 5 and text[start - 1] >= U8(65):
            start -= 1
        behind_digit, _ = class_before(text, a, start, classes)
        if behind_digit & DIGIT and is_in(packed_bytes(text, start, b), _UNITS):
            return b - start
    return I64(0)


@kernel
def _is_apostrophe(text, at):
    # ' or U+2019.
    return text[at] == U8(39) or (
        text[at] == U8(0xE2) and text[at + 1] == U8(0x80) and text[at + 2] == U8(0x99)
    )


@kernel
def contraction(text, a, b):
    """Where the second part of a contraction such as don't or they've begins; b if text[a:b] is none."""
    letters = a
    while letters < b and U8(97) <= text[letters] | U8(32) <= U8(122):
        letters += 1
    if letters == b:
        return a + 3 if b - a == 6 and is_cannot(text, a) else b
    if letters == a or not _is_apostrophe(text, letters):
        return b
    at = letters + (1 if text[letters] == U8(39) else 3)
    if b - at == 1 and text[at] | U8(32) == U8(ord("t")):
        return letters - 1 if text[letters - 1] | U8(32) == U8(ord("n")) and letters - 1 > a else b
    return letters if is_in(packed_bytes(text, at, b), _TAILS) else b


@kernel
def is_cannot(text, at):
    """Whether text[at : at + 6] is cannot."""
    same = text[at] | U8(32) == U8(ord("c"))
    for k in range(5):
        same &= text[at + 1 + k] == _CANNOT[k]
    return same


@kernel
def _is_host(text, at, b, classes):
    """Whether text[at:b] is a host with a domain in lower case, and what may stand behind it."""
    labels, width, lower, edge = I64(0), I64(0), True, False
    while at < b:
        found, size = class_at(text, at, classes)
        if text[at] == _DOT:
            if width == 0 or not edge:
                return False
            labels, width, lower, edge = labels + 1, I64(0), True, False
        elif found & (LETTER | DIGIT) or text[at] >= U8(0x80):
            lower &= found & LOWER != 0
            edge = True
            width += 1
        elif (text[at] == _MINUS or text[at] == U8(95)) and width:
            lower, edge = False, False
            width += 1
        else:
            break
        at += size
    if labels == 0 or width < 2 or not lower:
        return False
    if at < b and text[at] == _COLON:
        digits = I64(0)
        while at + 1 + digits < b and U8(48) <= text[at + 1 + digits] <= U8(57):
            digits += 1
        if not 2 <= digits <= 5:
            return False
        at += 1 + digits
    return at == b or is_in(text[at], _BEHIND_HOST)


@kernel
def is_address(text, a, b, classes):
    """Whether text[a:b] is a URL, a host or an e-mail address."""
    at = a
    while at < b and (
        _class_behind(text, at, b, classes) & (LETTER | DIGIT)
        or text[at] == _PLUS
        or text[at] == _MINUS
        or text[at] == _DOT
    ):
        at += 1
    start = a
    if at - a > 1 and b - at > 3 and text[at] == _COLON and text[at + 1] == text[at + 2] == U8(47):
        start = at + 3
    if _is_host(text, start, b, classes):
        return True
    found = False
    for at in range(start + 1, b):
        found |= text[at] == _AT and _is_host(text, at + 1, b, classes)
    return found


@kernel
def infix(text, at, b, before, found, size, classes):
    """The bytes of the mark at text[at], which lies inside of a piece, if it is cut there; 0 if not."""
    c = text[at]
    if c == _DOT:
        dots = _run(text, at, b, _DOT)
        behind = _class_behind(text, at + 1, b, classes)
        cut = before & (LOWER | QUOTE) and behind & (UPPER | QUOTE)
        return dots if dots > 1 else I64(cut != 0)
    if found & ICON:
        return size
    behind = _class_behind(text, at + size, b, classes)
    below = behind & DIGIT or (at + 1 < b and text[at + 1] == _MINUS)
    if below and before & DIGIT and is_in(c, _SIGNS):
        return I64(1)
    if found & HYPHEN and before & (LETTER | DIGIT):
        dashes = _run(text, at, min(at + 3, b), _MINUS) if c == _MINUS else size
        if _class_behind(text, at + dashes, b, classes) & LETTER:
            return dashes
    if behind & LETTER and before & LETTER and c == _COMMA:
        return I64(1)
    if behind & LETTER and before & (LETTER | DIGIT) and is_in(c, _CUTS):
        return I64(1)
    return I64(0)
