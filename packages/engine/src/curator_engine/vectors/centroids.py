"""Find the centres of clusters, and the centre that is nearest to each vector.

Pure functions on matrices; which vectors these are is `kmeans.py`'s.
"""

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from curator_engine.vectors.matrix import Matrix, on_grid, to_device, to_numpy, wide

_ROWS_AT_A_TIME = 8192
_BATCH, _PATIENCE = 4096, 10
"""Points per mini-batch, and mini-batches without a gain after which the centres stay."""
_WHOLE = float(1 << 32)
"""Squared distances are rounded to multiples of 2^-32: double precision adds 2^19 of them exactly."""
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
    """Centres by k-means: mini-batches on the CPU (Sculley 2010), Lloyd's rounds on a GPU.

    Of vectors of length one on the grid of `matrix.py`, the CPU's centres are the same on every processor.

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
        ResourceError: torch is not installed, for a GPU.
    """
    count = min(count, len(points))
    if count == 1:
        return on_grid(wide(points).mean(axis=0, keepdims=True))
    if device == "gpu":
        xp, array = to_device(points, device)
        start = spread_out(array, count, xp=xp, seed=seed)
        return to_numpy(lloyd(array, start, xp=xp, rounds=max_iter, tol=tol))
    found = [
        mini_batches(points, count, passes=max_iter, tol=tol, seed=seed + start)
        for start in range(n_init)
    ]
    return min(found, key=lambda each: each[1])[0]


def mini_batches(
    points: Matrix, count: int, *, passes: int, tol: float, seed: int
) -> tuple[Matrix, float]:
    """Centres that move to the mean of all points that came to them, a mini-batch at a time.

    They stay when they move less than `tol` of the points' variance, or when ten mini-batches in a row
    were no nearer to them; both as a running mean, as in scikit-learn.

    Returns:
        The centres, shape (count, dims), and the mean squared distance of a point to its centre.
    """
    draw = np.random.default_rng(seed)
    centres = wide(on_grid(spread_out(wide(points), count, xp=np, seed=seed)))
    limit, seen = tol * _variance(points), np.zeros(count)
    weight = min(1.0, 2 * _BATCH / (len(points) + 1))
    least, spread, shift, waited = math.inf, math.nan, math.nan, 0
    for _ in range(passes * -(-len(points) // _BATCH)):
        rows = np.sort(draw.integers(len(points), size=min(_BATCH, len(points))))
        moved, distance = _moved(wide(points[rows]), centres, seen)
        step = math.fsum(((moved - centres) ** 2).sum(1))
        centres = moved
        spread = distance if math.isnan(spread) else spread + weight * (distance - spread)
        shift = step if math.isnan(shift) else shift + weight * (step - shift)
        waited = 0 if spread < least else waited + 1
        least = min(least, spread)
        if shift <= limit or waited >= _PATIENCE:
            break
    return centres.astype(np.float32), spread


def _moved(
    part: NDArray[np.float64], centres: NDArray[np.float64], seen: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """The centres after a mini-batch, and the mean squared distance to those before; counts in `seen`."""
    squares = _squares(part, (part * part).sum(1), centres)
    labels = squares.argmin(1)
    distance = float(np.rint(squares[range(len(part)), labels] * _WHOLE).sum() / _WHOLE / len(part))
    order = np.argsort(labels, kind="stable")
    own, starts, sizes = np.unique(labels[order], return_index=True, return_counts=True)
    seen[own] += sizes
    sums = np.add.reduceat(part[order], starts, axis=0)
    moved = centres.copy()
    gain = (sums - sizes[:, None] * centres[own]) / seen[own][:, None]
    moved[own] = wide(on_grid(centres[own] + gain))
    return moved, distance


def _variance(points: Matrix) -> float:
    """The mean variance of a column."""
    total, sums = list[float](), np.zeros(points.shape[1])
    for start in range(0, len(points), _ROWS_AT_A_TIME):
        part = wide(points[start : start + _ROWS_AT_A_TIME])
        total.extend((part * part).sum(1).tolist())
        sums += part.sum(0)
    means = sums / len(points)
    return (math.fsum(total) / len(points) - math.fsum(means * means)) / points.shape[1]


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
    least = _rounded(_squares(points, norms, points[chosen]), xp)[:, 0]
    while len(chosen) < count:
        sums = least.cumsum(0)
        targets = draw.random(trials, np.float32)
        targets = sums[-1] * (targets if xp is np else sums.new_tensor(targets))
        drawn = xp.searchsorted(sums, targets).clip(0, len(points) - 1)
        squares = _rounded(_squares(points, norms, points[drawn]), xp)
        squares = xp.minimum(squares, least[:, None])
        best = int(squares.sum(0).argmin())
        least = squares[:, best]
        chosen.append(int(drawn[best]))
    return points[chosen]


def _squares(points: Any, norms: Any, centres: Any) -> Any:
    """Squared distances, shape (points, centres)."""
    return (norms[:, None] - 2 * (points @ centres.T) + (centres * centres).sum(1)).clip(0)


def _rounded(squares: Any, xp: Any) -> Any:
    return np.rint(squares * _WHOLE) / _WHOLE if xp is np else squares


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
    centres = wide(centres)
    parts = [
        to_numpy(_nearest(wide(points[start : start + _ROWS_AT_A_TIME]), centres))
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
