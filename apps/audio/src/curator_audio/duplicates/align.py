"""Prove that two recordings hold the same sound: lay one over the other and correlate their levels.

Levels become loudness (the cube root of power, about as ears have it) and are compared in each mel band
about its own mean, so that gain and a tilted spectrum do not count, nor noise that is far below the sound.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_audio.duplicates.sound_index import Candidate
from curator_audio.duplicates.spectrum import HOP, LEVEL_STEP, RATE, band_centres

type Levels = NDArray[np.uint8]
type Loudness = NDArray[np.float64]
_EXPONENT = 1 / 3
_LOUD = 95
"""Percentile of the windows' loudest bands that counts as the loudness one."""
_LOOKED_AT = 500
"""Windows of a pair that the search looks at; the result is of all."""
_SHIFTS, _DRIFTS = np.arange(-4.0, 5.0), np.array([-4.0, -2.0, 0.0, 2.0, 4.0])
"""Windows by which the middle and the end of the overlap may lie off what the landmarks say."""
_SAME_SPEED = 0.004


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """How a recording lies over another."""

    similarity: float
    """Correlation of the loudness of mel bands every 10 ms over the overlap, 0 to 1."""
    overlap: float
    """Share of the shorter recording that lies over the other."""
    offset: float
    """Where its start lies in the other, in seconds; below 0 if it begins before."""
    speed: float
    """Seconds of the other in one of it."""


def loudness_of(levels: Levels) -> Loudness:
    """The loudness of each of the 256 levels for a recording, of which loud parts get one."""
    loud = float(np.percentile(levels.max(axis=1), _LOUD)) if len(levels) else 0.0
    return 10 ** ((np.arange(256) - loud) * LEVEL_STEP / 10 * _EXPONENT)


def align(
    mine: tuple[Levels, Loudness],
    its: tuple[Levels, Loudness],
    candidate: Candidate,
    *,
    hopeless: float = 0.3,
) -> Alignment | None:
    """Fit offset and speed, and compare; a copy may have another speed with or without another pitch.

    Args:
        mine: The recording's levels, and the loudness of each level.
        its: Those of the other.
        candidate: Where it may lie.
        hopeless: A correlation at the candidate's place below which the search does not begin.

    Returns:
        How it lies, or None if nothing overlaps or all is hopeless.
    """
    pair = _Pair(*mine, *its)
    start = candidate.offset * RATE / HOP
    pitches = {candidate.speed, 1.0} if abs(candidate.speed - 1) > _SAME_SPEED else {1.0}
    best: tuple[float, float, float, float] | None = None
    for pitch in sorted(pitches):
        first, _ = pair.correlate(start, candidate.speed, pitch)
        if first >= hopeless:
            found = pair.search(start, candidate.speed, pitch)
            best = max(best or found, found)
    if best is None:
        return None
    _, offset, speed, pitch = best
    similarity, windows = pair.correlate(offset, speed, pitch, step=1)
    shorter = min(len(pair.mine), len(pair.its) / speed)
    return Alignment(
        similarity=min(1.0, similarity),
        overlap=min(1.0, windows / (shorter - 1)),
        offset=float(offset) * HOP / RATE,
        speed=float(speed),
    )


@dataclass
class _Pair:
    mine: Levels
    loudness: Loudness
    its: Levels
    its_loudness: Loudness

    def search(
        self, offset: float, speed: float, pitch: float
    ) -> tuple[float, float, float, float]:
        """The best correlation near a place: it, offset in windows, speed, and pitch."""
        low = max(0.0, -offset / speed)
        high = min(len(self.mine), (len(self.its) - offset) / speed)
        middle, half = (low + high) / 2, max(1.0, (high - low) / 2)
        best = (-1.0, offset, speed, pitch)
        for size in (1.0, 0.25):
            _, base_offset, base_speed, _ = best
            for drift in _DRIFTS * size:
                new = base_speed + drift / half
                turned = base_offset + (base_speed - new) * middle
                for shift in _SHIFTS * size:
                    found, _ = self.correlate(turned + shift, new, pitch)
                    best = max(best, (found, turned + shift, new, pitch))
        return best

    def correlate(
        self, offset: float, speed: float, pitch: float, *, step: int | None = None
    ) -> tuple[float, int]:
        """The correlation at a place, and how many of my windows overlap."""
        lower, weight = _bands_at(pitch)
        return _kernels().correlate(
            self.mine,
            self.its,
            self.loudness,
            self.its_loudness,
            offset,
            speed,
            lower,
            weight,
            step or max(1, len(self.mine) // _LOOKED_AT),
        )


def _bands_at(pitch: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each band of a recording that is higher by a factor, the band of the other below it, and how far above that."""
    centres = band_centres().astype(np.float64)
    place = np.interp(centres / pitch, centres, np.arange(len(centres)))
    lower = np.minimum(place.astype(np.int64), len(centres) - 2)
    return lower, place - lower


@cache
def _kernels() -> Any:
    """Numba takes a while to import."""
    from curator_audio.duplicates import align_kernels

    return align_kernels
