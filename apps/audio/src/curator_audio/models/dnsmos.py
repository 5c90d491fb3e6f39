"""DNSMOS: how people would rate speech, from 1 to 5, by Microsoft's networks (Reddy and others, 2021 and 2022).

The networks lie in the package speechmos (MIT), which is not imported: it would load librosa and
requests. What they take is computed here; the figures are those of the package.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from curator_audio.models.mel_scale import slaney_triangles
from curator_audio.models.onnx_session import package_session

RATE = 16_000
WINDOW = 144_160
"""Samples that the networks take: 9.01 seconds."""
_FFT, _HOP, _MELS = 321, 160, 120
_SIGNAL = (-0.08397278, 1.22083953, 0.0052439)
_BACKGROUND = (-0.13166888, 1.60915514, -0.39604546)
_OVERALL = (-0.06766283, 1.11546468, 0.04602535)
"""From what the network says to the scale of P.835; published with it."""


class Dnsmos:
    """The networks.

    Raises:
        ResourceError: The package is not installed.
    """

    def __init__(self) -> None:
        self._p835 = package_session("speechmos", "dnsmos_models/sig_bak_ovr.onnx")
        self._p808 = package_session("speechmos", "dnsmos_models/model_v8.onnx")

    def scores(self, samples: NDArray[np.float32]) -> dict[str, float]:
        """The ratings of one window: of the speech, of the background, overall, and of P.808.

        Args:
            samples: Of one channel at 16,000 Hz, in [-1, 1], shape (144160,).
        """
        window = np.clip(samples, -1, 1).astype(np.float32)[None]
        signal, background, overall = np.asarray(
            self._p835.run(None, {"input_1": window})[0], np.float64
        )[0]
        mels = log_mels(window[0, :-_HOP])[None]
        p808 = np.asarray(self._p808.run(None, {"input_1": mels})[0], np.float64)
        return {
            "dnsmos_sig": float(np.polyval(_SIGNAL, signal)),
            "dnsmos_bak": float(np.polyval(_BACKGROUND, background)),
            "dnsmos_ovrl": float(np.polyval(_OVERALL, overall)),
            "dnsmos_p808": float(p808[0, 0]),
        }


def log_mels(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the network of P.808 takes, shape (frames, 120): mel spectra, 40 dB below the strongest as 0.

    Args:
        samples: Of one channel at 16,000 Hz, shape (samples,).
    """
    padded = np.pad(samples, _FFT // 2)
    frames = sliding_window_view(padded, _FFT)[::_HOP]
    window = np.hanning(_FFT + 1)[:-1].astype(np.float32)
    spectra = np.fft.rfft(frames * window)
    power = (spectra.real**2 + spectra.imag**2) @ slaney_triangles(
        rate=RATE, fft=_FFT, bands=_MELS
    ).T
    level = 10 * np.log10(np.maximum(power, 1e-10))
    level = np.maximum(level - level.max(), -80.0)
    return ((level + 40) / 40).astype(np.float32)
