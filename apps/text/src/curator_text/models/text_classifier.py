"""Classifiers of texts: texts to tokens, tokens in batches of like lengths through a network, its outputs as columns.

A text gets the same answer whatever it is computed together with, to the last bits of the processor's arithmetic.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoTokenizer

from curator_engine.device import Device
from curator_engine.errors import InputError
from curator_engine.models.loading import load_from, place_of
from curator_text.models.classifier_files import folder_of, read_config
from curator_text.models.classifier_networks import CustomDeberta, Deberta, SequenceNetwork
from curator_text.models.prompt_scores import prompt_columns
from curator_text.models.token_batches import in_order, on_gpu_in_half, padded

type Head = Literal["labels", "score", "prompt", "auto"]
"""What stands on the encoder; auto: a sequence classifier of transformers, of labels or of one score."""
type Columns = dict[str, list[Any]]
type Outputs = NDArray[np.float32]

_ENDLESS = 100_000
"""Tokenizers say a huge number where they know no limit."""
_NETWORKS: dict[str, Any] = {
    "labels": Deberta,
    "prompt": CustomDeberta,
    "score": SequenceNetwork,
    "auto": SequenceNetwork,
}
_LOWEST, _HIGHEST, _MIDDLE = 0.0, 5.0, 2.5
"""Of an educational score; from the middle on a text is of high quality."""


class TextTokenizer:
    """The tokenizer of a classifier.

    Args:
        name: Folder or hub id of the model.
        max_chars: Characters of a text that are looked at; None: all.
        max_seq_length: Tokens of a text that are looked at, if the tokenizer takes so many; None: as many as the model takes.
        token: Of the hub, for models that need one.
    """

    def __init__(
        self,
        name: str,
        *,
        max_chars: int | None = None,
        max_seq_length: int | None = None,
        token: str | None = None,
    ) -> None:
        folder = folder_of(name, token=token)
        self._tokenizer: Any = load_from(AutoTokenizer, str(folder))
        self._max_chars = max_chars
        self.pad = int(self._tokenizer.pad_token_id or 0)
        limit = int(min(self._tokenizer.model_max_length, _ENDLESS))
        self.longest = min(max_seq_length or _longest(self._tokenizer, folder), limit)

    def tokens(self, texts: Sequence[str]) -> tuple[list[list[int]], int]:
        """The ids of each text, with those of the ends, and how many texts were cut."""
        most = self._max_chars
        shown = [_whole(text if most is None else text[:most]) for text in texts]
        if not shown:
            return [], 0
        coded = self._tokenizer(
            shown, truncation=True, max_length=self.longest, return_attention_mask=False
        )
        ids: list[list[int]] = coded["input_ids"]
        # Only fast tokenizers say what they left out; of others a full text counts as cut.
        left_out = [each.overflowing for each in coded.encodings or ()] or [
            len(each) >= self.longest for each in ids
        ]
        cut = [
            bool(rest) or len(each) < len(text)
            for rest, each, text in zip(left_out, shown, texts, strict=True)
        ]
        return ids, sum(cut)


class TextClassifier:
    """A network with what its outputs mean.

    Example:
        >>> tokenizer, model = TextTokenizer(NAME), TextClassifier(NAME, head="labels")
        >>> model.predict(tokenizer.tokens(["A text."])[0])

    Args:
        name: Folder or hub id.
        head: What stands on the encoder.
        device: Where to compute; auto takes a GPU where this process sees one.
        autocast: On a GPU, compute in half precision.
        pad: Id of what fills up a batch; what it is makes no difference.
        token: Of the hub, for models that need one.

    Raises:
        InputError: There is no such model, or it is one of another kind.
        ResourceError: A package is not installed, or a GPU is asked for and not there.
    """

    def __init__(
        self,
        name: str,
        *,
        head: Head,
        device: Device = "auto",
        autocast: bool = True,
        pad: int = 0,
        token: str | None = None,
    ) -> None:
        self._place = place_of(device)
        folder = folder_of(name, token=token)
        self._config = read_config(folder)
        network: Any = _NETWORKS[head].from_pretrained(str(folder))
        self.head: Head = head
        self.labels = [] if head in ("prompt", "score") else _labels(self._config, folder)
        if head == "auto" and len(self.labels) == 1:
            self.head, self.labels = "score", []
        elif head == "auto":
            self.head = "labels"
        network.to(self._place).eval()
        self._ask: Any = network.logits if head == "prompt" else network
        self._half = autocast
        self._pad = pad

    def predict(self, ids: Sequence[Sequence[int]], *, batch_size: int = 256) -> Columns:
        """The columns of the answers, by what they are, each of length (texts,).

        Of labels: `label` and `probs`, the probabilities of all labels; of a score: `label`, `float` and `int`; of
        prompts: those of `prompt_scores`.

        Args:
            ids: Of each text, as `TextTokenizer` gives them.
            batch_size: Texts that are computed together; fewer where a GPU's memory is too small.
        """
        return self.columns(self.outputs(ids, batch_size=batch_size))

    def outputs(self, ids: Sequence[Sequence[int]], *, batch_size: int = 256) -> Outputs:
        """What the network says of each text, shape (texts, outputs)."""
        rows = in_order(ids, self._compute, batch_size=batch_size)
        return np.stack(rows) if rows else np.empty((0, 1), np.float32)

    def columns(self, outputs: Outputs) -> Columns:
        """What the outputs of the network mean."""
        if self.head == "prompt":
            return prompt_columns(outputs, self._config)
        if self.head == "score":
            return _score_columns(outputs)
        names = [self.labels[i] for i in outputs.argmax(axis=1).tolist()] if len(outputs) else []
        return {"label": names, "probs": outputs.astype(np.float64).tolist()}

    def _compute(self, ids: list[Sequence[int]]) -> Outputs:
        batch = padded(ids, pad=self._pad, place=self._place)
        with torch.inference_mode(), on_gpu_in_half(self._place, wanted=self._half):
            return self._ask(batch).float().cpu().numpy()


def _labels(config: dict[str, Any], folder: Path) -> list[str]:
    names = config.get("id2label") or {}
    try:
        return [str(names[str(i)]) for i in range(len(names))] or [""]
    except KeyError as error:
        raise InputError(
            f"the labels in {folder / 'config.json'} are not numbered from 0; check --model."
        ) from error


def _longest(tokenizer: Any, folder: Path) -> int:
    """Tokens that the model takes."""
    if tokenizer.model_max_length < _ENDLESS:
        return int(tokenizer.model_max_length)
    return int(read_config(folder).get("max_position_embeddings") or 512)


def _score_columns(outputs: Outputs) -> Columns:
    raw = outputs[:, 0].astype(np.float64)
    scores = np.clip(raw, _LOWEST, _HIGHEST)
    return {
        "label": ["high_quality" if each >= _MIDDLE else "low_quality" for each in raw.tolist()],
        "float": scores.tolist(),
        # Halves go to the even number, as Python rounds.
        "int": [round(each) for each in scores.tolist()],
    }


def _whole(text: str) -> str:
    """The text without halves of surrogate pairs, which tokenizers refuse."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
