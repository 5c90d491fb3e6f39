"""Measure a recording block by block, all measures in one pass over its samples.

Only numbers, always the same for the same samples, however they are cut into blocks; limits on them
decide. Blocks are float32, finite, full scale at 1, shape (samples, channels), at the recording's own
rate, as `read.decode.blocks` gives them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curator_audio.scores.levels import reverb_seconds, silence_ratio, snr
from curator_audio.scores.loudness import (
    FRAMES_PER_SECOND,
    channel_weights,
    k_weighting,
    loudness,
)
from curator_audio.scores.peaks import Peaks
from curator_audio.scores.spectrum import Bandwidth, Hum

_BLOCK_SECONDS = 5
"""Seconds that are measured at a time, so that what measures copy of a block stays small."""
_GROUND = 1 << 16


@dataclass(frozen=True, kw_only=True)
class Levels:
    """The energies of a recording over time, from which follow measures of any part of it."""

    energies: NDArray[np.float32]
    """Mean squares of frames of 10 ms after the filters of BS.1770-4, channels added up, shape (frames,)."""

    def scores(self, start_s: float = 0.0, end_s: float | None = None) -> dict[str, float]:
        """Loudness, silence, signal to noise and reverberation from one second to another.

        Example:
            >>> Levels(energies=np.full(1000, 0.5, np.float32)).scores(2, 4)["silence_ratio"]
            0.0
        """
        first = round(start_s * FRAMES_PER_SECOND)
        last = None if end_s is None else round(end_s * FRAMES_PER_SECOND)
        part = self.energies[first:last]
        found = {
            "loudness": loudness(part),
            "silence_ratio": silence_ratio(part),
            "snr": snr(part),
            "reverb_s": reverb_seconds(part),
        }
        return {name: value for name, value in found.items() if value is not None}


class Measures:
    """All measures of a recording that need no model.

    Args:
        rate: Samples per second.
        channels: In the order of WAV files, where there are more than two.

    Example:
        >>> measures = Measures(rate=16_000, channels=1)
        >>> measures.add(np.sin(np.arange(16_000, dtype=np.float32))[:, None])
        >>> round(measures.scores()["true_peak"], 1)
        0.0
    """

    def __init__(self, *, rate: int, channels: int) -> None:
        self._rate = rate
        self._filters = k_weighting(rate)
        self._weights = channel_weights(channels)
        self._memory = np.zeros((channels, 6))
        self._energies = np.zeros(_GROUND)
        self._samples = 0
        self._peaks = Peaks(channels=channels)
        self._bandwidth = Bandwidth(rate=rate, channels=channels)
        self._hum = Hum(rate=rate, channels=channels)

    def add(self, block: NDArray[np.float32]) -> None:
        """Take the next samples."""
        size = max(1, _BLOCK_SECONDS * self._rate)
        for at in range(0, len(block), size):
            self._add(block[at : at + size])

    def _add(self, block: NDArray[np.float32]) -> None:
        from curator_audio.scores.measure_kernels import weigh

        block = np.ascontiguousarray(block)
        first = self._samples * FRAMES_PER_SECOND // self._rate
        last = (self._samples + len(block)) * FRAMES_PER_SECOND // self._rate
        if last >= len(self._energies):
            self._energies = np.concatenate((self._energies, np.zeros(len(self._energies))))
        weigh(
            block,
            self._samples,
            self._rate,
            self._filters,
            self._weights,
            self._memory,
            self._energies[first : last + 1],
        )
        self._peaks.add(block)
        self._bandwidth.add(block)
        self._hum.add(block)
        self._samples += len(block)

    def levels(self) -> Levels:
        """The energies of the frames so far; a last frame that is not whole is left out."""
        frames = self._samples * FRAMES_PER_SECOND // self._rate
        # How many samples a frame has differs by one where the rate is no multiple of 100.
        edges = -(-np.arange(frames + 1) * self._rate // FRAMES_PER_SECOND)
        energies = self._energies[:frames] / np.maximum(1, np.diff(edges))
        return Levels(energies=energies.astype(np.float32))

    def scores(self) -> dict[str, float]:
        """The scores of all samples so far; what cannot be measured on them is left out."""
        found = {
            "duration_s": self._samples / self._rate,
            "bandwidth": self._bandwidth.hertz(),
            "hum": self._hum.decibels(),
            **self.levels().scores(),
            **self._peaks.scores(),
        }
        return {name: value for name, value in found.items() if value is not None}
