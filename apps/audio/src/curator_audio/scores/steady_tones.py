"""How much of a recording is tones that stand still: music, in the main.

A voice glides, so that its harmonics leave their place in the spectrum within a quarter of a second; notes
of instruments stay. Drums, noise and songs of birds are not seen, and held sounds that are no music
(an alarm, a long vowel of a singer) are.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from curator_audio.read.decode import SPEECH_RATE

HOP = 512
"""Samples from one frame to the next, 32 ms, as long as a window of the model of speech."""
_WINDOW = 1024
_LOW, _HIGH = 26, 256
"""Bins of 15.6 Hz, 400 to 4,000 Hz: below, a voice's first harmonic may stay in its bin."""
_AROUND = 20
"""Bins to both sides over whose mean a peak must stand."""
_ABOVE = 12.0
"""dB."""
_HELD = 8
"""Frames, 256 ms."""
_QUIET = 1e-4
"""Power over that of the loudest 1 % of the frames, -40 dB, below which a frame does not count."""
_FLOOR = 1e-12


class SteadyTones:
    """Looks for tones in one channel at 16,000 Hz that comes in pieces.

    Example:
        >>> tones = SteadyTones()
        >>> tones.add(np.sin(0.3 * np.arange(32_000)).astype(np.float32))
        >>> tones.ratio()
        1.0
    """

    def __init__(self) -> None:
        self._window = np.hanning(_WINDOW).astype(np.float32)
        self._samples = np.empty(0, np.float32)
        self._peaks = np.empty((0, _HIGH - _LOW), np.bool_)
        self._begun: list[NDArray[np.bool_]] = []
        self._power: list[NDArray[np.float32]] = []
        self._marks: tuple[NDArray[np.bool_], NDArray[np.bool_]] | None = None

    def add(self, samples: NDArray[np.float32]) -> None:
        """Take the next samples, shape (samples,)."""
        self._marks = None
        samples = np.concatenate((self._samples, samples))
        if len(samples) < _WINDOW:
            self._samples = samples
            return
        frames = sliding_window_view(samples, _WINDOW)[::HOP]
        self._samples = samples[len(frames) * HOP :]
        spectra = np.fft.rfft(frames * self._window)
        power = spectra.real**2 + spectra.imag**2
        self._power.append(power.sum(axis=1))
        peaks = np.concatenate((self._peaks, _peaks(power)))
        if len(peaks) >= _HELD:
            held = sliding_window_view(peaks, _HELD, axis=0).all(axis=-1)
            self._begun.append(held.any(axis=1))
        self._peaks = peaks[max(0, len(peaks) - _HELD + 1) :]

    def ratio(self, start_s: float = 0.0, end_s: float | None = None) -> float:
        """Share of the frames that are not quiet in which a tone stands still, from one second to another."""
        if not self._begun:
            return 0.0
        # Of a long recording the share is asked for by hundreds of segments.
        held, loud = self._marks = self._marks or self._all_marks()
        first = round(start_s * SPEECH_RATE / HOP)
        last = None if end_s is None else round(end_s * SPEECH_RATE / HOP)
        counted = loud[first:last]
        return float((held[first:last] & counted).sum() / max(1, counted.sum()))

    def _all_marks(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """In which frames a tone stands still, and which are not quiet, each of shape (frames,)."""
        power, begun = np.concatenate(self._power), np.concatenate(self._begun)
        held = np.convolve(begun, np.ones(_HELD))[: len(power)] > 0
        return held, power > max(_FLOOR, float(np.quantile(power, 0.99)) * _QUIET)


def _peaks(power: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Where a bin is higher than its neighbours and far above its surroundings, shape (frames, bins)."""
    level = 10 * np.log10(power[:, _LOW - _AROUND : _HIGH + _AROUND] + _FLOOR)
    sums = np.cumsum(np.pad(level, ((0, 0), (1, 0))), axis=1)
    size = 2 * _AROUND + 1
    means = (sums[:, size:] - sums[:, :-size])[:, : _HIGH - _LOW] / size
    here = level[:, _AROUND : _AROUND + _HIGH - _LOW]
    before, after = (level[:, _AROUND + by : _AROUND + by + _HIGH - _LOW] for by in (-1, 1))
    return (here >= before) & (here >= after) & (here > means + _ABOVE)
