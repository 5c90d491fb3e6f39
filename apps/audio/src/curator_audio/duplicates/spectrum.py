"""The spectrum that fingerprints are made of: 64 ms windows every 10 ms, and their energies in mel bands."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
"""Samples per second of what is fingerprinted."""
HOP, WINDOW = 160, 1024
"""Samples between windows, and in one."""
BANDS = 32
_LOWEST_HZ, _HIGHEST_HZ = 100.0, 6000.0
_QUIETEST = 1e-12
LEVEL_STEP, LEVEL_FLOOR = 0.5, -110.0
"""Levels are bytes: decibels above the floor in steps."""


def spectra(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The power of each frequency in each window.

    Args:
        samples: Mono at RATE, at least WINDOW.

    Returns:
        Shape (windows, WINDOW // 2 + 1); a sine of full scale has the power 1.
    """
    import scipy.fft

    windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    found: Any = scipy.fft.rfft(windows * _hann())
    return found.real**2 + found.imag**2


def levels_of(power: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The level of each mel band in each window, shape (windows, BANDS)."""
    # In double precision: in single, a processor's order of adding moves one level of a million.
    energy = np.maximum(power.astype(np.float64) @ _mel_bands(), _QUIETEST)
    decibels = 10 * np.log10(energy)
    return np.clip(np.rint((decibels - LEVEL_FLOOR) / LEVEL_STEP), 0, 255).astype(np.uint8)


@cache
def band_centres() -> NDArray[np.float32]:
    """The middle of each mel band, in Hz."""
    return _edges()[1:-1].astype(np.float32)


def _edges() -> NDArray[np.float64]:
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in (_LOWEST_HZ, _HIGHEST_HZ))
    return 700 * (10 ** (np.linspace(low, high, BANDS + 2) / 2595) - 1)


@cache
def _hann() -> NDArray[np.float32]:
    ramp = np.arange(WINDOW) / WINDOW
    window = 0.5 - 0.5 * np.cos(2 * np.pi * ramp)
    return (2 * window / window.sum()).astype(np.float32)


@cache
def _mel_bands() -> NDArray[np.float64]:
    """Triangles, shape (WINDOW // 2 + 1, BANDS)."""
    hertz = np.arange(WINDOW // 2 + 1)[:, None] * RATE / WINDOW
    edges = _edges()
    rise = (hertz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - hertz) / (edges[2:] - edges[1:-1])
    return np.maximum(0, np.minimum(rise, fall)).astype(np.float32).astype(np.float64)
