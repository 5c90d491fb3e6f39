"""Slaney's mel scale, on which networks for sounds were trained: triangles of equal area."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

_LINEAR_BELOW, _MELS_BELOW = 1000.0, 15.0
"""The scale is linear below 1,000 Hz, which is 15 mels."""
_OCTAVES = np.log(6.4) / 27


@cache
def slaney_triangles(
    *, rate: int, fft: int, bands: int, low_hz: float = 0.0, high_hz: float | None = None
) -> NDArray[np.float32]:
    """Weights of the bands, shape (bands, fft // 2 + 1).

    Args:
        rate: Samples per second.
        fft: Samples of a window.
        bands: How many.
        low_hz: Where the first band begins.
        high_hz: Where the last one ends; half the rate unless given.
    """
    top = rate / 2 if high_hz is None else high_hz
    edges = _hertz(np.linspace(_mels(low_hz), _mels(top), bands + 2))
    hertz = np.fft.rfftfreq(fft, 1 / rate)
    low, middle, high = (edges[at : at + bands, None] for at in range(3))
    rise, fall = (hertz - low) / (middle - low), (high - hertz) / (high - middle)
    triangles = np.maximum(0, np.minimum(rise, fall)) * 2 / (high - low)
    return triangles.astype(np.float32)


def _mels(hertz: float) -> float:
    if hertz < _LINEAR_BELOW:
        return hertz * _MELS_BELOW / _LINEAR_BELOW
    return _MELS_BELOW + float(np.log(hertz / _LINEAR_BELOW)) / _OCTAVES


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(
        mels < _MELS_BELOW,
        mels * _LINEAR_BELOW / _MELS_BELOW,
        _LINEAR_BELOW * np.exp((mels - _MELS_BELOW) * _OCTAVES),
    )
