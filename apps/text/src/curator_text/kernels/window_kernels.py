# pyright: basic
# numba's decorators and typed scalars have no usable types.
"""The compiled inner loops of `fast` signatures and of exact comparison: one hash per window.

A window's hash is a cyclic polynomial (Cohen 1997) over random values of its characters, which
rolls in two steps per character, mixed at the end. As `hash_kernels.py`; imported inside functions only.
"""

import numpy as np

from curator_engine.compiled import inlined, kernel
from curator_text.kernels.hash_kernels import I64, U8, U32, U64, UP, _mix64

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_NO_VALUE = np.uint32(0xFFFFFFFF)
_PLAIN_ROUNDS = np.uint64(3)
"""Rounds of a sketch before equal windows are put together: most texts of ordinary length take two."""


@inlined
def _turn(x, bits):
    """Rotate left by less than 64 bits."""
    return U64((x << U64(bits)) | (x >> U64(U64(64 - bits) & U64(63))))


@inlined
def _value(point, key):
    """The random value of a character."""
    return _mix64(U64(U64(point) * _GOLDEN) ^ key)


@kernel
def _is_ascii(text, start, end):
    every = U8(0)
    for i in range(UP(start), UP(end)):
        every |= text[i]
    return every < U8(0x80)


@kernel
def _roll_ascii(text, start, end, width, values, gone, out):
    """Unmixed hashes of the windows of text of one byte per character; returns their number.

    `gone`: the values as they are turned when their character leaves the window. The windows of the
    two halves roll side by side, since each one has to wait for the one before it.
    """
    start, size = UP(start), UP(end - start)
    span = min(UP(width), size)
    windows = size - span + UP(1)
    half = windows // UP(2)
    later, x, y = start + half, U64(0), U64(0)
    for m in range(span):
        x = _turn(x, 1) ^ values[text[start + m]]
        y = _turn(y, 1) ^ values[text[later + m]]
    out[0] = x
    out[half] = y
    for m in range(UP(1), half):
        old, new = m - UP(1), m + span - UP(1)
        x = _turn(x, 1) ^ (gone[text[start + old]] ^ values[text[start + new]])
        y = _turn(y, 1) ^ (gone[text[later + old]] ^ values[text[later + new]])
        out[m] = x
        out[half + m] = y
    for m in range(half + max(half, UP(1)), windows):
        old, new = m - UP(1), m + span - UP(1)
        y = _turn(y, 1) ^ (gone[text[start + old]] ^ values[text[start + new]])
        out[m] = y
    return windows


@kernel
def _decode(text, start, end, key, values, out):
    """The values of the characters of text[start:end]; returns their number."""
    points, j, end = UP(0), UP(start), UP(end)
    while j < end:
        byte = text[j]
        if byte < U8(0x80):
            out[points] = values[byte]
            points, j = points + UP(1), j + UP(1)
        else:
            point, more = U64(byte), UP(1)
            if byte >= U8(0xF0):
                more, point = UP(3), point & U64(0x07)
            elif byte >= U8(0xE0):
                more, point = UP(2), point & U64(0x0F)
            else:
                point &= U64(0x1F)
            # Of a sequence that is cut off, only what there is; valid text is never cut.
            for m in range(min(more, end - j - UP(1))):
                point = (point << U64(6)) | U64(text[j + UP(1) + m] & U8(0x3F))
            out[points] = _value(point, key)
            points, j = points + UP(1), j + more + UP(1)
    return points


@kernel
def _roll_values(values, points, width, out):
    """As `_roll_ascii`, from the values of the characters; `out` may not be `values`."""
    span = min(UP(width), points)
    windows, bits = points - span + UP(1), span & UP(63)
    half, x, y = windows // UP(2), U64(0), U64(0)
    for m in range(span):
        x = _turn(x, 1) ^ values[m]
        y = _turn(y, 1) ^ values[half + m]
    out[0] = x
    out[half] = y
    for m in range(UP(1), half):
        old, new = m - UP(1), m + span - UP(1)
        x = _turn(x, 1) ^ (_turn(values[old], bits) ^ values[new])
        y = _turn(y, 1) ^ (_turn(values[half + old], bits) ^ values[half + new])
        out[m] = x
        out[half + m] = y
    for m in range(half + max(half, UP(1)), windows):
        old, new = m - UP(1), m + span - UP(1)
        y = _turn(y, 1) ^ (_turn(values[old], bits) ^ values[new])
        out[m] = y
    return windows


@kernel
def windows_of(text, start, end, width, key, values, scratch, out):
    """A 64-bit hash of every window of `width` characters of text[start:end]; returns their number.

    A text shorter than a window is one window; an empty one has none. `values`: as `ascii_values`
    gives them; `scratch` and `out` have room for the text's bytes + 1.
    """
    if end == start:
        return UP(0)
    if _is_ascii(text, start, end):
        windows = _roll_ascii(text, start, end, width, values[0], values[1], out)
    else:
        points = _decode(text, start, end, key, values[0], scratch)
        windows = _roll_values(scratch, points, width, out)
    for m in range(windows):
        out[m] = _mix64(out[m])
    return windows


@kernel
def ascii_values(key, width):
    """The values of the ASCII characters, and as they are turned when they leave a window; shape (2, 128)."""
    values = np.empty((2, 128), U64)
    for c in range(128):
        values[0, c] = _value(c, key)
        values[1, c] = _turn(values[0, c], UP(width) & UP(63))
    return values


@kernel
def _sketch(hashes, count, signature):
    """Fast similarity sketching (arXiv 1704.04370) of a set with `count` > 0 hashes.

    In round r every element falls into a bin; from round `bins` on, all into bin r - bins. A bin
    keeps the smallest value of the first round that reaches it, so all are full after 2 x bins
    rounds, and after one or two where there are many more elements than bins.
    """
    bins = U64(len(signature))
    for p in range(len(signature)):
        signature[p] = _NO_VALUE
    for m in range(count):
        x = hashes[m]
        p = ((x >> U64(32)) * bins) >> U64(32)
        signature[p] = min(signature[p], U32(x))
    left = U64(0)
    for p in range(len(signature)):
        left += U64(signature[p] == _NO_VALUE)
    if left > U64(0):
        _fill(hashes, count, signature)


@kernel
def _fill(hashes, count, signature):
    """The rounds of `_sketch` after the first, until no bin is empty."""
    bins, left, rounds = U64(len(signature)), U64(0), U64(0)
    # The round in which a bin was filled: only hashes of that round may make it less.
    filled = np.empty(len(signature), U32)
    for p in range(len(signature)):
        is_empty = signature[p] == _NO_VALUE
        filled[p] = _NO_VALUE if is_empty else U32(0)
        left += U64(is_empty)
    while left > U64(0):
        rounds += U64(1)
        if rounds == _PLAIN_ROUNDS:
            # Bins are still empty, so there are few windows, or few different ones: "xxxx".
            count = _once(hashes, count, UP(4) * UP(len(signature)))
        for m in range(count):
            x = _mix64(hashes[m] ^ U64(rounds * _GOLDEN))
            p = ((x >> U64(32)) * bins) >> U64(32) if rounds < bins else rounds - bins
            if filled[p] >= U32(rounds):
                left -= U64(filled[p] == _NO_VALUE)
                filled[p] = U32(rounds)
                # The largest value means an empty bin.
                signature[p] = min(signature[p], min(U32(x), _NO_VALUE - U32(1)))


@kernel
def _once(hashes, count, most):
    """Put equal hashes together, in place, if there are at most `most` different ones; gives their number.

    With more, all stay: a few rounds fill the bins then.
    """
    size = UP(64)
    while size < UP(4) * min(UP(count), most):
        size *= UP(2)
    table, mask, found = np.zeros(size, U32), size - UP(1), UP(0)
    for m in range(UP(count)):
        x = hashes[m]
        slot = UP(x) & mask
        while table[slot] != U32(0) and hashes[UP(table[slot]) - UP(1)] != x:
            slot = (slot + UP(1)) & mask
        if table[slot] == U32(0):
            if found == most:
                return count
            # What stood there is among the first `found` already.
            hashes[found] = x
            found += UP(1)
            table[slot] = U32(found)
    return found


@kernel
def sketch(text, offsets, width, key, signatures):
    """Fill signatures, shape (documents, bins); an empty document gets zeros."""
    longest = I64(0)
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    scratch, hashes = np.empty(longest + 1, U64), np.empty(longest + 1, U64)
    values = ascii_values(key, width)
    for i in range(len(offsets) - 1):
        count = windows_of(text, offsets[i], offsets[i + 1], width, key, values, scratch, hashes)
        if count:
            _sketch(hashes, count, signatures[i])
        else:
            signatures[i] = U32(0)
