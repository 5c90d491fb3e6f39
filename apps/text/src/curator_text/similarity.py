"""Exact similarity of texts, and which of similar ones to keep.

Similarity is the Jaccard index of the sets of all windows of `char_ngrams` characters, each window
represented by a 64-bit hash: two different windows among a million get the same one with a
probability of about 10^-8.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    """Documents with more kept neighbours than `max_checks`."""
    checks: int
    """Exact comparisons made."""


def window_sets(texts: StringArray, *, char_ngrams: int) -> WindowSets:
    """The window hashes of each text; 8 bytes per character.

    Raises:
        ValueError: A text is null.
    """
    from curator_text import kernels

    text, offsets = utf8(texts)
    hashes = np.empty(int(offsets[-1] - offsets[0]) + 1, dtype=np.uint64)
    counts = np.empty(len(offsets) - 1, dtype=np.int64)
    kernels.hash_windows(text, offsets, char_ngrams, hashes, counts)
    at = 0
    for count in counts.tolist():
        # numpy sorts with vector instructions, several times faster than a compiled loop.
        hashes[at : at + count].sort()
        at += count
    distinct = np.empty_like(counts)
    total = kernels.drop_repeats(hashes, counts, distinct)
    return WindowSets(hashes=hashes[:total], offsets=np.concatenate(([0], np.cumsum(distinct))))


def jaccard(sets: WindowSets, i: int, j: int, *, at_least: float = 0.0) -> float:
    """Exact similarity of documents i and j, or -1.0 if it is below `at_least`."""
    from curator_text import pair_kernels

    return float(pair_kernels.jaccard(sets.hashes, sets.offsets, i, j, at_least))


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
    """
    from curator_text import pair_kernels

    count = len(sets.offsets) - 1
    order = np.lexsort((left, right))
    starts = np.concatenate(([0], np.cumsum(np.bincount(right, minlength=count))))
    kept, similarity = np.empty(count, np.int64), np.empty(count, np.float64)
    capped, checks = pair_kernels.keep_leaders(
        sets.hashes,
        sets.offsets,
        starts,
        left[order],
        nearness[order],
        threshold,
        max_checks,
        kept,
        similarity,
    )
    return Leaders(kept=kept, similarity=similarity, capped=int(capped), checks=int(checks))
