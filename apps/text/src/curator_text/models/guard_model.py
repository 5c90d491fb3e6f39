"""Guards: Llama Guard with an adapter, which answers in words, or whose state a head judges.

A text gets the same answer whatever it is computed together with, to the last bits of the processor's arithmetic.
"""

import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import AutoModelForCausalLM, AutoTokenizer

from curator_engine.batch_size import BatchSize
from curator_engine.device import Device
from curator_engine.errors import InputError
from curator_engine.models.generation import generate, load_pair
from curator_text.models.classifier_files import folder_of, read_config, weights_of
from curator_text.models.lora import merge_adapter

_ANSWER_TOKENS = 100
_HIDDEN = (2000, 500)


class PoisonHead(nn.Module):
    """NVIDIA's head on the last state of a text: four layers, and how likely the text is poisoned.

    Args:
        size: Of a state.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        first, second = _HIDDEN
        self.input_layer = nn.Linear(size, size)
        self.hidden_layer_0 = nn.Linear(size, first)
        self.hidden_layer_1 = nn.Linear(first, second)
        self.hidden_layer_2 = nn.Linear(second, 1)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """Shape (texts,), from (texts, size)."""
        found = nn.functional.normalize(states, dim=-1)
        for layer in (self.input_layer, self.hidden_layer_0, self.hidden_layer_1):
            found = torch.relu(layer(found))
        return torch.sigmoid(self.hidden_layer_2(found)).flatten()


class GuardModel:
    """Llama Guard with an adapter, and with a head if one is named.

    Example:
        >>> guard = GuardModel("LlamaGuard-7b", adapter="aegis")
        >>> guard.answers(TextTokenizer("LlamaGuard-7b").tokens([prompt])[0])
        ['safe']

    Args:
        base: Folder or hub id of the language model.
        adapter: Of the adapter.
        head: Of the head; None for none.
        device: Where to compute; auto takes a GPU where this process sees one, and bfloat16 there.
        token: Of the hub, for the language model.

    Raises:
        InputError: One of them is not there, or of another kind.
        ResourceError: A package is not installed, or a GPU is asked for and not there.
    """

    def __init__(
        self,
        base: str,
        *,
        adapter: str,
        head: str | None = None,
        device: Device = "auto",
        token: str | None = None,
    ) -> None:
        folder = str(folder_of(base, token=token))
        self._tokenizer, self._model = load_pair(
            folder, AutoTokenizer, AutoModelForCausalLM, device=device
        )
        merge_adapter(self._model, folder_of(adapter))
        self._pad = int(self._tokenizer.pad_token_id or 0)
        self._model.generation_config.pad_token_id = self._pad
        self._place: Any = self._model.device
        size = int(self._model.config.hidden_size)
        self._head = None if head is None else _head(head, size).to(self._place).eval()

    def answers(self, ids: Sequence[Sequence[int]], *, batch_size: int = 64) -> list[str]:
        """What the model says after each text.

        Args:
            ids: Of each text, as `TextTokenizer` gives them.
            batch_size: Texts that are computed together; fewer where a GPU's memory is too small.
        """
        return _in_order(ids, self._say, batch_size)

    def poisoned(
        self, ids: Sequence[Sequence[int]], *, batch_size: int = 64
    ) -> NDArray[np.float64]:
        """How likely each text is poisoned by its head, in [0, 1]; arguments as of `answers`."""
        return np.array(_in_order(ids, self._judge, batch_size), np.float64)

    def _say(self, ids: list[Sequence[int]]) -> list[str]:
        longest = max(1, *map(len, ids))
        # What fills up stands before a text, for its continuation must follow it.
        given = self._filled([[*[self._pad] * (longest - len(each)), *each] for each in ids])
        mask = self._filled([[0] * (longest - len(each)) + [1] * len(each) for each in ids])
        tokens = generate(self._model, {"input_ids": given, "attention_mask": mask}, _ANSWER_TOKENS)
        return self._tokenizer.batch_decode(tokens, skip_special_tokens=True)

    def _judge(self, ids: list[Sequence[int]]) -> list[float]:
        longest = max(1, *map(len, ids))
        # A token sees those before it only, so what fills up behind makes no difference.
        given = self._filled([[*each, *[self._pad] * (longest - len(each))] for each in ids])
        with torch.inference_mode():
            states = self._model.model(input_ids=given).last_hidden_state
            last = [max(0, len(each) - 1) for each in ids]
            rows = states[torch.arange(len(ids)), torch.tensor(last)].float()
            return self._head(rows).cpu().tolist() if self._head is not None else []

    def _filled(self, rows: list[list[int]]) -> torch.Tensor:
        return torch.tensor(rows).to(self._place)


def _in_order[T](ids: Sequence[Sequence[int]], compute: Any, batch_size: int) -> list[T]:
    """What is computed of each text, those of like lengths together."""
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    batch = BatchSize(size=batch_size, unit="texts")
    parts: list[list[T]] = batch.each(
        len(order), lambda a, b: compute([ids[i] for i in order[a:b]])
    )
    found = dict(zip(order, (each for part in parts for each in part), strict=True))
    return [found[i] for i in range(len(ids))]


def _head(name: str, size: int) -> PoisonHead:
    folder = folder_of(name)
    wanted = read_config(folder).get("input_dim", size)
    path, head = weights_of(folder), PoisonHead(size)
    safetensors: Any = importlib.import_module("safetensors.torch")
    try:
        head.load_state_dict(safetensors.load_file(path))
    except Exception as error:
        raise InputError(
            f"{path} is no head for states of {size} numbers (it says {wanted}); check --model."
        ) from error
    return head
