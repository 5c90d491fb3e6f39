"""What the spectrum of a recording tells: up to which frequency it holds sound, and whether the mains hum in it.

Both are fed block by block and keep averages, or some spectra over the whole length: an hour takes no
more memory than a few minutes. Blocks are float32, shape (samples, channels).
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

_WINDOW = 512
"""Samples of a spectrum for the bandwidth, as NeMo Curator's BandwidthEstimationStage has them by default."""
_STRIDE_S = 0.04
_BELOW_PEAK = 50.0
_BLACKMAN_HARRIS = (0.35875, -0.48829, 0.14128, -0.01168)
"""Its side lobes are 92 dB down, so that a low tone does not look like sound at every frequency."""
_LOW_RATE = 1000
"""Hz, about: to which rate the sound is reduced before hum is looked for."""
_MAINS = (50.0, 60.0)
_HARMONICS = 4
_LINE, _FAR = 1.5, 8.0
"""Hz: how near to a harmonic it counts as it, and how far its neighbourhood goes."""
_STEADY_QUANTILE = 0.2
"""Hum is always there: of the power over time this quantile counts, which speech and music do not reach."""
_LEAST_SPECTRA = 4
_MOST_SPECTRA = 512
_NOTHING = 1e-12
"""Power of a line, -120 dB: less is rounding."""


class Bandwidth:
    """Finds the highest frequency of which a recording holds sound.

    Channels take turns, window by window.

    Args:
        rate: Samples per second.
        channels: How many.
        window: Samples of a spectrum, an even number.
        stride_s: Seconds from one to the next.
        below_peak: dB: what is this much below the strongest frequency is not there.
    """

    def __init__(
        self,
        *,
        rate: int,
        channels: int,
        window: int = _WINDOW,
        stride_s: float = _STRIDE_S,
        below_peak: float = _BELOW_PEAK,
    ) -> None:
        turn = 2 * np.pi * np.arange(window) / window
        shape = sum(a * np.cos(k * turn) for k, a in enumerate(_BLACKMAN_HARRIS))
        self._window = np.asarray(shape, np.float32)
        self._rate, self._hop = rate, max(1, int(rate * stride_s))
        self._least = 10 ** (-below_peak / 10)
        self._rest = np.empty((0, channels), np.float32)
        self._power = np.zeros(window // 2 + 1)
        self._count, self._skip = 0, 0

    def add(self, block: NDArray[np.float32]) -> None:
        """Take the next samples."""
        if self._skip:
            skipped = min(self._skip, len(block))
            block, self._skip = block[skipped:], self._skip - skipped
        samples = np.concatenate((self._rest, block)) if len(self._rest) else block
        if len(samples) < len(self._window):
            self._rest = samples.copy()
            return
        windows = sliding_window_view(samples, len(self._window), axis=0)[:: self._hop]
        numbers = np.arange(len(windows))
        turns = windows[numbers, (self._count + numbers) % samples.shape[1]]
        spectra = np.fft.rfft(turns * self._window)
        self._power += (spectra.real**2 + spectra.imag**2).sum(axis=0, dtype=np.float64)
        self._count += len(windows)
        used = len(windows) * self._hop
        self._rest, self._skip = samples[used:].copy(), max(0, used - len(samples))

    def hertz(self) -> float | None:
        """The highest frequency that is not too far below the strongest; None for no sound."""
        peak = float(self._power.max())
        if peak <= 0:
            return None
        held = np.flatnonzero(self._power > peak * self._least)
        return float(held[-1]) * self._rate / len(self._window)


class Hum:
    """Finds the tones of the mains, 50 or 60 Hz and their multiples, which do not stop."""

    def __init__(self, *, rate: int, channels: int) -> None:
        self._step = max(1, rate // _LOW_RATE)
        self._length = max(1, round(rate / self._step))
        self._window = np.hanning(self._length + 1)[:-1].astype(np.float32)
        self._bin = rate / self._step / self._length
        self._rest = np.empty((0, channels), np.float32)
        self._low = np.empty(0, np.float32)
        self._spectra: list[NDArray[np.float32]] = []
        self._every, self._seen = 1, 0

    def add(self, block: NDArray[np.float32]) -> None:
        """Take the next samples."""
        from curator_audio.scores.measure_kernels import reduced

        samples = np.concatenate((self._rest, block))
        low = reduced(samples, self._step)
        self._rest = samples[len(low) * self._step :].copy()
        self._low = np.concatenate((self._low, low))
        at, hop = 0, max(1, self._length // 2)
        while at + self._length <= len(self._low):
            self._take(self._low[at : at + self._length])
            at += hop
        self._low = self._low[at:]

    def _take(self, samples: NDArray[np.float32]) -> None:
        """Keep a spectrum of one second; of a long recording every second one, every fourth, and so on."""
        if self._seen % self._every == 0:
            spectrum = np.fft.rfft(samples * self._window)
            power = spectrum.real**2 + spectrum.imag**2
            top = round((_MAINS[-1] * _HARMONICS + _FAR) / self._bin) + 1
            self._spectra.append((power * (4 / self._length) ** 2 / 2)[:top].astype(np.float32))
        self._seen += 1
        if len(self._spectra) == _MOST_SPECTRA:
            self._spectra = self._spectra[::2]
            self._every *= 2

    def decibels(self) -> float | None:
        """How far the second strongest multiple stands above its neighbourhood; None below about 2.5 seconds.

        One steady tone alone is no hum.
        """
        if len(self._spectra) < _LEAST_SPECTRA:
            return None
        steady = np.quantile(np.array(self._spectra), _STEADY_QUANTILE, axis=0) + _NOTHING
        return max(
            sorted(self._excess(steady, mains * k) for k in range(1, _HARMONICS + 1))[-2]
            for mains in _MAINS
        )

    def _excess(self, steady: NDArray[np.floating], hertz: float) -> float:
        """Power at a frequency over the median of its neighbourhood, in dB, at least 0."""
        away = np.abs(np.arange(len(steady)) * self._bin - hertz)
        line, around = steady[away <= _LINE], steady[(away > 2 * _LINE) & (away <= _FAR)]
        if not len(line) or not len(around):
            return 0.0
        return max(0.0, 10 * float(np.log10(line.max() / np.median(around))))
