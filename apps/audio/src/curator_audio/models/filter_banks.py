"""Log mel filter banks as Kaldi computes them, which speaker networks were trained on."""

import math
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

from curator_audio.models.transcript import RATE

BANDS = 80
_FRAME = RATE * 25 // 1000
_HOP = RATE * 10 // 1000
_FFT = 512
_LOWEST_HZ = 20.0
_PREEMPHASIS = 0.97
_FLOOR = float(np.finfo(np.float32).eps)
"""Of energies, as Kaldi's: the logarithm of silence is a number."""


def filter_banks(clips: torch.Tensor) -> torch.Tensor:
    """Log mel energies of clips, less their mean over time.

    Args:
        clips: Samples at 16 kHz, shape (clips, samples), at least 25 ms.

    Returns:
        Shape (clips, frames, 80), a frame per 10 ms.
    """
    frames = clips.unfold(1, _FRAME, _HOP)
    frames = frames - frames.mean(dim=2, keepdim=True)
    before = torch.cat([frames[:, :, :1], frames[:, :, :-1]], dim=2)
    frames = (frames - _PREEMPHASIS * before) * _window().to(clips.device)
    power = torch.fft.rfft(frames, n=_FFT).abs().square()
    energies = power @ torch.from_numpy(mel_triangles()).to(clips.device)
    logs = energies.clamp(min=_FLOOR).log()
    return logs - logs.mean(dim=1, keepdim=True)


@cache
def mel_triangles() -> NDArray[np.float32]:
    """Weights of the bands, shape (257, 80): triangles of equal width on the mel scale."""
    nyquist = RATE / 2
    edges = np.linspace(_mel(_LOWEST_HZ), _mel(nyquist), BANDS + 2)
    mels = np.array([_mel(i * RATE / _FFT) for i in range(_FFT // 2 + 1)])[:, None]
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (mels - left) / (centre - left), (right - mels) / (right - centre)
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


def _mel(hertz: float) -> float:
    return 1127.0 * math.log1p(hertz / 700.0)


@cache
def _window() -> torch.Tensor:
    """Kaldi's: a Hann window to the power of 0.85."""
    return torch.hann_window(_FRAME, periodic=False).pow(0.85)
