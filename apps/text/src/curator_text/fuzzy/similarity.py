"""Exact similarity of texts, and which of similar ones to keep.

Similarity is the Jaccard index of the sets of all windows of `char_ngrams` characters, each window
represented by a 64-bit hash: two different windows among a million get the same one with a
probability of about 10^-8.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_text.fuzzy.lsh import components
from curator_text.read.columns import StringArray, utf8
from curator_text.signatures.minhash import hash_key, slices


@dataclass(frozen=True)
class WindowSets:
    """The sets of some documents, one after the other."""

    hashes: NDArray[np.uint64]
    """Distinct within a document, in no order that means something."""
    ends: NDArray[np.int64]
    """Where each document's end; shape (documents,)."""


NO_SETS = WindowSets(np.empty(0, np.uint64), np.empty(0, np.int64))


@dataclass(frozen=True, kw_only=True)
class Leaders:
    """Which documents stay, of some in keep order."""

    kept: NDArray[np.int64]
    """Index of the kept document that each one is a duplicate of; -1 for those that stay."""
    similarity: NDArray[np.float64]
    """Exact similarity to it; 1 for those that stay."""
    capped: int
    """Documents with more kept neighbours than `max_checks`."""
    checks: int
    """Exact comparisons made."""


def jaccard(
    texts: StringArray, i: int, j: int, *, char_ngrams: int, at_least: float = 0.0
) -> float:
    """Exact similarity of texts i and j, or -1.0 if it is below `at_least`."""
    from curator_text.kernels import set_kernels

    text, offsets = utf8(texts)
    return float(set_kernels.jaccard(text, offsets, i, j, char_ngrams, hash_key(0), at_least))


def window_sets(texts: StringArray, *, char_ngrams: int) -> WindowSets:
    """The sets that `keep_leaders` compares; memory: 8 bytes per byte of the texts."""
    from curator_text.kernels import set_kernels

    text, offsets = utf8(texts)
    hashes = np.empty(int(offsets[-1] - offsets[0]) + 1, np.uint64)
    ends = np.empty(len(offsets) - 1, np.int64)
    set_kernels.distinct_windows(text, offsets, char_ngrams, hash_key(0), hashes, ends)
    return WindowSets(hashes[: ends[-1]] if len(ends) else hashes[:0], ends)


def keep_leaders(
    texts: StringArray,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    nearness: NDArray[np.float32],
    *,
    char_ngrams: int,
    threshold: float,
    max_checks: int,
    given: WindowSets = NO_SETS,
) -> Leaders:
    """Decide, in order, which documents stay.

    A document goes if its exact similarity to an earlier one that stays, and that it forms a
    candidate pair with, is at least `threshold`. Its kept document is the most similar such one,
    ties to the earliest. Memory: 8 bytes per byte of the kept documents of the largest component.

    Args:
        texts: The documents, in keep order; no nulls.
        left: Smaller index of each candidate pair.
        right: Larger index of each candidate pair.
        nearness: Estimated similarity per pair; the nearest are compared first.
        char_ngrams: Characters per window.
        threshold: Similarity from which a document goes, in (0, 1].
        max_checks: Exact comparisons per document.
        given: The sets of the first documents, which are old: they stay, and their texts are empty.
    """
    from curator_text.kernels import pair_kernels

    text, offsets = utf8(texts)
    count = len(offsets) - 1
    root = components([(left, right)], count=count)
    is_left, is_right = np.zeros((2, count), np.bool_)
    is_left[left] = is_right[right] = True
    paired = np.flatnonzero(is_left | is_right)
    by_right = np.lexsort((left, right))
    starts = np.concatenate(([0], np.cumsum(np.bincount(right, minlength=count))))
    kept, similarity = np.full(count, -1, np.int64), np.ones(count)
    old, ends = len(given.ends), np.zeros(count, np.int64)
    ends[:old] = given.ends
    begins = np.zeros(count, np.int64)
    begins[1:old] = given.ends[:-1]
    order = paired[np.argsort(root[paired], kind="stable")]
    neighbours, near = left[by_right], nearness[by_right]
    room, state = _room(*pair_kernels.room(order, root, offsets)), np.zeros(7, np.int64)
    work = np.diff(offsets)[order] * (1 + np.minimum(np.diff(starts)[order], max_checks))
    for start, end in slices(work):
        pair_kernels.keep_leaders(
            given.hashes,
            old,
            begins,
            ends,
            text,
            offsets,
            char_ngrams,
            hash_key(0),
            order,
            root,
            starts,
            neighbours,
            near,
            is_left,
            threshold,
            max_checks,
            kept,
            similarity,
            start,
            end,
            *room,
            state,
        )
    return Leaders(kept=kept, similarity=similarity, capped=int(state[0]), checks=int(state[1]))


def _room(longest: int, largest: int) -> tuple[NDArray[Any], ...]:
    """Working memory of the kernel: two arrays of a text's hashes, two tables of them, and the sets of a component.

    Args:
        longest: Bytes of the longest text.
        largest: Bytes of all texts of the largest component.
    """
    from curator_text.kernels import set_kernels

    places = int(set_kernels.LEAST_SLOTS)
    while places < 4 * longest:
        places *= 2
    hashes, tables = np.empty((2, longest + 1), np.uint64), np.zeros((2, places), np.uint32)
    return (*hashes, *tables, np.empty(largest + longest + 1, np.uint64))
