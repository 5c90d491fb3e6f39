"""Find the centres of clusters, and the centre that is nearest to each vector.

Pure functions on matrices; which vectors these are is `kmeans.py`'s.
"""

import importlib
import warnings
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import ResourceError
from curator_engine.vectors.matrix import Matrix, to_device, to_numpy

_ROWS_AT_A_TIME = 8192
_SKLEARN_BATCH = 4096
_START_ROWS, _START_ROWS_PER_CENTRE = 10_000, 32
"""Rows among which the first centres are looked for."""


def fit_centres(
    points: Matrix,
    count: int,
    *,
    device: Literal["cpu", "gpu"] = "cpu",
    max_iter: int = 300,
    tol: float = 1e-4,
    n_init: int = 1,
    seed: int = 42,
) -> Matrix:
    """Centres by k-means: mini-batches of scikit-learn on the CPU, Lloyd's rounds on a GPU.

    Args:
        points: Shape (points, dims); at least one.
        count: Centres; fewer if there are fewer points.
        device: Where to compute.
        max_iter: Passes over the points at most.
        tol: Stop when the centres move less; of the points' variance.
        n_init: Starts, of which the best counts (CPU only).
        seed: The same points in the same order give the same centres.

    Returns:
        Shape (min(count, points), dims).

    Raises:
        ResourceError: scikit-learn, or torch for a GPU, is not installed.
    """
    count = min(count, len(points))
    if count == 1:
        # The mean needs no library.
        return points.mean(axis=0, dtype=np.float64, keepdims=True).astype(np.float32)
    if device == "gpu":
        xp, array = to_device(points, device)
        start = spread_out(array, count, xp=xp, seed=seed)
        return to_numpy(lloyd(array, start, xp=xp, rounds=max_iter, tol=tol))
    try:
        cluster: Any = importlib.import_module("sklearn.cluster")
    except ImportError as error:
        raise ResourceError(
            "k-means needs scikit-learn; install the extra 'semantic' of curator-engine or curator-text."
        ) from error
    model = cluster.MiniBatchKMeans(
        n_clusters=count,
        max_iter=max_iter,
        tol=tol,
        n_init=n_init,
        random_state=seed,
        batch_size=_SKLEARN_BATCH,
    )
    with warnings.catch_warnings():
        # Fewer distinct points than centres leaves some empty, which does no harm.
        warnings.simplefilter("ignore")
        model.fit(points)
    return np.asarray(model.cluster_centers_, np.float32)


def spread_out(points: Any, count: int, *, xp: Any, seed: int) -> Any:
    """Centres to start from, far from each other: greedy k-means++ (Arthur and Vassilvitskii 2007).

    The next one is the best of a few points that are drawn by their squared distance to the centres
    there are. Of many points only a sample is looked at.

    Args:
        points: Shape (points, dims), of numpy or torch.
        count: Centres; at most as many as points.
        xp: numpy or torch, whichever the points are of.
        seed: Of the draws.

    Returns:
        Shape (count, dims).
    """
    draw = np.random.default_rng(seed)
    most = max(_START_ROWS, _START_ROWS_PER_CENTRE * count)
    if len(points) > most:
        points = points[np.sort(draw.choice(len(points), most, replace=False))]
    chosen, trials = [int(draw.integers(len(points)))], 2 + int(np.log(count))
    norms = (points * points).sum(1)
    least = _squares(points, norms, points[chosen])[:, 0]
    while len(chosen) < count:
        sums = least.cumsum(0)
        targets = draw.random(trials, np.float32)
        targets = sums[-1] * (targets if xp is np else sums.new_tensor(targets))
        drawn = xp.searchsorted(sums, targets).clip(0, len(points) - 1)
        squares = xp.minimum(_squares(points, norms, points[drawn]), least[:, None])
        best = int(squares.sum(0).argmin())
        least = squares[:, best]
        chosen.append(int(drawn[best]))
    return points[chosen]


def _squares(points: Any, norms: Any, centres: Any) -> Any:
    """Squared distances, shape (points, centres)."""
    return (norms[:, None] - 2 * (points @ centres.T) + (centres * centres).sum(1)).clip(0)


def lloyd(points: Any, centres: Any, *, xp: Any, rounds: int, tol: float) -> Any:
    """Lloyd's algorithm: `xp` is numpy or torch, and the arrays are its own."""
    limit = tol * float(points.var(0).mean())
    for _ in range(rounds):
        sums, sizes = xp.zeros_like(centres), xp.zeros_like(centres[:, 0])
        for start in range(0, len(points), _ROWS_AT_A_TIME):
            part = points[start : start + _ROWS_AT_A_TIME]
            member = xp.zeros_like(part @ centres.T)
            member[range(len(part)), _nearest(part, centres)] = 1
            sums += member.T @ part
            sizes += member.sum(0)
        moved = xp.where(sizes[:, None] > 0, sums / sizes.clip(1)[:, None], centres)
        shift = float(((moved - centres) ** 2).sum())
        centres = moved
        if shift <= limit:
            break
    return centres


def nearest_centres(
    points: Matrix, centres: Matrix, *, device: Literal["cpu", "gpu"] = "cpu"
) -> NDArray[np.int64]:
    """The centre nearest to each point, ties to the first; shape (points,)."""
    _, array = to_device(points, device)
    _, targets = to_device(centres, device)
    return labels_of(array, targets)


def labels_of(points: Any, centres: Any) -> NDArray[np.int64]:
    """As `nearest_centres`, for arrays of numpy or torch."""
    parts = [
        to_numpy(_nearest(points[start : start + _ROWS_AT_A_TIME], centres))
        for start in range(0, len(points), _ROWS_AT_A_TIME)
    ]
    return np.concatenate([np.empty(0, np.int64), *parts])


def distances(
    points: Matrix, centres: Matrix, labels: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Euclidean and cosine distance of each point to its centre, shape (points,) each.

    Row by row in double precision: equal vectors get equal distances, however they were batched.
    """
    own = centres[labels].astype(np.float64)
    values = points.astype(np.float64)
    euclidean = np.sqrt(((values - own) ** 2).sum(axis=1))
    norms = np.sqrt((own**2).sum(axis=1))
    cosine = 1 - (values * own).sum(axis=1) / np.where(norms > 0, norms, 1.0)
    return euclidean, cosine


def _nearest(part: Any, centres: Any) -> Any:
    return (part @ centres.T - (centres * centres).sum(1) / 2).argmax(1)
