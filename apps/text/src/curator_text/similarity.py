"""Exact similarity of texts, and which of similar ones to keep.

Similarity is the Jaccard index of the sets of all windows of `char_ngrams` characters, each window
represented by a 64-bit hash: two different windows among a million get the same one with a
probability of about 10^-8.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curator_text.lsh import check_pairs
from curator_text.minhash import StringArray, utf8


@dataclass(frozen=True, kw_only=True)
class WindowSets:
    """The sets of window hashes of several documents."""

    hashes: NDArray[np.uint64]
    """Sorted and distinct within each document, one document after the other."""
    offsets: NDArray[np.int64]
    """Where each document begins, and the end; shape (documents + 1,)."""


@dataclass(frozen=True, kw_only=True)
class Leaders:
    """Who stays, of documents in keep order."""

    kept: NDArray[np.int64]
    """Index of the kept document that each one is a duplicate of; -1 for those that stay."""
    similarity: NDArray[np.float64]
    """Exact similarity to it; 1 for those that stay."""
    capped: int
    """Documents with more kept neighbours than `max_checks`: not all of these were compared."""
    checks: int
    """Exact comparisons made."""


def window_sets(texts: StringArray, *, char_ngrams: int) -> WindowSets:
    """The hashes of all windows of `char_ngrams` characters of each text.

    A text shorter than a window is one window; an empty text has none. About 100 MB/s on one core,
    most of it sorting; 8 bytes of memory per byte of text.

    Raises:
        ValueError: A text is null, the texts are not strings, or `char_ngrams` is below 1.
    """
    from curator_text import kernels

    if char_ngrams < 1:
        raise ValueError(f"char_ngrams={char_ngrams} must be at least 1.")
    text, offsets = utf8(texts)
    hashes = np.empty(int(offsets[-1] - offsets[0]) + 1, dtype=np.uint64)
    counts = np.empty(len(offsets) - 1, dtype=np.int64)
    kernels.hash_windows(text, kernels.as_input(offsets, np.int64), char_ngrams, hashes, counts)
    at = 0
    for count in counts.tolist():
        # numpy sorts with vector instructions, several times faster than a compiled loop.
        hashes[at : at + count].sort()
        at += count
    distinct = np.empty_like(counts)
    total = kernels.drop_repeats(hashes, counts, distinct)
    return WindowSets(hashes=hashes[:total], offsets=np.concatenate(([0], np.cumsum(distinct))))


def jaccard(sets: WindowSets, i: int, j: int, *, at_least: float = 0.0) -> float:
    """Exact similarity of documents i and j, or -1.0 if it is below `at_least`.

    It is the quotient of two integers, rounded once, so that 4/5 is not below 0.8. Two empty
    documents have similarity 1. Stops as soon as `at_least` is out of reach.

    Raises:
        ValueError: There is no document i or j.
    """
    from curator_text import kernels, pair_kernels

    count = len(sets.offsets) - 1
    if not (0 <= i < count and 0 <= j < count):
        raise ValueError(f"documents {i} and {j} must be in [0, {count}).")
    hashes = kernels.as_input(sets.hashes, np.uint64)
    offsets = kernels.as_input(sets.offsets, np.int64)
    return float(pair_kernels.jaccard(hashes, offsets, i, j, float(at_least)))


def keep_leaders(
    sets: WindowSets,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    nearness: NDArray[np.float32],
    *,
    threshold: float,
    max_checks: int,
) -> Leaders:
    """Decide, in order, which documents stay.

    A document goes if its exact similarity to an earlier one that stays, and that it forms a
    candidate pair with, is at least `threshold`. Its kept document is the most similar such one,
    ties to the earliest.

    Args:
        sets: The documents, in keep order.
        left: Smaller index of each candidate pair.
        right: Larger index of each candidate pair.
        nearness: Estimated similarity per pair; the nearest are compared first.
        threshold: Similarity from which a document goes, in (0, 1].
        max_checks: Exact comparisons per document.

    Raises:
        ValueError: A pair is not of two documents, smaller index first, or a value out of range.
    """
    from curator_text import kernels, pair_kernels

    count = len(sets.offsets) - 1
    check_pairs(left, right, count=count)
    if np.any(left >= right) or nearness.shape != left.shape:
        raise ValueError("every pair needs its smaller index first, and a nearness.")
    if not 0 < threshold <= 1 or max_checks < 1:
        raise ValueError(
            f"threshold={threshold} must be in (0, 1], max_checks={max_checks} at least 1."
        )
    order = np.lexsort((left, right))
    starts = np.concatenate(([0], np.cumsum(np.bincount(right, minlength=count))))
    kept, similarity = np.empty(count, np.int64), np.empty(count, np.float64)
    capped, checks = pair_kernels.keep_leaders(
        kernels.as_input(sets.hashes, np.uint64),
        kernels.as_input(sets.offsets, np.int64),
        kernels.as_input(starts, np.int64),
        kernels.as_input(left[order], np.int64),
        kernels.as_input(nearness[order], np.float32),
        float(threshold),
        max_checks,
        kept,
        similarity,
    )
    return Leaders(kept=kept, similarity=similarity, capped=int(capped), checks=int(checks))
