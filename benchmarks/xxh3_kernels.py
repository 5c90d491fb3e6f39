# pyright: basic
# numba's decorators and typed scalars have no usable types.
"""XXH3 of every window of a text, for the floor; for windows of 17 to 96 bytes, else of their first 96."""

import numpy as np
from numba import njit

U8, U32, U64, UP = np.uint8, np.uint32, np.uint64, np.uintp
_SECRET = np.frombuffer(
    bytes.fromhex(
        "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
        "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
        "3c2852bb91c300cb88d0658b532ea371644897a20df94e3819ef46a9deacd8a8"
    ),
    np.uint64,
).copy()


@njit(inline="always")
def _load(text, at):
    word = U64(0)
    for i in range(UP(8)):
        word |= U64(text[at + i]) << U64(U64(8) * U64(i))
    return word


@njit(inline="always")
def _fold(a, b):
    """The two halves of the 128-bit product, joined by XOR."""
    low_a, high_a = a & U64(0xFFFFFFFF), a >> U64(32)
    low_b, high_b = b & U64(0xFFFFFFFF), b >> U64(32)
    low, cross = low_a * low_b, high_a * low_b
    middle = low_a * high_b + (low >> U64(32)) + (cross & U64(0xFFFFFFFF))
    upper = high_a * high_b + (cross >> U64(32)) + (middle >> U64(32))
    return U64(a * b) ^ upper


@njit(inline="always")
def _mix(text, at, k):
    return _fold(_load(text, at) ^ _SECRET[k], _load(text, at + UP(8)) ^ _SECRET[k + 1])


@njit(inline="always")
def xxh3(text, at, size):
    """XXH3_64bits, seed 0, of 17 to 96 bytes."""
    total = U64(size) * U64(0x9E3779B185EBCA87)
    if size > UP(32):
        if size > UP(64):
            total += _mix(text, at + UP(32), 8) + _mix(text, at + size - UP(48), 10)
        total += _mix(text, at + UP(16), 4) + _mix(text, at + size - UP(32), 6)
    total += _mix(text, at, 0) + _mix(text, at + size - UP(16), 2)
    total = (total ^ (total >> U64(37))) * U64(0x165667919E3779F9)
    return U64(total ^ (total >> U64(32)))


@njit(cache=True, nogil=True)
def hash_all_windows(text, offsets, width):
    """The XOR of the hashes of all windows of `width` characters of all documents."""
    every, longest = U64(0), 0
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    starts = np.empty(longest + 1, UP)
    for i in range(len(offsets) - 1):
        first, end = UP(offsets[i]), UP(offsets[i + 1])
        high = U8(0)
        for j in range(first, end):
            high |= text[j]
        if end < first + width:
            continue
        if high < U8(0x80):
            for j in range(first, end - width + UP(1)):
                every ^= xxh3(text, j, width)
            continue
        count = UP(0)
        for j in range(first, end):
            starts[count] = j
            count += UP((text[j] & U8(0xC0)) != U8(0x80))
        starts[count] = end
        for j in range(count - min(width, count + UP(1)) + UP(1)):
            every ^= xxh3(text, starts[j], min(starts[j + width] - starts[j], UP(96)))
    return every
