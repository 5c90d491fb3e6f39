"""SQUIM: what PESQ, STOI and SI-SDR would say of speech, without the clean recording that they compare with.

Kumar and others, "TorchAudio-Squim" (2023). The network is torchaudio's; its weights were trained on the
DNS Challenge of 2020 (CC BY 4.0) and are fetched once into torch's cache.
"""

import math
from typing import Any

import numpy as np
import torch

from curator_audio.models.transcript import Clip
from curator_audio.models.weight_file import load_into, weight_file
from curator_engine.device import Device
from curator_engine.errors import ResourceError
from curator_engine.models.loading import one_thread, place_of

RATE = 16_000
METRICS = ("pesq_squim", "stoi_squim", "sisdr_squim")
_URL = "https://download.pytorch.org/torchaudio/models/squim_objective_dns2020.pth"
_CACHE = "torchaudio/models"
"""Where torchaudio itself keeps the file."""
_PART = 10 * RATE
"""Samples that are heard at once: attention grows with their square, and 30 s took 4 GB."""
_LEAST = 1_600
"""Fewest samples: less than a tenth of a second is no speech."""
_AT_ONCE_ON_CPU = 4


class Squim:
    """The network.

    Args:
        path: File with the weights; those of torchaudio if empty.
        device: Where it computes.
        batch: Parts of equal length that are heard together.
        model: A network that is loaded already, which gives STOI, PESQ and SI-SDR of samples (clips, samples).

    Raises:
        InputError: The file is missing, or holds other weights.
        ResourceError: torchaudio is not installed, or the weights cannot be fetched.

    Example:
        >>> Squim("squim_objective_dns2020.pth").rate([samples])
        [{'pesq_squim': 3.605, 'stoi_squim': 0.977, 'sisdr_squim': 24.391}]
    """

    def __init__(
        self, path: str = "", *, device: Device = "auto", batch: int = 32, model: Any = None
    ) -> None:
        self._place = place_of(device)
        self._batch = batch if self._place == "cuda" else min(batch, _AT_ONCE_ON_CPU)
        if model is None:
            model = _network()
            load_into(model, fetched(path), what="SQUIM")
        self._network = model.to(self._place).eval()

    def rate(self, clips: list[Clip]) -> list[dict[str, float] | None]:
        """The metrics of each clip, to three digits; None if it is shorter than 0.1 s, or silent.

        Only parts of one length are heard together, as what fills up the others would be heard; a clip
        of more than 10 s has the mean of its parts.
        """
        same: dict[int, list[tuple[int, Clip]]] = {}
        for i, clip in enumerate(clips):
            for part in _parts(clip):
                same.setdefault(len(part), []).append((i, part))
        found: list[list[list[float]]] = [[] for _ in clips]
        for parts in same.values():
            for at in range(0, len(parts), self._batch):
                group = parts[at : at + self._batch]
                heard = self._hear(np.stack([part for _, part in group]))
                for (i, _), scores in zip(group, heard, strict=True):
                    found[i].append(scores)
        return [_mean(scores) for scores in found]

    @one_thread()
    @torch.inference_mode()
    def _hear(self, clips: Any) -> list[list[float]]:
        """PESQ, STOI and SI-SDR of clips of one length."""
        stoi, pesq, sisdr = self._network(torch.from_numpy(clips).to(self._place))
        return torch.stack([pesq, stoi, sisdr], dim=1).double().cpu().tolist()


def fetched(path: str = "") -> Any:
    """Where the weights lie, after they have been fetched if that is needed.

    Raises:
        InputError: There is no such file.
        ResourceError: They cannot be fetched.
    """
    return weight_file(path, url=_URL, cache=_CACHE)


def _parts(clip: Clip) -> list[Clip]:
    if len(clip) < _LEAST or not np.any(clip):
        return []
    parts = np.array_split(clip, math.ceil(len(clip) / _PART))
    return [part for part in parts if np.any(part)]


def _mean(scores: list[list[float]]) -> dict[str, float] | None:
    if not scores:
        return None
    means = np.mean(scores, axis=0)
    return {name: round(float(mean), 3) for name, mean in zip(METRICS, means, strict=True)}


def _network() -> Any:
    try:
        from torchaudio.models import squim_objective_base
    except ImportError as error:
        raise ResourceError(
            "SQUIM needs the extra 'models' of curator-audio (torchaudio is missing); install it."
        ) from error
    return squim_objective_base()
