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
    red, green, blue = (rgb[::apart, ::apart, i].ravel().astype(np.int16) for i in range(3))
    low = np.minimum(np.minimum(red, green), blue)
    high = np.maximum(np.maximum(red, green), blue)
    near = np.ones(len(red), np.bool_)
    for channel in (red, green, blue):
        near &= np.abs(channel - _median(channel)) <= _NEAR
    return {
        "colourfulness": _colourfulness(red - green, red + green - 2 * blue),
        "grey_ratio": float((high - low <= _NEAR).mean()),
        "uniform_ratio": float(near.mean()),
    }


def _colourfulness(red_green: NDArray[np.int16], yellow_blue: NDArray[np.int16]) -> float:
    """Of red minus green, and of twice yellow minus blue."""
    (mean_a, square_a), (mean_b, square_b) = _moments(red_green), _moments(yellow_blue)
    mean_b, square_b = mean_b / 2, square_b / 4
    spread = max(0.0, square_a - mean_a**2 + square_b - mean_b**2)
    return spread**0.5 + 0.3 * (mean_a**2 + mean_b**2) ** 0.5


def _moments(values: NDArray[np.int16]) -> tuple[float, float]:
    """The mean and the mean square, from whole numbers, so that they do not depend on the order."""
    wide = values.astype(np.int32)
    return float(wide.mean()), float(np.multiply(wide, wide, out=wide).mean())


def _median(channel: NDArray[np.int16]) -> int:
    counts = np.bincount(channel, minlength=256)
    return int(np.searchsorted(np.cumsum(counts), (len(channel) + 1) // 2))
