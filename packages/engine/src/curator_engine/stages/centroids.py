"""Find the centres of clusters, and the centre that is nearest to each vector.

Pure functions on matrices; which vectors these are is `kmeans.py`'s.
"""

import importlib
import warnings
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import ResourceError
from curator_engine.stages.device import to_device, to_numpy
from curator_engine.stages.vectors import Matrix

_ROWS_AT_A_TIME = 8192
_SKLEARN_BATCH = 4096


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
        first = np.random.default_rng(seed).choice(len(points), count, replace=False)
        xp, array = to_device(points, device)
        return to_numpy(lloyd(array, array[np.sort(first)], xp=xp, rounds=max_iter, tol=tol))
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
