"""MinHash signatures of texts: rows of two signatures agree with a probability of the texts' similarity.

Method `fast`: one 64-bit hash of every window of `char_ngrams` characters, then fast similarity
sketching: each window is looked at once, whatever the number of rows. Method `curator`:
MurmurHash3_x86_32 of every window, then for each of the hash functions the minimum of (a * h + b)
mod 2^32, as cuDF computes them for NeMo Curator; checked against an independent murmur library, not yet
against cuDF's own output. What is done with signatures is `lsh.py`'s.
"""

import itertools
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from curator_text.read.columns import StringArray, utf8

type Method = Literal["fast", "curator"]

SLICE = 8 << 20
"""Bytes of text that one call of a kernel looks at: a tenth of a second."""
_MERSENNE_31, _MASK_64 = (1 << 31) - 1, (1 << 64) - 1


@cache
def permutations(seed: int, count: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The factors a, in [1, 2^31 - 1), and summands b, in [0, 2^31 - 1), of `count` hash functions.

    Drawn in turn, a then b, from `RandomState(seed)`, as NeMo Curator's GPU stage does.
    """
    draw = np.random.RandomState(seed)
    pairs = [
        (
            draw.randint(1, _MERSENNE_31, dtype=np.uint32),
            draw.randint(0, _MERSENNE_31, dtype=np.uint32),
        )
        for _ in range(count)
    ]
    table = np.array(pairs, dtype=np.uint32).reshape(count, 2)
    return np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1])


def signatures(
    texts: StringArray,
    *,
    char_ngrams: int = 24,
    num_hashes: int = 260,
    seed: int = 42,
    method: Method = "fast",
) -> NDArray[np.uint32]:
    """MinHash signatures, shape (documents, num_hashes).

    A text shorter than a window is one window; an empty text gets zeros. Of `curator`: the seed of
    the murmur hash is the first factor, and a hash of 0 counts as 1. Memory: 4 bytes x num_hashes per
    document, and 16 bytes per byte of the longest text.

    Raises:
        ValueError: A text is null, or a parameter is below 1.
    """
    from curator_text.kernels import hash_kernels, window_kernels

    if char_ngrams < 1 or num_hashes < 1:
        raise ValueError(
            f"char_ngrams={char_ngrams} and num_hashes={num_hashes} must be at least 1."
        )
    text, offsets = utf8(texts)
    out = np.empty((len(offsets) - 1, num_hashes), dtype=np.uint32)
    # A text of few windows takes up to two looks at each of them per bin.
    work = np.diff(offsets) + 2 * num_hashes * np.minimum(np.diff(offsets), num_hashes) // 64
    for start, end in slices(work):
        some, rows = offsets[start : end + 1], out[start:end]
        if method == "fast":
            window_kernels.sketch(text, some, char_ngrams, hash_key(seed), rows)
        else:
            hash_kernels.sign(text, some, char_ngrams, *permutations(seed, num_hashes), rows)
    return out


def slices(work: NDArray[np.int64], most: int = SLICE) -> list[tuple[int, int]]:
    """Cut documents into runs for one call of a kernel each: nobody can stop a kernel while it runs.

    Args:
        work: Of each document, about in bytes that are looked at once.
        most: Work of a run, about; a larger document ends its run.
    """
    pieces = np.cumsum(work) // most
    cuts = (np.flatnonzero(np.diff(pieces)) + 1).tolist()
    edges = [0, *cuts, len(work)] if len(work) else []
    return list(itertools.pairwise(edges))


def hash_key(seed: int) -> np.uint64:
    """What makes the window hashes of one seed differ from another's."""
    return np.uint64(seed * 0x9E3779B97F4A7C15 & _MASK_64)
