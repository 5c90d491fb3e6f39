"""Embeddings with near-duplicates, and the brute-force answer to compare with."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def near_duplicates(
    originals: int = 300, copies: int = 100, dims: int = 32, seed: int = 0
) -> np.ndarray[Any, Any]:
    """Random vectors and slightly moved copies of some, shuffled, of length one."""
    rng = np.random.default_rng(seed)
    base = rng.normal(size=(originals, dims))
    moved = base[rng.integers(0, originals, copies)]
    moved = moved + rng.normal(size=moved.shape) * rng.uniform(0, 0.25, size=(copies, 1))
    points = np.concatenate((base, moved))[rng.permutation(originals + copies)]
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def similar_pairs(points: Any, eps: float) -> set[tuple[int, int]]:
    """All pairs at a cosine of at least 1 - eps, by comparing all with all."""
    cosine = np.asarray(points, np.float64) @ np.asarray(points, np.float64).T
    left, right = np.nonzero(np.triu(cosine >= 1 - eps, 1))
    return set(zip(left.tolist(), right.tolist(), strict=True))


def write_embeddings(
    folder: Path | str, points: Any, *, files: int = 3, **columns: Any
) -> list[str]:
    """Parquet files with `id`, `embeddings` and further columns; returns their paths."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    paths: list[str] = []
    for k, rows in enumerate(np.array_split(np.arange(len(points)), files)):
        table = pa.table(
            {
                "id": pa.array(rows),
                "embeddings": pa.array([list(map(float, points[i])) for i in rows]),
                **{name: pa.array([values[i] for i in rows]) for name, values in columns.items()},
            }
        )
        paths.append(str(Path(folder, f"{k}.parquet")))
        pq.write_table(table, paths[-1])
    return paths
