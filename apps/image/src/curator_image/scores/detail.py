"""Measure the blocks that coarse JPEG leaves."""

import numpy as np
from numpy.typing import NDArray

_EVERY = 4
_MOST, _FLOOR, _BLOCKS = 32, 0.5, 4


def blockiness(luma: NDArray[np.uint8], periods: tuple[float, ...]) -> float | None:
    """By how much the steps between neighbours are larger on the grid of JPEG's blocks.

    Wherever the grid begins: steps are compared by their place in a period, and those of the place
    with the largest count as the grid's. Steps of outlines count as 32 levels at most.

    Args:
        luma: 0 to 255, shape (height, width).
        periods: How far the grid's lines are apart in these points, down and across: 8 where the
            picture has its own size.

    Returns:
        0 for a clean picture, above 0.5 where blocks are seen. None if the grid is too fine to be
        seen, or the picture has fewer than four blocks each way.
    """
    if any(
        period < 2 or side < _BLOCKS * period
        for period, side in zip(periods, luma.shape, strict=True)
    ):
        return None
    from curator_image.scores.measure_kernels import steps_across, steps_down

    down = _steps(steps_down(luma, _EVERY, _MOST), periods[0])
    across = _steps(steps_across(luma, _EVERY, _MOST), periods[1])
    return max(0.0, (down + across) / 2 - 1)


def _steps(profile: NDArray[np.float64], period: float) -> float:
    """The middle step at the grid's lines over that at the others."""
    places = int(period)
    starts = np.arange(1, int(len(profile) / period)) * period
    within = (np.arange(places) + 0.5) * (period / places) - 1
    # The middle of the lines, not their mean: a few outlines are no grid.
    lines = np.sort(profile[(starts[:, None] + within).astype(np.intp)], axis=0)
    steps = (lines[(len(lines) - 1) // 2] + lines[len(lines) // 2]) / 2
    grid = int(steps.argmax())
    others = np.concatenate([steps[:grid], steps[grid + 1 :]])
    return float((steps[grid] + _FLOOR) / (others.mean() + _FLOOR))
