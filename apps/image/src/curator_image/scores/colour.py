"""Measure the colours of a picture, on some 20,000 points of it, evenly spread."""

from math import isqrt

import numpy as np
from numpy.typing import NDArray

_POINTS, _NEAR = 20_000, 8


def colour(rgb: NDArray[np.uint8]) -> dict[str, float]:
    """Colourfulness, and how much of a picture is grey and of one colour.

    Args:
        rgb: Shape (height, width, 3).

    Returns:
        "colourfulness": after Hasler and Süsstrunk (2003), the spread of red against green and of
        yellow against blue, and 0.3 of their means, in levels of 0 to 255. "grey_ratio": the share of
        the points whose three channels are within 8 levels. "uniform_ratio": the share of the points
        that are within 8 levels of each channel's median, which is the main colour where one covers
        more than half of the picture.
    """
    apart = max(1, isqrt(rgb.size // 3 // _POINTS))
    from curator_image.scores.measure_kernels import colour_sums, near_colours

    counts, sums, points = colour_sums(rgb, apart)
    middle = (counts.cumsum(axis=1) < (points + 1) // 2).sum(axis=1)
    grey, uniform = near_colours(rgb, apart, middle, _NEAR)
    return {
        "colourfulness": _colourfulness(*(float(each) / points for each in sums)),
        "grey_ratio": grey / points,
        "uniform_ratio": uniform / points,
    }


def _colourfulness(mean_a: float, square_a: float, mean_b: float, square_b: float) -> float:
    """Of the means and mean squares of red minus green, and of twice yellow minus blue."""
    mean_b, square_b = mean_b / 2, square_b / 4
    spread = max(0.0, square_a - mean_a**2 + square_b - mean_b**2)
    return spread**0.5 + 0.3 * (mean_a**2 + mean_b**2) ** 0.5
