"""Locality-sensitive hashing: signatures -> band keys -> pairs that may be near-duplicates.

The pairs are candidates; `similarity.py` decides whether a pair is similar.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import SettingsError
from curator_text.fuzzy.pair_files import Numbers, cut_before, distinct

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
"""2^64 divided by the golden ratio: its multiples are far apart."""


def candidate_probability(similarity: float, *, num_bands: int, minhashes_per_band: int) -> float:
    """Probability that a pair of this Jaccard similarity shares at least one band."""
    return 1.0 - (1.0 - similarity**minhashes_per_band) ** num_bands


def choose_bands(threshold: float, recall: float, *, max_hashes: int = 260) -> tuple[int, int]:
    """The bands and rows that find pairs at the threshold with this recall, and few others.

    Of all that reach the recall within `max_hashes`, the one with the smallest area under its
    S-curve below the threshold, that is with the fewest false candidates.

    Returns:
        Number of bands, and signature rows per band.

    Raises:
        SettingsError: No bands within `max_hashes` reach the recall, or a value is out of (0, 1).
    """
    if not (0 < threshold < 1 and 0 < recall < 1):
        raise SettingsError(f"threshold={threshold} and recall={recall} must be between 0 and 1.")
    below = np.linspace(0.0, threshold, 200)
    best: tuple[float, int, int] | None = None
    for rows in range(1, max_hashes + 1):
        missed = math.log1p(-min(threshold**rows, 1 - 1e-12))
        bands = math.ceil(math.log1p(-recall) / missed - 1e-9) if missed < 0 else max_hashes + 1
        if bands * rows > max_hashes:
            continue
        false = float(np.mean(1.0 - (1.0 - below**rows) ** bands))
        if best is None or false < best[0]:
            best = (false, bands, rows)
    if best is None:
        raise SettingsError(
            f"no bands within {max_hashes} hashes find pairs at {threshold} with recall {recall}; "
            "lower --recall or raise --threshold."
        )
    return best[1], best[2]


def band_keys(
    signatures: NDArray[np.uint32], *, num_bands: int, minhashes_per_band: int
) -> NDArray[np.uint64]:
    """A 64-bit key per band and document, shape (num_bands, documents).

    Raises:
        ValueError: The signatures have fewer rows than the bands need.
    """
    from curator_text.kernels import hash_kernels

    if signatures.ndim != 2 or signatures.shape[1] < num_bands * minhashes_per_band:
        raise ValueError(
            f"signatures of shape {signatures.shape} do not fill {num_bands} x {minhashes_per_band} rows."
        )
    keys = np.empty((num_bands, len(signatures)), dtype=np.uint64)
    hash_kernels.band(signatures, num_bands, minhashes_per_band, keys)
    return keys


def may_repeat(keys: NDArray[np.uint64] | NDArray[np.uint32]) -> NDArray[np.int64]:
    """Positions, in order, of all keys that come more than once, and of a few others.

    Takes two looks at each key, where sorting takes many; 16 to 24 bytes per key in memory.
    """
    from curator_text.kernels import pair_kernels

    slots = 1 << max(6, (8 * len(keys)).bit_length())
    out = np.empty(len(keys), np.int64)
    return out[: pair_kernels.may_repeat(keys, np.zeros(slots, np.uint8), out)]


def bucket_pairs(
    keys: NDArray[np.uint64] | NDArray[np.uint32],
    ids: NDArray[np.int64],
    *,
    max_bucket: int,
    first_new: int = 0,
    at_a_time: int = 1 << 62,
) -> Iterator[tuple[Numbers, Numbers, Numbers]]:
    """Pairs of documents with equal keys, in parts.

    Args:
        keys: One per document.
        ids: The documents' ids; a smaller one comes first in keep order.
        max_bucket: A bucket of more documents gives each member's pair with its smallest id only.
        first_new: Ids below it are of old documents: no pair is of two of them.
        at_a_time: About so many pairs are a part.

    Yields:
        Left ids, right ids (left < right), and for each member of a larger bucket the bucket's
        smallest id and its own, shape (2, members).
    """
    from curator_text.kernels import pair_kernels

    some = may_repeat(keys)
    order = some[np.argsort(keys[some])]
    keys, ids = keys[order], ids[order]
    for start, end in _parts_of(keys, max_bucket, at_a_time):
        mine, whose = keys[start:end], ids[start:end]
        pairs, among = pair_kernels.count_pairs(mine, whose, max_bucket, first_new)
        left, right = np.empty(pairs, np.int64), np.empty(pairs, np.int64)
        crowds = np.empty((2, among), np.int64)
        pair_kernels.fill_pairs(mine, whose, max_bucket, first_new, left, right, *crowds)
        yield left, right, crowds


def _parts_of(
    keys: NDArray[np.uint64] | NDArray[np.uint32], max_bucket: int, at_a_time: int
) -> list[tuple[int, int]]:
    """Spans of sorted keys that have about so many pairs each; equal keys are not parted."""
    if len(keys) * max_bucket <= at_a_time or not len(keys):
        return [(0, len(keys))]
    first = np.ones(len(keys), np.bool_)
    first[1:] = keys[1:] != keys[:-1]
    starts = np.append(np.flatnonzero(first), len(keys))
    sizes = np.diff(starts)
    pairs = np.where(sizes <= max_bucket, sizes * (sizes - 1) // 2, sizes - 1)
    return [(int(starts[a]), int(starts[b])) for a, b in cut_before(pairs, at_a_time)]


def crowded_pairs(
    signatures: NDArray[np.unsignedinteger[Any]],
    crowd: Numbers,
    *,
    max_bucket: int,
    min_agreement: float,
    first_new: int = 0,
    at_a_time: int = 1 << 22,
) -> tuple[Numbers, Numbers]:
    """Pairs among documents whose buckets are too large, found by single signature rows.

    A value that all documents of a crowd share tells none of them apart; a value that few share
    does. So the documents of a crowd are grouped by each row of the signature: small groups give all
    their pairs, large ones the pairs with their first document, and a pair stays if enough of its
    rows agree.

    Args:
        signatures: Shape (documents, rows), in keep order.
        crowd: Which crowd each document is of, shape (documents,): a crowd's buckets overlap.
        max_bucket: Size up to which a group gives all its pairs.
        min_agreement: Fraction of equal rows that a pair needs, in [0, 1].
        first_new: Documents before it are old: no pair is of two of them.
        at_a_time: Pairs that are looked at together.

    Returns:
        Left and right row indices, left < right, each pair once, sorted.
    """
    n, rows = signatures.shape
    ids = np.arange(n, dtype=np.int64)
    # Two rows together tell more documents apart than one row. If more than half of all rows agree,
    # two neighbouring rows do.
    step = 2 if min_agreement > 0.5 else 1
    found, waiting, size = np.empty(0, np.int64), list[NDArray[np.int64]](), 0
    # Crowds are told apart by what is added to their values.
    apart = crowd.astype(np.uint64) * _GOLDEN
    for row in range(0, rows - step + 1, step):
        column = signatures[:, row].astype(np.uint64)
        if step == 2:
            column = column << np.uint64(32) | signatures[:, row + 1]
        column += apart
        for left, right, _ in bucket_pairs(column, ids, max_bucket=max_bucket, first_new=first_new):
            waiting.append(left * n + right)
            size += len(left)
        if size > at_a_time or row + step > rows - step:
            fresh = distinct(np.concatenate(waiting))
            fresh = fresh[~_among(fresh, found)]
            fresh = fresh[agreement(signatures, *np.divmod(fresh, n)) >= min_agreement]
            # What is in order in two pieces is merged.
            found = np.sort(np.concatenate((found, fresh)), kind="stable") if len(fresh) else found
            waiting, size = [], 0
    return found // n, found % n


def agreement(
    signatures: NDArray[np.unsignedinteger[Any]], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Fraction of equal signature rows for each pair: an unbiased estimate of its similarity."""
    from curator_text.kernels import pair_kernels

    out = np.empty(len(left), dtype=np.float32)
    pair_kernels.agreement(signatures, left, right, out)
    return out


def components(edges: Iterable[tuple[Numbers, Numbers]], *, count: int) -> Numbers:
    """The smallest index that each of `count` documents is connected to, shape (count,).

    Args:
        edges: Indices of pairs, in any number of parts.
        count: Documents.
    """
    from curator_text.kernels import pair_kernels

    parent = np.arange(count, dtype=np.int64)
    for left, right in edges:
        pair_kernels.unite(left, right, parent)
    return parent


def _among(values: Numbers, known: Numbers) -> NDArray[np.bool_]:
    """Which values, sorted, are among those known, sorted as well."""
    if not len(known):
        return np.zeros(len(values), np.bool_)
    places = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return known[places] == values
