# pyright: basic
# numba's decorators and typed scalars have no usable types.
"""The compiled inner loop of fingerprints. As `hash_kernels.py`; imported inside functions only."""

import numpy as np

from curator_engine.compiled import kernel
from curator_text.kernels.hash_kernels import I64, U8, U64, _mix64

_BASIS, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)


@kernel
def _window_hashes(text, start, end, width, hashes):
    """Hash every window of `width` characters of text[start:end]; returns their number.

    A shorter text is one window. The hash is FNV-1a over the window's bytes, mixed at the end.
    """
    begins = np.empty(end - start + 1, I64)
    chars = 0
    for i in range(start, end):
        if text[i] & U8(0xC0) != U8(0x80):
            begins[chars] = i
            chars += 1
    begins[chars] = end
    windows = max(1, chars - width + 1)
    for w in range(windows):
        h = _BASIS
        first = begins[w] if chars else start
        for i in range(first, begins[min(w + width, chars)]):
            h = U64((h ^ U64(text[i])) * _PRIME)
        hashes[w] = _mix64(h)
    return windows


@kernel
def add_windows(text, offsets, width, out):
    """Add +1 or -1 for each distinct window of document i to a place of out[i], by its hash."""
    dims = U64(out.shape[1])
    for i in range(len(offsets) - 1):
        hashes = np.empty(offsets[i + 1] - offsets[i] + 1, U64)
        count = _window_hashes(text, offsets[i], offsets[i + 1], width, hashes)
        found = np.sort(hashes[:count])
        for k in range(count):
            if k and found[k] == found[k - 1]:
                continue
            sign = 1.0 if found[k] & U64(1) else -1.0
            out[i, I64((found[k] >> U64(1)) % dims)] += sign
