# pyright: basic
# numba's decorators and typed scalars have no usable types.
"""The compiled loop that takes one text out of lines of JSON.

It reads what nearly all lines are like, and gives up at the first thing that is not: then the
block is read by Arrow, and what is wrong with a line is said there. As `hash_kernels.py`; imported
inside functions only.
"""

import numpy as np

from curator_engine.compiled import kernel
from curator_text.kernels.hash_kernels import I64, U8, UP

_QUOTE, _BACKSLASH, _OPEN, _CLOSE = U8(34), U8(92), U8(123), U8(125)
_COMMA, _COLON, _LIST, _U, _NEWLINE = U8(44), U8(58), U8(91), U8(117), U8(10)
_MAX_DEPTH = 60
_GIVE_UP = I64(-1)
BLOCK = UP(32)
"""Bytes of a string that are looked at and copied at once."""

_IS_MARK = np.zeros(256, np.uint8)
"""1 for bytes that mean something in a string: quotes, backslashes, control characters."""
_IS_MARK[:32] = 1
_IS_MARK[[34, 92]] = 1

_ESCAPED = np.zeros(256, np.uint8)
"""The byte that a backslash and this one stand for; 0 for none."""
for _short, _long in zip(b'"\\/bfnrt', b'"\\/\b\f\n\r\t', strict=True):
    _ESCAPED[_short] = _long


@kernel
def _hex(raw, at):
    """The number that four hexadecimal digits are, or -1."""
    number = I64(0)
    for m in range(4):
        c = I64(raw[at + m])
        if 48 <= c <= 57:
            number = number * 16 + c - 48
        elif 65 <= c <= 70 or 97 <= c <= 102:
            number = number * 16 + (c | 32) - 87
        else:
            return I64(-1)
    return number


@kernel
def _write(point, out, to):
    """Write a character as UTF-8 to out[to:]; returns the position after it."""
    if point < 0x80:
        out[to] = U8(point)
        return to + 1
    more = I64(1) + I64(point >= 0x800) + I64(point >= 0x10000)
    # The first byte begins with as many ones as there are bytes.
    out[to] = U8((0xFF00 >> (more + 1) & 0xFF) | point >> 6 * more)
    for m in range(more):
        out[to + 1 + m] = U8(0x80 | point >> 6 * (more - 1 - m) & 0x3F)
    return to + 1 + more


@kernel
def _escape(raw, at, end, out, to):
    """Read the escape at raw[at], a backslash; its character goes to out[to:].

    Returns the positions after it, in raw and in out; -1 as the first if it is none.
    """
    simple = _ESCAPED[raw[at + 1]]
    if simple:
        out[to] = simple
        return at + 2, to + 1
    if raw[at + 1] != _U or at + 6 > end:
        return _GIVE_UP, to
    point, after = _hex(raw, at + 2), at + 6
    if 0xD800 <= point < 0xDC00 and at + 12 <= end:
        # Half of a pair: the other half must follow.
        low = _hex(raw, after + 2)
        if raw[after] != _BACKSLASH or raw[after + 1] != _U or not 0xDC00 <= low < 0xE000:
            return _GIVE_UP, to
        point, after = 0x10000 + ((point - 0xD800) << 10) + low - 0xDC00, after + 6
    if point < 0 or 0xD800 <= point < 0xE000:
        return _GIVE_UP, to
    return after, _write(point, out, to)


@kernel
def _blocks(raw, at, end, out, to):
    """Read on in a string, as long as there are blocks before the end; simple escapes are read as well.

    Returns the positions in raw and in out: of a mark, or before the last bytes.
    """
    at, to, end = UP(at), UP(to), UP(end)
    while at + BLOCK <= end:
        # Comparisons, not the table: the compiler makes a few instructions for the whole block of them.
        first = U8(BLOCK)
        for m in range(BLOCK):
            c = raw[at + m]
            out[to + m] = c
            is_mark = (c < U8(32)) | (c == _QUOTE) | (c == _BACKSLASH)
            first = min(first, U8(m) if is_mark else U8(BLOCK))
        if first == U8(BLOCK):
            at, to = at + BLOCK, to + BLOCK
            continue
        at, to = at + UP(first), to + UP(first)
        simple = _ESCAPED[raw[at + UP(1)]]
        if raw[at] != _BACKSLASH or not simple:
            break
        out[to] = simple
        at, to = at + UP(2), to + UP(1)
    return I64(at), I64(to)


@kernel
def _string(raw, at, end, out, to):
    """Read the string that begins at raw[at]; its text goes to out[to:].

    Returns the position after it, or -1, and the end of the text.
    """
    if raw[at] != _QUOTE:
        return _GIVE_UP, to
    at += 1
    while True:
        at, to = _blocks(raw, at, end, out, to)
        while not _IS_MARK[raw[at]]:
            out[to] = raw[at]
            at, to = at + 1, to + 1
        if raw[at] == _QUOTE:
            return at + 1, to
        if raw[at] != _BACKSLASH:
            return _GIVE_UP, to
        at, to = _escape(raw, at, end, out, to)
        if at < 0:
            return _GIVE_UP, to


@kernel
def _skip(raw, at):
    """The position after white space within a line."""
    while raw[at] == U8(32) or raw[at] == U8(9) or raw[at] == U8(13):
        at += 1
    return at


@kernel
def _digits(raw, at):
    """The position after the digits at raw[at], or -1 if there are none."""
    start = at
    while U8(48) <= raw[at] <= U8(57):
        at += 1
    return at if at > start else _GIVE_UP


@kernel
def _number(raw, at):
    """The position after the number at raw[at], or -1."""
    start = at + I64(raw[at] == U8(45))
    at = _digits(raw, start)
    if at > start + 1 and raw[start] == U8(48):
        return _GIVE_UP
    if at > 0 and raw[at] == U8(46):
        at = _digits(raw, at + 1)
    if at > 0 and raw[at] | U8(32) == U8(101):
        at += 1 + I64(raw[at + 1] == U8(43) or raw[at + 1] == U8(45))
        at = _digits(raw, at)
    return at


@kernel
def _is(word, raw, at):
    same = True
    for m in range(len(word)):
        same &= raw[at + m] == word[m]
    return same


@kernel
def _plain(raw, at):
    """The position after the number, or true, false or null, at raw[at], or -1."""
    if raw[at] <= U8(57):
        return _number(raw, at)
    if at + 6 > len(raw):
        # A bracket and the line end are still to come.
        return _GIVE_UP
    if _is(b"true", raw, at) or _is(b"null", raw, at):
        return at + 4
    return at + 5 if _is(b"false", raw, at) else _GIVE_UP


@kernel
def _key(raw, at, end, out, to):
    """Read a key and the colon: the position of the value, or -1, and the end of the key's text."""
    at, to = _string(raw, at, end, out, to)
    if at >= 0:
        at = _skip(raw, at)
        at = _skip(raw, at + 1) if raw[at] == _COLON else _GIVE_UP
    return at, to


@kernel
def _scalar(raw, at, end, out, to):
    """The position after the text, number or word at raw[at], or -1."""
    if raw[at] != _QUOTE:
        return _plain(raw, at)
    at, _ = _string(raw, at, end, out, to)
    return at


@kernel
def _close(raw, at, stack, depth):
    """Go on after a value within `depth` brackets: past those that close, and the comma then.

    Returns the position, or -1, and how many brackets are open.
    """
    while depth > 0:
        at = _skip(raw, at)
        if raw[at] == _COMMA:
            return _skip(raw, at + 1), depth
        if raw[at] != stack[depth - 1]:
            return _GIVE_UP, depth
        depth, at = depth - 1, at + 1
    return at, depth


@kernel
def _value(raw, at, end, out, to, stack):
    """The position after the value at raw[at], or -1; out[to:] is written over.

    `stack`: room for the brackets that close what is open.
    """
    depth = I64(0)
    while True:
        c, is_over = raw[at], True
        if c != _OPEN and c != _LIST:
            at = _scalar(raw, at, end, out, to)
        elif depth == len(stack):
            return _GIVE_UP
        else:
            # The closing bracket is the second character after the opening one.
            stack[depth] = c + U8(2)
            depth, at = depth + 1, _skip(raw, at + 1)
            is_over = raw[at] == c + U8(2)
        if is_over and at >= 0:
            at, depth = _close(raw, at, stack, depth)
        if at < 0 or depth == 0:
            return at
        if stack[depth - 1] == _CLOSE:
            at, _ = _key(raw, at, end, out, to)
            if at < 0:
                return _GIVE_UP


@kernel
def _line(raw, at, name, stack, out, to):
    """Read the line at raw[at]; its text goes to out[to:].

    Returns the position after the line, and the end of the text, or -1 if the line is not one object
    of which exactly one field has the name, and a text as its value.
    """
    found, end = _GIVE_UP, len(raw)
    if raw[at] != _OPEN:
        return at, _GIVE_UP
    while True:
        # What is not wanted is written behind the text, and written over.
        place = max(to, found)
        at, after = _key(raw, _skip(raw, at + 1), end, out, place)
        if at < 0:
            return at, _GIVE_UP
        if after - place == len(name) and _is(name, out, place):
            if found >= 0:
                return at, _GIVE_UP
            at, found = _string(raw, at, end, out, to)
        else:
            at = _value(raw, at, end, out, place, stack)
        if at < 0:
            return at, _GIVE_UP
        at = _skip(raw, at)
        if raw[at] != _COMMA:
            break
    after = _skip(raw, at + 1) if raw[at] == _CLOSE else at
    return after + 1, found if raw[after] == _NEWLINE else _GIVE_UP


@kernel
def texts(raw, name, starts, out, to, ends, offsets):
    """Take the text out of lines of raw, which ends with a line end: of every one, or of those at `starts`.

    Fills `out` from `to` on, `ends`, the position after each line, and `offsets`, from the second one on: the
    end of each text in `out`, which has room for as many bytes as all lines and `BLOCK` more. Returns the
    number of lines, or -1 if one of them must be read by others.
    """
    at, to, line = I64(0), I64(to), 0
    stack = np.empty(_MAX_DEPTH, np.uint8)
    while line < len(starts) if len(starts) else at < len(raw):
        if len(starts):
            at = starts[line]
        at, to = _line(raw, at, name, stack, out, to)
        if to < 0:
            return _GIVE_UP
        ends[line], offsets[line + 1] = at, to
        line += 1
    return I64(line)
