"""Imported by the fork server of worker processes: importing it makes the kernels ready.

The one module whose import does work, so that each worker need not do it again: every kernel is
run once on a little input, which compiles it or takes it from the cache. So it is with pandas, which
Arrow would load in each worker.
"""

import numpy as np
import pyarrow as pa

from curator_text.kernels import (
    hash_kernels,
    json_kernels,
    pair_kernels,
    set_kernels,
    window_kernels,
)
from curator_text.kernels.hash_kernels import I64, U8, U32, U64

pa.array([0])
raw = "kernels are run once: naïve café".encode()
line = np.frombuffer(b'{"text": "a", "n": [1, null]}\n', U8)
room, ends, places = np.empty(len(line) + 32, U8), np.empty(1, I64), np.zeros(2, I64)
json_kernels.texts(line, b"text", ends[:0], room, 0, ends, places)
text, offsets = np.frombuffer(raw, U8), np.array([0, len(raw) - 8, len(raw)], I64)
a, b = np.array([1, 3], U32), np.array([0, 1], U32)
signatures, keys = np.zeros((2, 2), U32), np.zeros((2, 2), U64)
hash_kernels.sign(text, offsets, 24, a, b, signatures)
hash_kernels.band(signatures, 2, 1, keys)
hashes, counts = np.zeros(len(raw) + 1, U64), np.zeros(2, I64)
hash_kernels.count_characters(text, offsets, counts)
window_kernels.sketch(text, offsets, 24, U64(0), signatures)
pair, other, scores = np.zeros(1, I64), np.ones(1, I64), np.zeros(1, np.float32)
set_kernels.jaccard(text, offsets, 0, 1, 24, U64(0), 0.5)
order, starts, kept = np.arange(2), np.array([0, 0, 1], I64), np.zeros(2, I64)
is_left = np.array([True, False])
ends = np.zeros(1, I64)
set_kernels.distinct_windows(text, offsets[1:], 24, U64(0), hashes, ends)
pair_kernels.keep_leaders(
    hashes,
    0,
    np.zeros(2, I64),
    np.zeros(2, I64),
    text,
    offsets,
    24,
    U64(0),
    order,
    order,
    starts,
    pair,
    scores,
    is_left,
    0.5,
    1,
    kept,
    np.zeros(2),
    0,
    2,
    *np.zeros((2, len(raw) + 1), U64),
    *np.zeros((2, int(set_kernels.LEAST_SLOTS)), U32),
    np.zeros(2 * len(raw), U64),
    np.zeros(7, I64),
)
pair_kernels.room(order, np.zeros(2, I64), offsets)
pair_kernels.agreement(signatures.astype(np.uint16), pair, other, scores)
pair_kernels.may_repeat(keys[0], np.zeros(64, U8), np.arange(2))
pair_kernels.count_pairs(keys[0], np.arange(2), 1, 0)
pair_kernels.fill_pairs(keys[0], np.arange(2), 2, 0, pair, other, *np.zeros((2, 2), I64))
pair_kernels.unite(pair, other, np.arange(2))
