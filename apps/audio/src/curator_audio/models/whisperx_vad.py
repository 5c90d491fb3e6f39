"""WhisperX's model of voice activity. It has not run here: whisperx is not in our lock."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_audio.models.outside_package import outside_package
from curator_engine.models.loading import place_of

RATE = 16_000
ONSET, OFFSET = 0.5, 0.363
"""Probabilities from which speech begins, and below which it ends: those of whisperx."""


class WhisperXVADModel:
    """Segments of speech by the network that whisperx brings, which is pyannote's.

    Args:
        device: "cuda" or "cpu".
        vad_onset: Least probability that begins speech.
        vad_offset: Probability below which it ends.
        use_auth_token: Token of the hub.

    Raises:
        ResourceError: whisperx is not installed, or there is no GPU for device="cuda".

    Example:
        WhisperXVADModel("cpu").get_vad_segments(samples[None], merge_max_length=30.0)
    """

    def __init__(
        self,
        device: str = "cuda",
        vad_onset: float = ONSET,
        vad_offset: float = OFFSET,
        use_auth_token: str | None = None,
    ) -> None:
        self._package = outside_package("whisperx.vads.pyannote", "whisperx")
        import torch

        place_of("gpu" if device.startswith("cuda") else "cpu")
        self._onset = vad_onset
        self._model = self._package.load_vad_model(
            torch.device(device), token=use_auth_token, vad_onset=vad_onset, vad_offset=vad_offset
        )

    def to(self, device: str) -> None:
        """Move the model to another device."""
        import torch

        self._model = self._model.to(torch.device(device))

    def get_vad_segments(
        self, audio: NDArray[Any], merge_max_length: float, sample_rate: int = RATE
    ) -> list[dict[str, Any]]:
        """Segments of speech with `start` and `end` in seconds, joined up to a length.

        Args:
            audio: Samples, shape (channels, samples).
            merge_max_length: Most seconds of a segment.
            sample_rate: Samples per second.
        """
        import torch

        heard = np.ascontiguousarray(audio, np.float32)
        found = self._model({"waveform": torch.from_numpy(heard), "sample_rate": sample_rate})
        return self._package.Pyannote.merge_chunks(found, merge_max_length, onset=self._onset)
