"""Networks that hear sound events, as NeMo Curator's `SEDInferenceStage` takes them."""

import math
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray

from curator_audio.models.cnn14 import (
    Cnn14DecisionLevelAtt,
    Cnn14DecisionLevelAvg,
    Cnn14DecisionLevelMax,
)
from curator_audio.models.weight_file import load_into, weight_file
from curator_engine.errors import SettingsError
from curator_engine.models.loading import place_of
from curator_engine.positional import positional

_NETWORKS = {
    "Cnn14_DecisionLevelMax": Cnn14DecisionLevelMax,
    "Cnn14_DecisionLevelAvg": Cnn14DecisionLevelAvg,
    "Cnn14_DecisionLevelAtt": Cnn14DecisionLevelAtt,
}
_MAX = "Cnn14_DecisionLevelMax"
_URL = "https://zenodo.org/record/3987831/files/Cnn14_DecisionLevelMax_mAP%3D0.385.pth?download=1"
"""The weights that PANNs' authors published for the first network."""
_PUBLISHED = {
    "sample_rate": 32_000,
    "window_size": 1024,
    "hop_size": 320,
    "mel_bins": 64,
    "fmin": 50,
    "fmax": 14_000,
    "classes_num": 527,
}
_SEGMENT = 32
"""Frames that the network decides on at once."""
_PART = 64 * _SEGMENT
"""Frames of a long clip that are heard at once, 20 s at a hop of 10 ms: about 0.5 GB."""
_AROUND = 8 * _SEGMENT
"""Frames before and after a part that are heard with it: no frame of it depends on others."""
_AT_ONCE = 4
"""Parts that are heard together."""

type _Network = type[Cnn14DecisionLevelMax | Cnn14DecisionLevelAvg | Cnn14DecisionLevelAtt]


@dataclass(kw_only=True)
class SEDResult:
    """The sounds of one recording.

    Example:
        >>> SEDResult(
        ...     framewise_output=frames, fps=100.0, valid_frames=250, original_num_samples=80_000
        ... )
    """

    framewise_output: NDArray[np.floating[Any]]
    """How likely each sound is in each frame, shape (frames, classes)."""
    fps: float
    """Frames per second."""
    valid_frames: int
    """Frames that hold samples; what follows is padding."""
    original_num_samples: int


@runtime_checkable
class SEDAdapter(Protocol):
    """What `SEDInferenceStage` needs; made with `checkpoint_path`, `sample_rate` and `adapter_kwargs`."""

    checkpoint_path: str | None
    sample_rate: int

    def load_model(self, *, num_gpus: int) -> None:
        """Load the network in a worker that has so many GPUs."""
        ...

    def unload_model(self) -> None:
        """Let the network go."""
        ...

    def infer_batch(self, items: list[dict[str, Any]]) -> list[SEDResult]:
        """A result per item, which has a waveform: mono float32 at the adapter's rate, shape (samples,)."""
        ...


def get_model_class(model_type: str) -> _Network:
    """The network of a name, which is that of its published weights.

    Raises:
        SettingsError: There is no such network.
    """
    if model_type not in _NETWORKS:
        raise SettingsError(
            f"model_type={model_type!r} is none; give one of {', '.join(_NETWORKS)}."
        )
    return _NETWORKS[model_type]


@positional("checkpoint_path", "sample_rate", "model_type")
@dataclass(kw_only=True)
class PANNsSEDAdapter:
    """CNN14 with weights in the form of PANNs: 527 sounds of AudioSet in frames of 10 ms.

    Without `checkpoint_path` the published weights of Cnn14_DecisionLevelMax (327 MB) are fetched once into
    torch's cache (`TORCH_HOME`). Files are read as tensors only.

    Raises:
        SettingsError: A value is out of its range, or the published weights are of another form.

    Example:
        PANNsSEDAdapter(checkpoint_path="Cnn14_DecisionLevelMax_mAP=0.385.pth")
    """

    checkpoint_path: str | None = None
    """File with the weights."""
    sample_rate: int = 32_000
    model_type: str = _MAX
    """The network, by the name of its weights."""
    window_size: int = 1024
    """Samples of a spectrum."""
    hop_size: int = 320
    """Samples of a frame."""
    mel_bins: int = 64
    fmin: int = 50
    """Where the lowest band begins, in Hz."""
    fmax: int = 14_000
    """Where the highest band ends, in Hz."""
    classes_num: int = 527
    pad_short_segments: bool = True
    """Hear clips of less than 32 frames with silence after them; else they have no sounds."""
    _network: Any = field(default=None, init=False, repr=False)
    _place: str = field(default="cpu", init=False, repr=False)

    def __post_init__(self) -> None:
        get_model_class(self.model_type)
        numbers = {name: getattr(self, name) for name in _PUBLISHED}
        for name, value in numbers.items():
            if value < 1:
                raise SettingsError(f"{name}={value} is below 1.")
        if not self.checkpoint_path and (self.model_type != _MAX or numbers != _PUBLISHED):
            raise SettingsError(
                f"there are published weights for {_MAX} with {_PUBLISHED} only; give checkpoint_path."
            )

    def download_weights_on_node(self) -> None:
        """Fetch the published weights, once per node.

        Raises:
            InputError: There is no file at `checkpoint_path`.
            ResourceError: They cannot be fetched.
        """
        weight_file(self.checkpoint_path or "", url=_URL)

    def load_model(self, *, num_gpus: int) -> None:
        """Load the network.

        Raises:
            InputError: The file is missing, or holds other weights.
            ResourceError: The published weights cannot be fetched, or there is no GPU.
        """
        path = weight_file(self.checkpoint_path or "", url=_URL)
        network = get_model_class(self.model_type)(**{n: getattr(self, n) for n in _PUBLISHED})
        load_into(network, path, what=self.model_type)
        self._place = place_of("gpu" if num_gpus else "cpu")
        self._network = network.to(self._place).eval()

    def unload_model(self) -> None:
        """Let the network go."""
        self._network = None

    def infer_batch(self, items: list[dict[str, Any]]) -> list[SEDResult]:
        """The sounds of each item; no clip changes what is heard in another."""
        clips = [np.asarray(item["waveform"], np.float32) for item in items]
        same: dict[int, list[tuple[int, int]]] = {}
        for i, clip in enumerate(clips):
            for first in self._firsts(clip):
                same.setdefault(len(self._part(clip, first)), []).append((i, first))
        found: dict[tuple[int, int], NDArray[np.float32]] = {}
        for cuts in same.values():
            for at in range(0, len(cuts), _AT_ONCE):
                group = cuts[at : at + _AT_ONCE]
                heard = self._hear([self._part(clips[i], first) for i, first in group])
                found |= dict(zip(group, heard, strict=True))
        return [
            self._result(clip, [found[i, first] for first in self._firsts(clip)])
            for i, clip in enumerate(clips)
        ]

    def _firsts(self, clip: NDArray[np.float32]) -> range:
        """First frames of a clip's parts; none if it is too short to be heard."""
        if not len(clip) or (len(clip) < self._least() and not self.pad_short_segments):
            return range(0)
        return range(0, len(clip) // self.hop_size + 1, _PART)

    def _part(self, clip: NDArray[np.float32], first: int) -> NDArray[np.float32]:
        """The samples of a part with what is around it."""
        start, end = max(0, first - _AROUND), first + _PART + _AROUND
        part = clip[start * self.hop_size : end * self.hop_size]
        return np.pad(part, (0, max(0, self._least() - len(part))))

    def _least(self) -> int:
        """Fewest samples that the network takes."""
        return max(self.window_size, self.hop_size * _SEGMENT)

    @torch.inference_mode()
    def _hear(self, parts: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        heard = self._network(torch.from_numpy(np.stack(parts)).to(self._place))
        return list(heard["framewise_output"].cpu().numpy())

    def _result(self, clip: NDArray[np.float32], parts: list[NDArray[np.float32]]) -> SEDResult:
        own = (
            [parts[0][:_PART], *(part[_AROUND : _AROUND + _PART] for part in parts[1:])]
            if parts
            else []
        )
        frames = np.concatenate([np.zeros((0, self.classes_num), np.float32), *own])
        return SEDResult(
            framewise_output=frames,
            fps=self.sample_rate / self.hop_size,
            valid_frames=min(math.ceil(len(clip) / self.hop_size), len(frames)),
            original_num_samples=len(clip),
        )
