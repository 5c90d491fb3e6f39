"""InternVideo2 (stage 2): clips and texts in one space. The model's folder brings its own code.

Written against the published demo; with its real weights it has not run here, see docs/models.md.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModel

from curator_engine.device import Device
from curator_engine.models.loading import load_from, normalized, place_of, squared
from curator_engine.vectors.matrix import Matrix, unit_rows

_CLIPS_AT_A_TIME = 8
_MEAN, _DEVIATION = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
_SIDE, _FRAMES = 224, 4


class InternVideo2:
    """A model with `get_vid_feat` and `get_txt_feat`."""

    def __init__(
        self, name: str, *, device: Device = "auto", trust_remote_code: bool = False
    ) -> None:
        self._place = place_of(device)
        model = load_from(AutoModel, name, trust_remote_code=trust_remote_code)
        self._model: Any = model.eval().to(self._place)
        config: Any = model.config
        self.num_frames = int(getattr(config, "num_frames", None) or _FRAMES)
        self._side = int(getattr(config, "size_t", None) or _SIDE)

    def embed(self, clips: list[NDArray[np.uint8]]) -> Matrix:
        """Vectors of length one, shape (clips, dims), of `num_frames` RGB frames each."""
        parts: list[Any] = []
        for start in range(0, len(clips), _CLIPS_AT_A_TIME):
            batch = np.stack(
                [
                    squared(each, self._side, crop=False, bicubic=False)
                    for each in clips[start : start + _CLIPS_AT_A_TIME]
                ]
            )
            pixels = normalized(batch, _MEAN, _DEVIATION, place=self._place)
            with torch.inference_mode():
                parts.append(_vectors(self._model.get_vid_feat(pixels)))
        return unit_rows(np.concatenate(parts))

    def embed_texts(self, texts: list[str]) -> Matrix:
        """Vectors of length one, shape (texts, dims), to be compared with those of clips."""
        with torch.inference_mode():
            parts = [_vectors(self._model.get_txt_feat(text)) for text in texts]
        return unit_rows(np.concatenate(parts))


def _vectors(found: Any) -> Any:
    """The pooled vectors, which some versions return behind those of the patches."""
    pooled = found[-1] if isinstance(found, tuple) else found
    return pooled.float().cpu().numpy().reshape(len(pooled), -1)
