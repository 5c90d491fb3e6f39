"""K-means and the search for the nearest earlier vector, by torch on the device."""

import time
from typing import Any

import numpy as np

from curator_engine.vectors.centroids import fit_centres, nearest_centres
from curator_engine.vectors.matrix import unit_rows
from curator_engine.vectors.pairwise import nearest_earlier
from gpu_parts.part import Row, Setting, number, once


def draw_vectors(count: int, dims: int, *, groups: int, seed: int = 0) -> Any:
    """Vectors of length one around `groups` centres; a tenth are near copies of others."""
    draw = np.random.default_rng(seed)
    centres = draw.standard_normal((groups, dims)).astype(np.float32)
    points = centres[draw.integers(0, groups, count)]
    points += 0.7 * draw.standard_normal(points.shape, np.float32)
    copies = draw.choice(count, count // 10, replace=False)
    points[copies] = points[draw.integers(0, count, len(copies))]
    points[copies] += 0.05 * draw.standard_normal((len(copies), dims), np.float32)
    return unit_rows(points)


def check_kmeans(setting: Setting) -> list[Row]:
    """Centres and labels against the CPU's."""
    count, dims = setting.size(100_000, 50_000, 4000), setting.size(384, 384, 32)
    clusters, rounds = setting.size(256, 100, 8), 20
    points = draw_vectors(count, dims, groups=clusters)
    device = setting.device
    options: dict[str, Any] = {"max_iter": rounds, "tol": 0.0}
    seconds = setting.seconds(
        lambda: fit_centres(points, clusters, device=device, **options), repeats=3
    )
    centres = fit_centres(points, clusters, device=device, **options)
    start = time.perf_counter()
    by_cpu = fit_centres(points, clusters, device="cpu", max_iter=rounds)
    cpu = time.perf_counter() - start
    ratio = _spread(points, centres) / _spread(points, by_cpu)
    operations = 4.0 * count * clusters * dims * rounds
    fit = Row(
        case=f"k-means, {count:,} x {dims}, {clusters} centres, {rounds} rounds",
        agreement=f"spread {ratio:.4f} of the CPU's",
        rate=f"{number(operations / seconds, 'FLOP/s')}, {seconds:.2f} s",
        cpu=f"{cpu:.2f} s (mini-batches)",
        floor=setting.above_floor(seconds, **{"fp32 operations": operations}),
        note="two products per round; copies to the device counted",
    )
    labels = nearest_centres(points, by_cpu, device=device)
    expected = nearest_centres(points, by_cpu)
    seconds = setting.seconds(lambda: nearest_centres(points, by_cpu, device=device))
    cpu = once(lambda: nearest_centres(points, by_cpu))
    operations = 2.0 * count * clusters * dims
    assign = Row(
        case="the nearest centre of each",
        agreement=f"{(labels == expected).mean():.4%} equal",
        rate=number(operations / seconds, "FLOP/s"),
        cpu=number(operations / cpu, "FLOP/s"),
        floor=setting.above_floor(
            seconds, **{"fp32 operations": operations, "bytes": 4.0 * points.size}
        ),
    )
    return [fit, assign]


def _spread(points: Any, centres: Any) -> float:
    labels = nearest_centres(points, centres)
    return float(((points - centres[labels]) ** 2).sum(dtype=np.float64))


def check_pairwise(setting: Setting) -> list[Row]:
    """Against brute force in double precision."""
    count, dims = setting.size(60_000, 30_000, 1500), setting.size(384, 384, 32)
    points = draw_vectors(count, dims, groups=50)
    index, score = nearest_earlier(points, device=setting.device)
    rows = np.sort(np.random.default_rng(1).choice(np.arange(1, count), 500, replace=False))
    doubles = points.astype(np.float64)
    cosines = doubles[rows] @ doubles.T
    exact = np.array([cosine[:i].max() for cosine, i in zip(cosines, rows, strict=True)])
    named = (doubles[rows] * doubles[index[rows]]).sum(axis=1)
    error, lost = np.abs(score[rows] - exact).max(), (exact - named).max()
    near = exact >= 0.9
    recall = (score[rows][near] >= 0.9 - 1e-5).mean() if near.any() else 1.0
    seconds = setting.seconds(lambda: nearest_earlier(points, device=setting.device), repeats=3)
    few = points[: min(count, 20_000)]
    cpu = once(lambda: nearest_earlier(few))
    operations, cpu_operations = float(count) ** 2 * dims, float(len(few)) ** 2 * dims
    return [
        Row(
            case=f"nearest earlier vector, {count:,} x {dims}",
            agreement=f"error {error:.1e}, named one worse by {lost:.1e}, recall {recall:.3f}",
            rate=number(operations / seconds, "FLOP/s"),
            cpu=number(cpu_operations / cpu, "FLOP/s"),
            floor=setting.above_floor(seconds, **{"fp32 operations": operations}),
        )
    ]
