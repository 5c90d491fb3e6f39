"""Encoders of transformers: the states of a text's tokens, pooled to one vector.

For models that are not in sentence-transformers' form, and where it is not installed.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from transformers import AutoModel

from curator_engine.device import Device
from curator_engine.models.loading import load_from, place_of
from curator_engine.vectors.matrix import Matrix, unit_rows
from curator_text.models.classifier_files import folder_of, read_config
from curator_text.models.sentence_encoders import Pooling
from curator_text.models.text_classifier import TextTokenizer
from curator_text.models.token_batches import in_order, on_gpu_in_half, padded


class TransformerEncoder:
    """An encoder of transformers.

    Args:
        name: Folder or hub id.
        pooling: How states become a vector; auto goes by `1_Pooling/config.json`, and is the mean without it.
        device: Where to compute.

    Raises:
        InputError: There is no such model, or it cannot be read.
        ResourceError: A package is not installed, or a GPU is asked for and not there.
    """

    def __init__(self, name: str, *, pooling: Pooling = "auto", device: Device = "auto") -> None:
        self._place = place_of(device)
        folder = folder_of(name)
        self._tokenizer = TextTokenizer(name)
        network: Any = load_from(AutoModel, str(folder))
        self._network = network.to(self._place).eval()
        self.pooling = _pooling_of(folder) if pooling == "auto" else pooling

    def embed(
        self, texts: list[str], *, batch_size: int, max_chars: int | None
    ) -> tuple[Matrix, int]:
        """Vectors of length one, shape (texts, dims), and how many texts were cut."""
        shown = [text[:max_chars] for text in texts]
        ids, cut = self._tokenizer.tokens(shown)
        cut += sum(len(a) < len(b) for a, b in zip(shown, texts, strict=True))
        return self.embed_tokens(ids, batch_size=batch_size), cut

    def embed_tokens(self, ids: Sequence[Sequence[int]], *, batch_size: int) -> Matrix:
        """Vectors of length one, shape (texts, dims), of texts as `TextTokenizer` gives them."""
        rows = in_order(ids, self._compute, batch_size=batch_size)
        return unit_rows(np.stack(rows)) if rows else np.empty((0, 0), np.float32)

    def _compute(self, ids: list[Sequence[int]]) -> Matrix:
        batch = padded(ids, pad=self._tokenizer.pad, place=self._place)
        with torch.inference_mode(), on_gpu_in_half(self._place):
            states = self._network(**batch).last_hidden_state.float()
        mask = batch["attention_mask"]
        return self._pooled(states, mask.float(), mask.sum(1)).cpu().numpy()

    def _pooled(self, states: Any, mask: Any, lengths: Any) -> Any:
        if self.pooling == "cls":
            return states[:, 0]
        if self.pooling == "last":
            return states[torch.arange(len(states), device=states.device), lengths - 1]
        return (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)


def _pooling_of(folder: Path) -> Literal["mean", "cls", "last"]:
    if not (folder / "1_Pooling/config.json").is_file():
        return "mean"
    said = read_config(folder, "1_Pooling/config.json")
    if said.get("pooling_mode_cls_token"):
        return "cls"
    return "last" if said.get("pooling_mode_lasttoken") else "mean"
