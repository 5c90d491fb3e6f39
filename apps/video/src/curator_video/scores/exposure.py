"""Measure the light of frames: black ones, burnt ones, and those in which nothing changes."""

import numpy as np
from numpy.typing import NDArray

from curator_video.scores.motion import pairs_apart

_BLACK_LEVEL, _BLACK_SHARE = 25, 0.98
_DARKEST, _BRIGHTEST = 4, 251
_STILL_LEVELS, _STILL_SECONDS = 3.0, 0.5


def black_ratio(luma: NDArray[np.float32]) -> float:
    """The share of frames of which 98 of 100 points are darker than a tenth of white."""
    dark = (luma < _BLACK_LEVEL).mean(axis=(1, 2))
    return float((dark >= _BLACK_SHARE).mean())


def clipped_ratio(stills: NDArray[np.uint8]) -> float:
    """The share of points at which all colours are at their darkest or one is at its brightest."""
    if not stills.size:
        return 0.0
    return float(((stills.max(axis=3) <= _DARKEST) | (stills.max(axis=3) >= _BRIGHTEST)).mean())


def frozen_ratio(luma: NDArray[np.float32], times: NDArray[np.float64]) -> float:
    """The share of frames after which no point changes by more than 3 of 255 levels in half a second.

    Neither from one frame to the next, nor slowly over the half second.
    """
    first, later = pairs_apart(times, _STILL_SECONDS)
    if not len(first):
        return 0.0
    steps = np.abs(np.diff(luma, axis=0)).max(axis=(1, 2)) > _STILL_LEVELS
    before = np.concatenate([[0], np.cumsum(steps)])
    drift = np.abs(luma[later] - luma[first]).max(axis=(1, 2)) > _STILL_LEVELS
    return float(((before[later] == before[first]) & ~drift).mean())
