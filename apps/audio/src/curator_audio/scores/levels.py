"""What the levels of a recording tell: how much of it is silence, how far it is above its noise, how long a room rings.

All from the energies of frames of 10 ms that `loudness` uses, so of a whole recording and of any part.
These are estimates without a clean original: they sort recordings, and are true where a recording
has speech, pauses and an even noise.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

_LEAST = 1e-10
"""Energy, -100 dB: below it a frame is no sound at all, as between the clips of a montage."""
_SILENCE = 1e-6
"""Energy, -60 dB."""
_SILENCE_BELOW_LOUD = 1e-4
"""Energy over that of the loudest 1 % of the frames, -40 dB."""
_SMOOTH = 5
"""Frames: 50 ms, in which the energy of noise is even and a pause between words still shows."""
_NOISE_QUANTILE = 0.1
_MOST_SNR = 100.0
_FALL = 12
"""Frames: 120 ms, over which levels fall when speech stops."""
_FALL_ABOVE_NOISE = 10.0
"""dB: the end of a fall must be so far above the noise, which would flatten it."""
_LEAST_FALLS = 20
_STEEP_QUANTILE = 0.95
_LEAST_SLOPE = 6.0
"""dB per second: a room of ten seconds, which is none."""
_DECIMALS = 9
"""Of sums whose order is numpy's: beyond these a processor's sum may differ."""


def silence_ratio(energies: NDArray[np.floating]) -> float:
    """Share of frames of silence: below -60 dB of full scale, or 40 dB below the loudest 1 %."""
    if not len(energies):
        return 1.0
    limit = max(_SILENCE, float(np.quantile(energies, 0.99)) * _SILENCE_BELOW_LOUD)
    return float(np.mean(energies < limit))


def noise_energy(energies: NDArray[np.floating]) -> float | None:
    """Mean square of the noise in pauses: the tenth percentile over 50 ms; None without a sound of that length.

    Frames without any sound, and their neighbours, do not count.
    """
    if len(energies) < _SMOOTH:
        return None
    parts = sliding_window_view(energies, _SMOOTH)
    heard = parts.mean(axis=1, dtype=np.float64)[parts.min(axis=1) > _LEAST]
    return float(np.quantile(heard, _NOISE_QUANTILE)) if len(heard) else None


def snr(energies: NDArray[np.floating]) -> float | None:
    """Energy of what is louder than the noise over that of the noise, in dB, 0 to 100; None without a sound.

    Frames of twice the noise or more are the signal. Without pauses (music, a crowd) it is too low.
    """
    noise = noise_energy(energies)
    if noise is None:
        return None
    loud = energies[energies > 2 * noise]
    signal = float(loud.mean(dtype=np.float64)) - noise if len(loud) else 0.0
    decibels = 10 * np.log10(max(signal, noise) / noise)
    return round(float(np.clip(decibels, 0.0, _MOST_SNR)), _DECIMALS)


def reverb_seconds(energies: NDArray[np.floating]) -> float | None:
    """How long a sound takes to fall by 60 dB, estimated from the steepest falls; None with too few of them.

    No sound can end faster than its room rings. Speech itself ends in about 0.2 seconds, so a
    shorter time means a dry recording.
    """
    noise = noise_energy(energies)
    if noise is None or len(energies) < _FALL + _SMOOTH:
        return None
    level = 10 * np.log10(np.maximum(energies, _LEAST))
    times = (np.arange(_FALL) - (_FALL - 1) / 2) / 100
    # A product with windows would copy all of them: 350 MB of ten hours.
    slopes = np.correlate(level, times, "valid") / float(times @ times)
    lowest = sliding_window_view(level, _FALL).min(axis=1)
    falls = (slopes < -_LEAST_SLOPE) & (lowest > 10 * np.log10(noise) + _FALL_ABOVE_NOISE)
    if int(falls.sum()) < _LEAST_FALLS:
        return None
    return round(60 / float(np.quantile(-slopes[falls], _STEEP_QUANTILE)), _DECIMALS)
