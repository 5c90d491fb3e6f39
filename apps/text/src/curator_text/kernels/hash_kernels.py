# pyright: basic
# numba's decorators and typed scalars have no usable types.
"""The compiled inner loops: plain functions on arrays, nothing else.

Importing this module imports numba, so everybody imports it inside a function. Text comes as UTF-8
bytes with int64 offsets, one slice per document. Loops count with `uintp`: signed indices would
cost a check for negative values each time, which halves the speed of the window loops.
"""

import numpy as np

from curator_engine.compiled import inlined, kernel

U8, U32, U64, I64, UP = np.uint8, np.uint32, np.uint64, np.int64, np.uintp


@inlined
def _rotate(x, bits):
    return U32((x << U32(bits)) | (x >> U32(32 - bits)))


@inlined
def _scramble(word):
    """The half of MurmurHash3_x86_32 that depends on one word only."""
    return U32(_rotate(U32(word * U32(0xCC9E2D51)), 15) * U32(0x1B873593))


@inlined
def _absorb(h, scrambled):
    return U32(_rotate(U32(h ^ scrambled), 13) * U32(5) + U32(0xE6546B64))


@inlined
def _finish(h, size):
    h = U32(h ^ U32(size))
    h = U32((h ^ (h >> U32(16))) * U32(0x85EBCA6B))
    h = U32((h ^ (h >> U32(13))) * U32(0xC2B2AE35))
    return U32(h ^ (h >> U32(16)))


@inlined
def _mix64(x):
    """Murmur3's 64-bit finaliser: every input bit reaches every output bit."""
    x = U64((x ^ (x >> U64(33))) * U64(0xFF51AFD7ED558CCD))
    x = U64((x ^ (x >> U64(33))) * U64(0xC4CEB9FE1A85EC53))
    return U64(x ^ (x >> U64(33)))


@kernel
def _character_starts(text, start, end, starts):
    """Byte positions of the characters of text[start:end] and, after them, `end`; returns how many."""
    count = UP(0)
    for i in range(UP(start), UP(end)):
        starts[count] = i
        count += UP((text[i] & U8(0xC0)) != U8(0x80))
    starts[count] = end
    return count


@kernel
def count_characters(text, offsets, counts):
    """Characters of each document: its bytes that do not go on with one."""
    for i in range(len(counts)):
        count = I64(0)
        for j in range(UP(offsets[i]), UP(offsets[i + 1])):
            count += I64((text[j] & U8(0xC0)) != U8(0x80))
        counts[i] = count


@kernel
def _scramble_words(text, start, end, out):
    """out[i]: the scrambled 4-byte word at start + i, wherever four bytes are left."""
    size = UP(end - start)
    if size < UP(4):
        return
    for i in range(size - UP(3)):
        j = UP(start) + i
        low = U32(text[j]) | (U32(text[j + UP(1)]) << U32(8))
        high = U32(text[j + UP(2)]) | (U32(text[j + UP(3)]) << U32(8))
        out[i] = _scramble(low | (high << U32(16)))


@kernel
def _murmur_fixed(scrambled, windows, width, seed, out):
    """Windows of `width` bytes, a multiple of four, one at each byte."""
    if width == UP(24):
        for i in range(windows):
            h = _absorb(seed, scrambled[i])
            h = _absorb(h, scrambled[i + UP(4)])
            h = _absorb(h, scrambled[i + UP(8)])
            h = _absorb(h, scrambled[i + UP(12)])
            h = _absorb(h, scrambled[i + UP(16)])
            h = _absorb(h, scrambled[i + UP(20)])
            out[i] = _finish(h, 24)
        return
    for i in range(windows):
        h = seed
        for j in range(UP(0), width, UP(4)):
            h = _absorb(h, scrambled[i + j])
        out[i] = _finish(h, width)


@kernel
def _murmur_any(text, start, starts, windows, width, scrambled, seed, out):
    """Windows of `width` characters, of any number of bytes.

    Where `width` is a multiple of four, out[i] holds the hash of the `width` bytes at start + i before;
    no window lies behind its own place, so that none is overwritten before it is looked at.
    """
    for i in range(windows):
        first, last = UP(starts[i]), UP(starts[i + width])
        size = last - first
        whole = size & ~UP(3)
        if size == width and whole == size:
            out[i] = out[first - UP(start)]
            continue
        h = seed
        for j in range(UP(0), whole, UP(4)):
            h = _absorb(h, scrambled[first - UP(start) + j])
        if whole < size:
            tail = U32(0)
            for j in range(whole, size):
                tail |= U32(text[first + j]) << U32(U32(8) * U32(j - whole))
            h = U32(h ^ _scramble(tail))
        out[i] = _finish(h, size)


@kernel
def murmur_windows(text, start, end, width, seed, starts, scrambled, out):
    """MurmurHash3_x86_32 of every window of `width` characters of text[start:end].

    A text shorter than a window is one window; an empty one has none. Returns their number.
    `starts`, `scrambled` and `out` are scratch of the text's bytes + 1.
    """
    if end == start:
        return UP(0)
    _scramble_words(text, start, end, scrambled)
    size = UP(end - start)
    high = U8(0)
    for i in range(UP(start), UP(end)):
        high |= text[i]
    # Where every character is one byte, characters start where bytes do.
    count = size if high < U8(0x80) else _character_starts(text, start, end, starts)
    width = min(UP(width), count)
    windows = count - width + UP(1)
    by_words = width % UP(4) == UP(0)
    if by_words:
        _murmur_fixed(scrambled, size - width + UP(1), width, seed, out)
        if count == size:
            return windows
    elif count == size:
        _character_starts(text, start, end, starts)
    _murmur_any(text, start, starts, windows, width, scrambled, seed, out)
    return windows


@kernel
def _affine_minima(hashes, count, a, b, signature):
    """signature[p] = min over hashes of (a[p] * max(h, 1) + b[p]) mod 2^32; eight hashes a turn."""
    for p in range(len(signature)):
        signature[p] = U32(0xFFFFFFFF)
    i = UP(0)
    while i + UP(8) <= count:
        h0, h1 = max(hashes[i], U32(1)), max(hashes[i + UP(1)], U32(1))
        h2, h3 = max(hashes[i + UP(2)], U32(1)), max(hashes[i + UP(3)], U32(1))
        h4, h5 = max(hashes[i + UP(4)], U32(1)), max(hashes[i + UP(5)], U32(1))
        h6, h7 = max(hashes[i + UP(6)], U32(1)), max(hashes[i + UP(7)], U32(1))
        for p in range(len(signature)):
            x, y = a[p], b[p]
            low = min(U32(U32(x * h0) + y), U32(U32(x * h1) + y))
            low = min(low, min(U32(U32(x * h2) + y), U32(U32(x * h3) + y)))
            low = min(low, min(U32(U32(x * h4) + y), U32(U32(x * h5) + y)))
            low = min(low, min(U32(U32(x * h6) + y), U32(U32(x * h7) + y)))
            signature[p] = min(signature[p], low)
        i += UP(8)
    while i < count:
        h = max(hashes[i], U32(1))
        for p in range(len(signature)):
            signature[p] = min(signature[p], U32(U32(a[p] * h) + b[p]))
        i += UP(1)


@kernel
def sign(text, offsets, width, a, b, signatures):
    """Fill signatures, shape (documents, len(a)); an empty document gets zeros."""
    longest = I64(0)
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    starts = np.empty(longest + 1, I64)
    scrambled, hashes = np.empty(longest + 1, U32), np.empty(longest + 1, U32)
    for i in range(len(offsets) - 1):
        count = murmur_windows(
            text, offsets[i], offsets[i + 1], width, a[0], starts, scrambled, hashes
        )
        if count:
            _affine_minima(hashes, count, a, b, signatures[i])
        else:
            for p in range(len(a)):
                signatures[i, p] = U32(0)


@kernel
def band(signatures, bands, rows, keys):
    """Fill keys, shape (bands, documents): a 64-bit hash of each document's rows in each band."""
    # Loops instead of slices: numba takes a second and a half to compile an assignment to one.
    x = np.empty(bands, U64)
    for i in range(len(signatures)):
        for k in range(bands):
            x[k] = U64(0x9E3779B97F4A7C15)
        # Row by row, since the rows of one band have to wait for each other.
        for r in range(rows):
            for k in range(bands):
                mixed = _mix64(x[k] ^ U64(signatures[i, k * rows + r]))
                x[k] = mixed + U64(0x9E3779B97F4A7C15)
        for k in range(bands):
            keys[k, i] = x[k]
