"""Loudness by ITU-R BS.1770-4, from the energies of frames of 10 ms that went through its filters.

Frames are what is kept of a recording: the loudness of a part of it is that of a part of its frames.
"""

import numpy as np
from numpy.typing import NDArray

FRAMES_PER_SECOND = 100
_OFFSET = -0.691
"""LUFS of energy 1, by the standard: a sine of 997 Hz at full scale in one channel has -3.01."""
_BLOCK, _HOP = 40, 10
"""Frames of a gating block, 400 ms, and from one to the next."""
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0
_SURROUND = {
    5: (1, 1, 1, 1.41, 1.41),
    6: (1, 1, 1, 0, 1.41, 1.41),
    8: (1, 1, 1, 0, 1, 1, 1.41, 1.41),
}
"""Weights of channels in the order of WAV files: the fourth of 5.1 and 7.1 is the bass, which does not count."""


def channel_weights(channels: int) -> NDArray[np.float64]:
    """What the energy of each channel counts, shape (channels,)."""
    return np.array(_SURROUND.get(channels, (1,) * channels), np.float64)


def k_weighting(rate: int) -> NDArray[np.float64]:
    """The standard's two filters at a sample rate: b0, b1, b2, a1, a2 of each, shape (2, 5).

    The standard has them for 48,000 Hz; those of other rates have the same response, by the bilinear
    transform of the analogue filters behind it (De Man, 2014).
    """
    # Below 3,738 Hz the shelf would lie above what the recording can hold.
    k = np.tan(np.pi * min(1681.974450955533 / rate, 0.45))
    q, high = 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    norm = 1 + k / q + k * k
    shelf = (
        (high + band * k / q + k * k) / norm,
        2 * (k * k - high) / norm,
        (high - band * k / q + k * k) / norm,
        2 * (k * k - 1) / norm,
        (1 - k / q + k * k) / norm,
    )
    k, q = np.tan(np.pi * 38.13547087602444 / rate), 0.5003270373238773
    norm = 1 + k / q + k * k
    highpass = (1.0, -2.0, 1.0, 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm)
    return np.array((shelf, highpass))


def loudness(energies: NDArray[np.floating]) -> float | None:
    """Gated loudness, in LUFS; None for less than 400 ms, and where all is below -70 LUFS.

    Args:
        energies: Mean squares of frames of 10 ms after `k_weighting`, channels added up by their
            weights, shape (frames,).

    Example:
        >>> loudness(np.full(100, 0.5))
        -3.7012999566398115
    """
    if len(energies) < _BLOCK:
        return None
    sums = np.concatenate(([0.0], np.cumsum(energies, dtype=np.float64)))
    starts = np.arange(0, len(energies) - _BLOCK + 1, _HOP)
    means = (sums[starts + _BLOCK] - sums[starts]) / _BLOCK
    loud = means[means > _energy(_ABSOLUTE_GATE)]
    if not len(loud):
        return None
    gate = lufs(float(loud.mean())) + _RELATIVE_GATE
    return lufs(float(loud[loud > _energy(gate)].mean()))


def lufs(energy: float) -> float:
    """LUFS of a mean square above 0."""
    return _OFFSET + 10 * float(np.log10(energy))


def _energy(level: float) -> float:
    return 10 ** ((level - _OFFSET) / 10)
