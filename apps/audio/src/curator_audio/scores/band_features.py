"""How much is in each band of 1,000 Hz, as NeMo Curator's classifier of bandwidth was trained on it."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from curator_audio.read.decode import open_audio, read_span
from curator_audio.scores.loudness import FRAMES_PER_SECOND, k_weighting, loudness

_NAMES = (
    *("low1", "low2", "low3", *(f"mid{i}" for i in range(1, 11))),
    *("high", *(f"high{i}" for i in range(1, 11))),
)
BANDS = {name: (i * 1000, i * 1000 + 1000) for i, name in enumerate(_NAMES)}
"""Hz of each band, from 0 to 24,000."""
_FFT, _HOP = 4096, 1024
_AT_ONCE = 1024
"""Windows that are transformed at once, so that an hour needs no more memory than 20 s."""
_TARGET_LUFS = -25.0
_FLOOR = 1e-10
"""Of powers, at that loudness."""
_NOTHING = -120.0
"""dB of a band that the sample rate does not hold."""
_HIGH_FROM, _HIGH_DB = 10_000, 12.0 / 14_000
"""Hz above which a band counts less, and how much less, in dB per Hz."""
_SILENT = -100.0


class AudioFeatureExtractor:
    """Features of recordings, by their names.

    Example:
        >>> AudioFeatureExtractor.extract_band_features("a.wav")["band_energy_low1"]
        -31.5
    """

    @staticmethod
    def extract_band_features(file_path: str, sr: int = 48_000) -> dict[str, float]:
        """The energies of a file's bands.

        Args:
            file_path: The recording.
            sr: Samples per second at which it is looked at.

        Raises:
            AudioError: It cannot be decoded.
        """
        recording = open_audio(file_path)
        samples = read_span(file_path, 0.0, recording.seconds, sr, recording=recording)
        return AudioFeatureExtractor.calculate_band_energy(samples, sr)

    @staticmethod
    def extract_band_features_from_waveform(waveform: Any, sr: int) -> dict[str, float]:
        """The energies of the bands of samples, shape (samples,) or (channels, samples), of numpy or torch."""
        return AudioFeatureExtractor.calculate_band_energy(np.asarray(waveform, np.float32), sr)

    @staticmethod
    def calculate_band_energy(y: NDArray[Any], sr: int) -> dict[str, float]:
        """The mean power of each band in dB below the strongest bin of any window, at -25 LUFS.

        Bands above 10,000 Hz are given up to 12 dB less; those above half the rate have -120.

        Args:
            y: Samples, shape (samples,) or (channels, samples).
            sr: Samples per second.
        """
        mono = y.mean(axis=0) if y.ndim > 1 else y
        power, peak = _spectrum(mono.astype(np.float32), sr)
        hertz = np.fft.rfftfreq(_FFT, 1 / sr)
        found: dict[str, float] = {}
        for name, (low, high) in BANDS.items():
            inside = (hertz >= low) & (hertz < high)
            level = _decibels(float(power[inside].mean()), peak) if inside.any() else _NOTHING
            less = max(0, low - _HIGH_FROM) * _HIGH_DB if inside.any() else 0.0
            found[f"band_energy_{name}"] = level - less
        return found

    @staticmethod
    def get_empty_feature_dict() -> dict[str, float]:
        """Every feature as 0."""
        return {f"band_energy_{name}": 0.0 for name in BANDS}

    @staticmethod
    def features_dict_to_vector(
        features_dict: dict[str, float],
    ) -> tuple[NDArray[np.float64], list[str]]:
        """The features by the order of their names, and these; what is no number is 0."""
        names = sorted(features_dict)
        values = np.array([features_dict[name] for name in names], np.float64)
        return np.nan_to_num(values, nan=0.0), names


def _spectrum(samples: NDArray[np.float32], rate: int) -> tuple[NDArray[np.float64], float]:
    """Mean power of each bin, shape (2049,), and the most of any bin in any window."""
    level = _loudness(samples, rate)
    gain = 1.0 if level is None or level <= _SILENT else 10 ** ((_TARGET_LUFS - level) / 20)
    padded = np.pad(samples, _FFT // 2)
    windows = sliding_window_view(padded, _FFT)[::_HOP]
    shape = np.hanning(_FFT + 1)[:-1].astype(np.float32)
    sums, most = np.zeros(_FFT // 2 + 1), 0.0
    for at in range(0, len(windows), _AT_ONCE):
        power = np.abs(np.fft.rfft(windows[at : at + _AT_ONCE] * shape)) ** 2 * gain**2
        sums += power.sum(axis=0)
        most = max(most, float(power.max()))
    return sums / max(1, len(windows)), most


def _loudness(samples: NDArray[np.float32], rate: int) -> float | None:
    """By BS.1770, in LUFS; None for what is silent or shorter than 400 ms."""
    from scipy.signal import lfilter

    weighted = samples.astype(np.float64)
    for b0, b1, b2, a1, a2 in k_weighting(rate):
        weighted = np.asarray(lfilter((b0, b1, b2), (1.0, a1, a2), weighted))
    size = rate // FRAMES_PER_SECOND
    frames = weighted[: len(weighted) // size * size].reshape(-1, size)
    return loudness((frames**2).mean(axis=1))


def _decibels(power: float, peak: float) -> float:
    return float(10 * np.log10(max(power, _FLOOR) / max(peak, _FLOOR)))
