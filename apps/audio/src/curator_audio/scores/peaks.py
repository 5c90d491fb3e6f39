"""Peaks, clipping, offset, and channels that hold nothing of their own.

Fed with blocks of float32, full scale at 1, shape (samples, channels).
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

_PLACES, _TAPS = 4, 12
"""Four values per sample, from twelve samples each, as the filter of BS.1770-4, annex 2, has."""
_BETA = 4.0
_LEAST_CLIPPED = 0.1
"""Of full scale: a recording whose highest level is below it is quiet, not clipped."""
_SILENT = 1e-4
"""Of full scale, -80 dB."""
_SAME = 1.5 / 32768
"""Largest difference of copies: what rounding to 16 bits makes, and a half."""
_FLOOR = 1e-6


class Peaks:
    """Looks at the levels of a recording's channels."""

    def __init__(self, *, channels: int) -> None:
        self._samples = 0
        self._sums = np.zeros(channels)
        self._highest = np.zeros(channels, np.float32)
        self._runs, self._signs, self._clipped = (np.zeros(channels, np.int64) for _ in range(3))
        self._last = np.zeros((_TAPS - 1, channels), np.float32)
        self._peak = np.float32(0)
        self._alike = [(a, b) for b in range(channels) for a in range(b)]

    def add(self, block: NDArray[np.float32]) -> None:
        """Take the next samples."""
        from curator_audio.scores.measure_kernels import note_levels

        note_levels(block, self._sums, self._highest, self._runs, self._signs, self._clipped)
        self._alike = [
            (a, b)
            for a, b in self._alike
            if float(np.abs(block[:, a] - block[:, b]).max(initial=0.0)) <= _SAME
        ]
        samples = np.concatenate((self._last, block))
        self._peak = self._between(samples)
        self._last = samples[len(samples) - _TAPS + 1 :]
        self._samples += len(block)

    def _between(self, samples: NDArray[np.float32]) -> np.float32:
        from curator_audio.scores.measure_kernels import oversampled_peak

        phases, reach = _filters()
        most = max(self._peak, self._highest.max(initial=0.0))
        return np.float32(oversampled_peak(samples, phases, reach, np.float32(most)))

    def scores(self) -> dict[str, float]:
        """True peak, clipping, offset, and channels that are silent or copies of an earlier one."""
        if not self._samples:
            return {}
        # The filter has not yet seen what stands between the last samples and the silence after them.
        end = np.concatenate((self._last, np.zeros_like(self._last)))
        clipped = self._clipped[self._highest >= _LEAST_CLIPPED].sum()
        silent = self._highest < _SILENT
        copies = {b for _, b in self._alike if not silent[b]}
        return {
            "true_peak": 20 * float(np.log10(max(float(self._between(end)), _FLOOR))),
            "clipping_ratio": float(clipped) / (self._samples * len(self._sums)),
            "dc_offset": float(np.abs(self._sums).max()) / self._samples,
            "silent_channels": float(silent.sum()),
            "copied_channels": float(len(copies)),
        }


@cache
def _filters() -> tuple[NDArray[np.float32], np.float32]:
    """Sinc filters for the three places between two samples, shape (3, taps), and their reach.

    The place of the sample itself needs none.
    """
    rows: list[NDArray[np.float64]] = []
    for place in range(1, _PLACES):
        away = np.arange(_TAPS) - (_TAPS / 2 - 1) - place / _PLACES
        edge = np.clip(1 - (away / (_TAPS / 2)) ** 2, 0, None)
        row = np.sinc(away) * np.i0(_BETA * np.sqrt(edge)) / np.i0(_BETA)
        rows.append(row / row.sum())
    phases = np.array(rows)
    return phases.astype(np.float32), np.float32(np.abs(phases).sum(axis=1).max())
