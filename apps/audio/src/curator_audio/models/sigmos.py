"""SIGMOS: how people would rate a recording by P.804, from 1 to 5, in seven respects.

Ristea and others, "ICASSP 2024 Speech Signal Improvement Challenge" (2024). The network is an ONNX file of
Microsoft's; what it takes is computed here: spectra of 48,000 Hz whose magnitudes have the power of 0.3.
"""

import math
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from curator_audio.models.onnx_session import file_session
from curator_audio.read.decode import resample
from curator_engine.errors import DamagedFileError, InputError

RATE = 48_000
_HOP, _WINDOW = 480, 960
_POWER = 0.3
_FLOOR = 1e-12
"""Of squared magnitudes, so that silence has a power."""
_PART_S = 60
"""Seconds that are rated at once; the rating of a longer clip is the mean of its parts'."""
_FILE = "model-sigmos_1697718653_41d092e8-epo-200.onnx"
_URL = f"https://github.com/microsoft/SIG-Challenge/raw/main/ICASSP2024/sigmos/{_FILE}"
RATINGS = (*("MOS_COL", "MOS_DISC", "MOS_LOUD", "MOS_NOISE", "MOS_REVERB", "MOS_SIG", "MOS_OVRL"),)
"""In the network's order: coloration, discontinuity, loudness, noise, reverberation, signal, overall."""


class Version(Enum):
    """Versions of the network."""

    V1 = "v1"
    """Of 15 October 2023."""


class SigMOS:
    """The network.

    Args:
        model_dir: Folder with the file of that version.
        model_version: Which one.
        force_cpu: Leave GPUs alone; else one is used where onnxruntime can.
        device_id: Which GPU.
        model_path: The file itself.

    Raises:
        InputError: There is no such file, or it holds another network.

    Example:
        >>> SigMOS("models").run(samples, sr=16_000)["MOS_OVRL"]
        3.4
    """

    def __init__(
        self,
        model_dir: str,
        model_version: Version = Version.V1,
        *,
        force_cpu: bool = False,
        device_id: int = 0,
        model_path: str | None = None,
    ) -> None:
        self.model_version, self.sampling_rate = Version(model_version), RATE
        path = Path(model_path) if model_path else Path(model_dir) / _FILE
        if not path.is_file():
            raise InputError(
                f"{path}: there is no model of SIGMOS; fetch {_URL} and give its path."
            )
        self._session = file_session(path, what="SIGMOS", gpu=not force_cpu, device_id=device_id)
        given = self._session.get_inputs()
        if len(given) != 1 or len(given[0].shape) != len(features(np.zeros(_HOP)).shape):
            raise InputError(
                f"{path} holds a network with other inputs than SIGMOS; check the path."
            )
        self._input = given[0].name

    def run(self, audio: NDArray[Any], sr: int | None = None) -> dict[str, float]:
        """The seven ratings of one clip.

        Args:
            audio: Samples of one channel, shape (samples,).
            sr: Samples per second; 48,000 unless given.

        Raises:
            DamagedFileError: There is not one sample, or the network gives no seven ratings.
        """
        if not len(audio):
            raise DamagedFileError("a clip without samples cannot be rated by SIGMOS.")
        samples = resample(np.asarray(audio, np.float32), sr or RATE, RATE)
        parts = np.array_split(samples, math.ceil(len(samples) / (_PART_S * RATE)) or 1)
        rated = [self._session.run(None, {self._input: features(part)})[0] for part in parts]
        means = np.mean(np.asarray(rated, np.float64).reshape(len(parts), -1), axis=0)
        if len(means) != len(RATINGS):
            raise DamagedFileError(f"the network gives {len(means)} ratings, SIGMOS gives seven.")
        return {name: float(mean) for name, mean in zip(RATINGS, means, strict=True)}


def build_sigmos_model(
    *, force_cpu: bool = False, device_id: int = 0, model_path: str | None = None
) -> SigMOS:
    """The network of a file; without one it is looked for in the working folder.

    Raises:
        InputError: There is no such file, or it holds another network.
    """
    return SigMOS("", force_cpu=force_cpu, device_id=device_id, model_path=model_path)


def features(samples: NDArray[Any]) -> NDArray[np.float32]:
    """What the network takes, shape (1, 3, frames, 481): magnitudes, real and imaginary parts.

    A frame is 10 ms, a window 20 ms; the first begins half a window before the first sample.

    Args:
        samples: Of one channel at 48,000 Hz, shape (samples,), at least one.
    """
    rest = len(samples) % _HOP or _HOP
    padded = np.pad(samples, (_WINDOW - _HOP, _WINDOW - rest))
    window = np.sqrt(np.hanning(_WINDOW + 1)[:-1]).astype(np.float32)
    spectra = np.fft.rfft(sliding_window_view(padded, _WINDOW)[::_HOP] * window)
    squares = np.maximum(spectra.real**2 + spectra.imag**2, _FLOOR)
    scaled = spectra * squares ** ((_POWER - 1) / 2)
    parts = [squares ** (_POWER / 2), scaled.real, scaled.imag]
    return np.stack(parts)[None].astype(np.float32)
