"""TransNetV2, the network that finds shot changes in frames of 48x27 (Souček and Lokoč, 2020).

Written after the paper; the parameters are named as in the published weights. Which frames it is
shown and what is made of its answers is in `transitions.py` and `cascade.py`.
"""

import struct
from collections.abc import Sequence
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from curator_engine.batch_size import BatchSize
from curator_engine.device import Device, choose_device
from curator_engine.errors import InputError
from curator_video.read.track import THUMB_HEIGHT, THUMB_WIDTH

WINDOW, MARGIN = 100, 25
"""Frames that are looked at together, and how many at each end only help to judge the others."""
_DILATIONS = (1, 2, 4, 8)
_LOOKUP = 101
"""Neighbours with which a frame is compared: fifty before, itself, fifty after."""
_UNREADABLE = (
    *(OSError, EOFError, RuntimeError, UnpicklingError, struct.error),
    *(TypeError, ValueError, AttributeError, LookupError),
)
"""What torch raises for a file that holds no weights, or others."""
_BATCH_FRAMES = {"cpu": 100, "gpu": 3200}


class _Convolution(nn.Module):
    """A convolution over the picture, then one over time."""

    def __init__(self, inputs: int, outputs: int, dilation: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            [
                nn.Conv3d(inputs, 2 * outputs, (1, 3, 3), bias=False),
                nn.Conv3d(2 * outputs, outputs, (3, 1, 1), dilation=(dilation, 1, 1), bias=False),
            ]
        )


class _Cell(nn.Module):
    """Four such convolutions side by side, which see ever more time, normalised together."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        for dilation in _DILATIONS:
            self.add_module(f"Conv3D_{dilation}", _Convolution(inputs, outputs, dilation))
        self.bn = nn.BatchNorm3d(4 * outputs, eps=1e-3)

    def forward(self, frames: Tensor) -> Tensor:
        """Shape (batch, time, height, width, channels), before and after.

        Channels come last in memory, so that both convolutions are flat ones over the same bytes;
        the four first ones read the same frames and are done as one.
        """
        batch, time, height, width, channels = frames.shape
        parts: list[Any] = [self.get_submodule(f"Conv3D_{d}").layers for d in _DILATIONS]
        flat = frames.reshape(batch * time, height, width, channels).permute(0, 3, 1, 2)
        seen = functional.conv2d(
            flat, _last(torch.cat([part[0].weight for part in parts]).squeeze(2)), padding=1
        )
        seen = seen.permute(0, 2, 3, 1).reshape(batch, time, height * width, -1)
        gain = self.bn.weight * torch.rsqrt(_given(self.bn.running_var) + self.bn.eps)
        shift = self.bn.bias - _given(self.bn.running_mean) * gain
        joined = [
            functional.conv2d(
                each.permute(0, 3, 1, 2),
                _last(part[1].weight.squeeze(-1) * scale[:, None, None, None]),
                offset,
                padding=(dilation, 0),
                dilation=(dilation, 1),
            )
            for each, part, scale, offset, dilation in zip(
                seen.chunk(4, dim=3), parts, gain.chunk(4), shift.chunk(4), _DILATIONS, strict=True
            )
        ]
        return torch.cat(joined, 1).permute(0, 2, 3, 1).reshape(batch, time, height, width, -1)


class _Block(nn.Module):
    """Two cells with a short cut, then half the size."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.DDCNN = nn.ModuleList([_Cell(inputs, outputs), _Cell(4 * outputs, outputs)])

    def forward(self, frames: Tensor) -> Tensor:
        """Shape (batch, time, height, width, channels), before and after."""
        first = functional.relu(self.DDCNN[0](frames))
        both = functional.relu(self.DDCNN[1](first)) + first
        pooled = functional.avg_pool2d(both.flatten(0, 1).permute(0, 3, 1, 2), 2)
        return pooled.permute(0, 2, 3, 1).unflatten(0, frames.shape[:2])


class _Similarity(nn.Module):
    """How like its neighbours each frame is, by what the blocks saw."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.projection = nn.Linear(inputs, 128)
        self.fc = nn.Linear(_LOOKUP, 128)

    def forward(self, features: Tensor) -> Tensor:
        """(batch, time, features) to (batch, time, 128)."""
        return functional.relu(self.fc(_compared(self.projection(features))))


class _Histograms(nn.Module):
    """How like its neighbours each frame is, by its colours."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(_LOOKUP, 128)

    def forward(self, frames: Tensor) -> Tensor:
        """Bytes, (batch, time, height, width, 3), to (batch, time, 128)."""
        red, green, blue = (frames >> 5).long().flatten(2, 3).unbind(-1)
        colours = (red << 6) + (green << 3) + blue
        counts = torch.zeros(*colours.shape[:2], 512, device=frames.device)
        counts.scatter_add_(2, colours, torch.ones_like(colours, dtype=torch.float32))
        return functional.relu(self.fc(_compared(counts)))


class TransNetV2(nn.Module):
    """The network; gives each frame the probability that the next one begins a new shot."""

    def __init__(self) -> None:
        super().__init__()
        self.SDDCNN = nn.ModuleList([_Block(3, 16), _Block(64, 32), _Block(128, 64)])
        self.frame_sim_layer = _Similarity(64 + 128 + 256)
        self.color_hist_layer = _Histograms()
        self.fc1 = nn.Linear(256 * 3 * 6 + 2 * 128, 1024)
        self.cls_layer1 = nn.Linear(1024, 1)
        self.cls_layer2 = nn.Linear(1024, 1)
        """Marks all frames of a change; a help in training only."""

    def forward(self, frames: Tensor) -> Tensor:
        """Bytes, RGB, shape (batch, time, 27, 48, 3), to probabilities, shape (batch, time)."""
        seen, means = frames.float() / 255, list[Tensor]()
        for block in self.SDDCNN:
            seen = block(seen)
            means.append(seen.mean((2, 3)))
        similar = self.frame_sim_layer(torch.cat(means, 2))
        joined = torch.cat([self.color_hist_layer(frames), similar, seen.flatten(2)], 2)
        return torch.sigmoid(self.cls_layer1(functional.relu(self.fc1(joined)))).squeeze(2)


def _last(weights: Tensor) -> Tensor:
    return weights.contiguous(memory_format=torch.channels_last)


def _given(values: Tensor | None) -> Tensor:
    assert values is not None
    return values


def _compared(vectors: Tensor) -> Tensor:
    """Cosines of each frame with its neighbours, 0 beyond the window; (batch, time, 101)."""
    vectors = functional.normalize(vectors, dim=2)
    count = vectors.shape[1]
    cosines = functional.pad(vectors @ vectors.transpose(1, 2), (_LOOKUP // 2, _LOOKUP // 2))
    places = torch.arange(count, device=vectors.device)[:, None]
    places = places + torch.arange(_LOOKUP, device=vectors.device)
    return cosines.gather(2, places.expand(len(vectors), -1, -1))


class ShotNetwork:
    """The network with its weights, on a device.

    Args:
        weights: File with the weights.
        device: Where to compute.

    Raises:
        InputError: The file is not there, or holds other weights.
        ResourceError: A GPU is asked for, and there is none.
    """

    def __init__(self, weights: str, *, device: Device = "auto") -> None:
        self._place = choose_device(device)
        self._network = TransNetV2()
        try:
            self._network.load_state_dict(
                torch.load(weights, map_location="cpu", weights_only=True)
            )
        except _UNREADABLE as error:
            line = " ".join(str(error).split())[:200]
            raise InputError(f"{weights} holds no weights of TransNetV2 ({line}).") from error
        self._network.eval().to(self._device)

    @property
    def _device(self) -> str:
        return "cuda" if self._place == "gpu" else "cpu"

    def everywhere(self, thumbs: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The probability that the frame after each one begins a new shot, as the paper does it.

        Args:
            thumbs: RGB, shape (frames, 27, 48, 3).

        Returns:
            Shape (frames,).
        """
        step = WINDOW - 2 * MARGIN
        spans = [(start, start + step) for start in range(0, len(thumbs), step)]
        parts = self.within(thumbs, spans)
        whole = np.concatenate([np.zeros(0, np.float32), *parts])
        return whole[: len(thumbs)]

    def within(
        self, thumbs: NDArray[np.uint8], spans: Sequence[tuple[int, int]], *, margin: int = MARGIN
    ) -> list[NDArray[np.float32]]:
        """The same for spans of frames [start, end) alone, each with a margin of frames around it.

        Returns:
            Shape (end - start,) each; beyond the video's ends, the first or last frame is repeated.
        """
        by_length: dict[int, list[int]] = {}
        for i, (start, end) in enumerate(spans):
            by_length.setdefault(end - start, []).append(i)
        answers: dict[int, NDArray[np.float32]] = {}
        for length, members in by_length.items():
            size = max(1, _BATCH_FRAMES[self._place] // (length + 2 * margin))

            def ask(start: int, end: int, members: list[int] = members) -> NDArray[np.float32]:
                windows = [_window(thumbs, spans[i], margin) for i in members[start:end]]
                return self._ask(np.stack(windows))[:, margin : -margin or None]

            found = BatchSize(size=size, unit="windows").each(len(members), ask)
            answers |= dict(zip(members, np.concatenate(found), strict=True))
        return [answers[i] for i in range(len(spans))]

    def _ask(self, windows: NDArray[np.uint8]) -> NDArray[np.float32]:
        with torch.inference_mode():
            return self._network(torch.from_numpy(windows).to(self._device)).cpu().numpy()


def _window(thumbs: NDArray[np.uint8], span: tuple[int, int], margin: int) -> NDArray[np.uint8]:
    places = np.arange(span[0] - margin, span[1] + margin).clip(0, len(thumbs) - 1)
    return np.asarray(thumbs[places]).reshape(-1, THUMB_HEIGHT, THUMB_WIDTH, 3)
