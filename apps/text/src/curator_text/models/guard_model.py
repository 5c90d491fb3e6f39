"""Guards: Llama Guard with an adapter, which answers in words, or whose state a head judges.

A text gets the same answer whatever it is computed together with, to the last bits of the processor's arithmetic.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import AutoModelForCausalLM, AutoTokenizer

from curator_engine.device import Device
from curator_engine.errors import InputError
from curator_engine.models.loading import load_from, place_of
from curator_text.models.classifier_files import folder_of, read_config, weights_of
from curator_text.models.classifier_networks import load_weights
from curator_text.models.lora import merge_adapter
from curator_text.models.token_batches import in_order, padded

_ANSWER_TOKENS = 100
_HIDDEN = (2000, 500)


class InstructionDataGuardNet(nn.Module):
    """NVIDIA's head on the last state of a text: four layers, and how likely the text is poisoned.

    Args:
        input_dim: Size of a state.
        dropout: Matters in training only.
    """

    def __init__(self, input_dim: int, dropout: float = 0.7) -> None:
        super().__init__()
        first, second = _HIDDEN
        self.input_dim = input_dim
        self.dropout = nn.Dropout(dropout)
        self.input_layer = nn.Linear(input_dim, input_dim)
        self.hidden_layer_0 = nn.Linear(input_dim, first)
        self.hidden_layer_1 = nn.Linear(first, second)
        self.hidden_layer_2 = nn.Linear(second, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """In [0, 1], shape (texts, 1), from (texts, size)."""
        found = nn.functional.normalize(x, dim=-1)
        for layer in (self.input_layer, self.hidden_layer_0, self.hidden_layer_1):
            found = torch.relu(layer(self.dropout(found)))
        return torch.sigmoid(self.hidden_layer_2(self.dropout(found)))

    @classmethod
    def from_pretrained(
        cls,
        name: str,
        *,
        input_dim: int | None = None,
        cache_dir: str | None = None,
        local_files_only: bool = False,
    ) -> Self:
        """The head of a folder or of an id on the hub, with its weights.

        Args:
            name: Folder or hub id.
            input_dim: What the states have; None for what the configuration says.
            cache_dir: Folder of what was downloaded; None for that of HF_HOME.
            local_files_only: Download nothing.

        Raises:
            InputError: There is no such head, or one for states of another size.
        """
        folder = folder_of(name, cache_dir=cache_dir, local_files_only=local_files_only)
        said = read_config(folder).get("input_dim")
        head, path = cls(int(input_dim or said or 0)), weights_of(folder)
        try:
            return load_weights(head, path)
        except InputError as error:
            raise InputError(
                f"{path} is no head for states of {head.input_dim} numbers (it says {said}); check --model."
            ) from error


class AegisModel(nn.Module):
    """Llama Guard with an adapter, which is added to its weights, and with a head if one is wanted.

    Example:
        >>> model = AegisModel("LlamaGuard-7b", AEGIS_VARIANTS[0])

    Args:
        pretrained_model_name_or_path: Folder or hub id of the language model.
        peft_model_name_or_path: Folder or hub id of the adapter.
        dtype: What it computes in.
        cache_dir: Folder of what was downloaded; None for that of HF_HOME.
        local_files_only: Download nothing.
        hf_token: Of the hub, for the language model; True and False stand for that of HF_TOKEN.
        add_instruction_data_guard: Have `instruction_data_guard_net`, which has no weights yet.

    Raises:
        InputError: One of both is not there, or of another kind.
    """

    def __init__(
        self,
        pretrained_model_name_or_path: str,
        peft_model_name_or_path: str,
        dtype: torch.dtype = torch.bfloat16,
        cache_dir: str | None = None,
        local_files_only: bool = True,
        hf_token: str | bool | None = None,
        add_instruction_data_guard: bool = False,
    ) -> None:
        super().__init__()
        where: dict[str, Any] = {"cache_dir": cache_dir, "local_files_only": local_files_only}
        token = hf_token if isinstance(hf_token, str) else None
        base = folder_of(pretrained_model_name_or_path, token=token, **where)
        self.model: Any = load_from(AutoModelForCausalLM, str(base), dtype=dtype)
        merge_adapter(self.model, folder_of(peft_model_name_or_path, **where))
        self.add_instruction_data_guard = add_instruction_data_guard
        size = int(self.model.config.hidden_size)
        if add_instruction_data_guard:
            self.instruction_data_guard_net = InstructionDataGuardNet(size)

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return next(self.parameters()).device

    def forward(self, batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """The tokens of each text and of the answer to it, shape (texts, tokens); with a head, scores in [0, 1], shape (texts,).

        Args:
            batch: `input_ids` and `attention_mask`, filled up on the left.
        """
        with torch.inference_mode():
            if self.add_instruction_data_guard:
                states = self.model.model(**batch).last_hidden_state
                return self.instruction_data_guard_net(states[:, -1].float()).flatten()
            return self.model.generate(**batch, max_new_tokens=_ANSWER_TOKENS, do_sample=False)


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
        self._place = place_of(device)
        dtype = torch.bfloat16 if self._place == "cuda" else torch.float32
        folder = str(folder_of(base, token=token))
        self._tokenizer: Any = load_from(AutoTokenizer, folder)
        self._model = AegisModel(
            folder, adapter, dtype, local_files_only=False, add_instruction_data_guard=bool(head)
        )
        language: Any = self._model.model
        if head:
            size = int(language.config.hidden_size)
            net = InstructionDataGuardNet.from_pretrained(head, input_dim=size)
            self._model.instruction_data_guard_net = net
        self._pad = int(self._tokenizer.pad_token_id or 0)
        language.generation_config.pad_token_id = self._pad
        self._model.to(self._place).eval()

    def answers(self, ids: Sequence[Sequence[int]], *, batch_size: int = 64) -> list[str]:
        """What the model says after each text.

        Args:
            ids: Of each text, as `TextTokenizer` gives them.
            batch_size: Texts that are computed together; fewer where a GPU's memory is too small.
        """
        return in_order(ids, self._say, batch_size=batch_size)

    def poisoned(
        self, ids: Sequence[Sequence[int]], *, batch_size: int = 64
    ) -> NDArray[np.float64]:
        """How likely each text is poisoned by its head, in [0, 1]; arguments as of `answers`."""
        return np.array(in_order(ids, self._judge, batch_size=batch_size), np.float64)

    def _say(self, ids: list[Sequence[int]]) -> list[str]:
        batch = self._filled(ids)
        tokens = self._model(batch)[:, batch["input_ids"].shape[1] :]
        return self._tokenizer.batch_decode(tokens, skip_special_tokens=True)

    def _judge(self, ids: list[Sequence[int]]) -> list[float]:
        return self._model(self._filled(ids)).cpu().tolist()

    def _filled(self, ids: list[Sequence[int]]) -> dict[str, torch.Tensor]:
        # What fills up stands before a text, for its continuation must follow it.
        return padded(ids, pad=self._pad, side="left", place=self._place)
