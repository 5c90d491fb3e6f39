"""Cosmos-Embed1: clips and texts in one space. The model's folder brings its own Python code.

Written against the model's card; with its real weights it has not run here, see docs/models.md.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModel, AutoProcessor

from curator_engine.device import Device
from curator_engine.models.loading import load_from, place_of
from curator_engine.vectors.matrix import Matrix, unit_rows

_CLIPS_AT_A_TIME = 8


class CosmosEmbed1:
    """A model whose processor takes videos of eight frames, or texts."""

    num_frames = 8

    def __init__(
        self, name: str, *, device: Device = "auto", trust_remote_code: bool = False
    ) -> None:
        self._place = place_of(device)
        self._kind = torch.bfloat16 if self._place == "cuda" else torch.float32
        model = load_from(AutoModel, name, trust_remote_code=trust_remote_code, dtype=self._kind)
        self._model: Any = model.eval().to(self._place)
        self._processor: Any = load_from(AutoProcessor, name, trust_remote_code=trust_remote_code)

    def embed(self, clips: list[NDArray[np.uint8]]) -> Matrix:
        """Vectors of length one, shape (clips, dims), of frames of shape (8, height, width, 3)."""
        parts: list[Any] = []
        for start in range(0, len(clips), _CLIPS_AT_A_TIME):
            batch = np.stack(clips[start : start + _CLIPS_AT_A_TIME])
            parts.append(self.project(self.prepare(batch)))
        return unit_rows(np.concatenate(parts))

    def prepare(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """What the network takes of clips, shape (clips, 8, height, width, 3): their frames at its size, colours third."""
        found = self._processor(videos=clips.transpose(0, 1, 4, 2, 3))
        return np.asarray(found["videos"], np.float32)

    def project(self, prepared: NDArray[np.float32]) -> NDArray[np.float32]:
        """Vectors of what `prepare` gave, shape (clips, dims), of any length."""
        videos = torch.from_numpy(prepared).to(self._place, dtype=self._kind)
        with torch.inference_mode():
            found = self._model.get_video_embeddings(videos=videos).visual_proj
        return found.float().cpu().numpy()

    def embed_texts(self, texts: list[str]) -> Matrix:
        """Vectors of length one, shape (texts, dims), to be compared with those of clips."""
        inputs = self._processor(text=texts).to(self._place, dtype=self._kind)
        with torch.inference_mode():
            found = self._model.get_text_embeddings(**inputs).text_proj
        return unit_rows(found.float().cpu().numpy())
