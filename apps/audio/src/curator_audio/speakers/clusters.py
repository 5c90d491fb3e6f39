"""Which voices are one person's: agglomerative clustering of vectors by cosine similarity.

Average linkage: two clusters are as similar as their vectors are on average. It stops at a threshold, so
that the number of speakers follows from the voices. Deterministic: ties go to the earlier voice.
"""

import numpy as np
from numpy.typing import NDArray

type Vectors = NDArray[np.float32]

THRESHOLD = 0.27
"""Least mean similarity of two clusters of CAM++ vectors that are one speaker's. On conversations of one to
seven people, put together of seven, 0.25 to 0.28 gives all numbers of one half, and all but one of the other."""
_MOST = 2000
"""Vectors that are clustered at once: the work grows with their square. More are done in parts first."""


def cluster_voices(
    vectors: Vectors,
    *,
    threshold: float = THRESHOLD,
    max_speakers: int = 0,
    min_voices: int = 0,
) -> list[int]:
    """The speaker of each vector, numbered by first appearance.

    Args:
        vectors: Of length one, shape (voices, dims), in the order of time.
        threshold: Least mean similarity inside of a speaker.
        max_speakers: Join the most similar ones until so many are left; 0: as many as there are.
        min_voices: A speaker with fewer goes to the most similar one that has so many, if they are at least half
            as similar as one speaker's: such voices are those of two people in one window.

    Returns:
        A number per voice.
    """
    if not len(vectors):
        return []
    labels = np.zeros(len(vectors), np.int64)
    count = 0
    for start in range(0, len(vectors), _MOST):
        part = vectors[start : start + _MOST]
        found = _average_linkage(part.astype(np.float64), np.ones(len(part)), threshold, 0)
        labels[start : start + _MOST] = found + count
        count += int(found.max()) + 1
    sums, sizes = _sums(vectors, labels)
    groups = _average_linkage(sums, sizes, threshold, max_speakers)
    large = _without_small(vectors, groups[labels], min_voices, threshold / 2)
    return _numbered(_settled(vectors, large))


def _average_linkage(
    sums: NDArray[np.float64], sizes: NDArray[np.float64], threshold: float, most: int
) -> NDArray[np.int64]:
    """The cluster of each of some clusters, given by the sums of their vectors and their sizes.

    The mean similarity of two clusters is the product of their sums over that of their sizes, so no
    matrix of all pairs is kept up to date.
    """
    sums, sizes = sums.copy(), sizes.copy()
    labels = np.arange(len(sums))
    similar = (sums @ sums.T) / np.outer(sizes, sizes)
    np.fill_diagonal(similar, -np.inf)
    nearest = similar.argmax(axis=1)
    best = similar[np.arange(len(sums)), nearest]
    left = len(sums)
    while left > 1:
        i = int(best.argmax())
        if best[i] < threshold and (not most or left <= most):
            break
        i, j = sorted((i, int(nearest[i])))
        sums[i] += sums[j]
        sizes[i] += sizes[j]
        labels[labels == j] = i
        left -= 1
        similar[j] = similar[:, j] = -np.inf
        alive = similar[i] > -np.inf
        row = np.where(alive, (sums @ sums[i]) / (sizes * sizes[i]), -np.inf)
        similar[i], similar[:, i] = row, row
        best[j] = -np.inf
        stale = np.flatnonzero((nearest == i) | (nearest == j))
        for k in {i, *stale.tolist()} - {j}:
            nearest[k] = similar[k].argmax()
            best[k] = similar[k, nearest[k]]
        better = row > best
        nearest[better], best[better] = i, row[better]
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def _sums(
    vectors: Vectors, labels: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    count = int(labels.max()) + 1
    sums = np.zeros((count, vectors.shape[1]))
    np.add.at(sums, labels, vectors)
    return sums, np.bincount(labels, minlength=count).astype(np.float64)


def _without_small(
    vectors: Vectors, labels: NDArray[np.int64], min_voices: int, least: float
) -> NDArray[np.int64]:
    """The labels, with those of too few vectors replaced by the most similar that have enough."""
    sums, sizes = _sums(vectors, labels)
    large = np.flatnonzero(sizes >= min_voices)
    if len(large) in (0, len(sizes)):
        return labels
    similar = (sums @ sums[large].T) / np.outer(sizes, sizes[large])
    nearest = np.where(
        similar.max(axis=1) >= least, large[similar.argmax(axis=1)], range(len(sizes))
    )
    nearest[large] = large
    return nearest[labels]


def _settled(vectors: Vectors, labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """The labels, after each vector has gone to the speaker whose mean it is most like.

    What was joined early stays together otherwise, though the means have moved since.
    """
    sums, _ = _sums(vectors, labels)
    alive = np.unique(labels)
    means = sums[alive] / np.maximum(np.linalg.norm(sums[alive], axis=1, keepdims=True), 1e-12)
    return alive[(vectors @ means.T).argmax(axis=1)]


def _numbered(labels: NDArray[np.int64]) -> list[int]:
    """The labels as numbers from 0 in the order in which they first appear."""
    numbers: dict[int, int] = {}
    return [numbers.setdefault(label, len(numbers)) for label in labels.tolist()]
