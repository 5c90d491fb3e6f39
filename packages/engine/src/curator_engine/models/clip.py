"""CLIP: frames and texts in one space. A clip's vector is the mean of its frames' vectors."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoTokenizer, CLIPModel
from transformers.utils.hub import cached_file

from curator_engine.batch_size import BatchSize
from curator_engine.device import Device
from curator_engine.errors import InputError
from curator_engine.models.loading import load_from, normalized, place_of, squared
from curator_engine.vectors.matrix import Matrix, unit_rows

_FRAMES_AT_A_TIME = 64
_MEAN = [0.48145466, 0.4578275, 0.40821073]
_DEVIATION = [0.26862954, 0.26130258, 0.27577711]


class Clip:
    """A CLIP model of transformers' form."""

    num_frames = 8

    def __init__(self, name: str, *, device: Device = "auto") -> None:
        self._name = name
        self._place = place_of(device)
        kind = torch.float16 if self._place == "cuda" else torch.float32
        self._model: Any = load_from(CLIPModel, name, dtype=kind).eval().to(self._place)
        self._kind = kind
        self._side = int(self._model.config.vision_config.image_size)
        facts = _preprocessor(name)
        self._mean = facts.get("image_mean") or _MEAN
        self._deviation = facts.get("image_std") or _DEVIATION
        self._tokenizer: Any = None
        self._batch = BatchSize(size=_FRAMES_AT_A_TIME, unit="frames")

    def embed(self, clips: list[NDArray[np.uint8]]) -> Matrix:
        """Vectors of length one, shape (clips, dims), of frames of shape (frames, height, width, 3)."""
        if not clips:
            return np.empty((0, self._model.config.projection_dim), np.float32)
        frames = self.embed_frames(np.concatenate([self._fitted(each) for each in clips]))
        ends = np.cumsum([len(each) for each in clips])[:-1]
        return unit_rows(np.array([part.mean(axis=0) for part in np.split(frames, ends)]))

    def embed_frames(self, frames: NDArray[np.uint8]) -> Matrix:
        """Vectors of length one, shape (frames, dims), of RGB frames of one size."""
        fitted = self._fitted(frames)

        def embed(start: int, end: int) -> Any:
            part = fitted[start:end]
            pixels = normalized(part, self._mean, self._deviation, place=self._place)
            with torch.inference_mode():
                out = self._model.get_image_features(pixel_values=pixels.to(self._kind))
            return out.pooler_output.float().cpu().numpy()

        return unit_rows(np.concatenate(self._batch.each(len(fitted), embed)))

    def embed_texts(self, texts: list[str]) -> Matrix:
        """Vectors of length one, shape (texts, dims), to be compared with those of clips.

        Raises:
            InputError: The model comes without a tokenizer.
        """
        if self._tokenizer is None:
            self._tokenizer = load_from(AutoTokenizer, self._name)
        limit = self._model.config.text_config.max_position_embeddings
        words = self._tokenizer(
            texts, padding=True, truncation=True, max_length=limit, return_tensors="pt"
        )
        with torch.inference_mode():
            out = self._model.get_text_features(
                input_ids=words["input_ids"].to(self._place),
                attention_mask=words["attention_mask"].to(self._place),
            )
        return unit_rows(out.pooler_output.float().cpu().numpy())

    def _fitted(self, frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if frames.shape[1:3] == (self._side, self._side):
            return frames
        return squared(frames, self._side, crop=True)


def _preprocessor(name: str) -> dict[str, Any]:
    """What the model says of its pictures; empty if it says nothing.

    Raises:
        InputError: The file is no JSON.
    """
    path: Any = cached_file(
        name, "preprocessor_config.json", _raise_exceptions_for_missing_entries=False
    )
    if path is None:
        return {}
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path} is no JSON; get the model again.") from error
