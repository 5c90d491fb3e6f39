"""Averages over fractions of a grid, for grids whose sizes do not divide each other.

They are added in a fixed order, cell after cell, so that no bit depends on BLAS, threads or processor.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def averaging(
    cells: int, parts: int, *, start: float = 0.0, end: float | None = None
) -> NDArray[np.float32]:
    """Weights that average a row of cells over equal parts of the range [start, end).

    Args:
        cells: How many there are.
        parts: How many averages to take.
        start: Where the first part begins, in cells.
        end: Where the last part ends; after the last cell unless given.

    Returns:
        Shape (parts, cells); each row adds up to 1.
    """
    borders = np.linspace(start, cells if end is None else end, parts + 1)
    edges = np.arange(cells + 1)
    low = np.maximum(borders[:-1, None], edges[None, :-1])
    high = np.minimum(borders[1:, None], edges[None, 1:])
    overlap = np.maximum(high - low, 0.0)
    return (overlap / overlap.sum(axis=1, keepdims=True)).astype(np.float32)


def averaged(
    values: NDArray[Any],
    parts: int,
    *,
    axis: int,
    start: float = 0.0,
    end: float | None = None,
) -> NDArray[Any]:
    """Averages along an axis over equal parts of the range [start, end), weighted as by `averaging`.

    Args:
        values: Floating-point numbers of any shape.
        parts: How many averages to take.
        axis: The axis of the cells.
        start: Where the first part begins, in cells.
        end: Where the last part ends; after the last cell unless given.

    Returns:
        The same shape but for the axis, which has the length `parts`.
    """
    cells = np.moveaxis(values, axis, 0)
    weights = averaging(len(cells), parts, start=start, end=end)
    result = np.zeros((parts, *cells.shape[1:]), values.dtype)
    for part, cell in np.argwhere(weights):
        result[part] += cells[cell] * weights[part, cell]
    return np.moveaxis(result, 0, axis)
