"""The networks of NeMo Curator's classifiers and their heads: an encoder and what is made of its states.

A network takes a batch of token ids and their mask. The classes and the names of their weights are NeMo Curator's.
"""

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import torch
from torch import nn
from transformers import AutoConfig, AutoModel, AutoModelForSequenceClassification

from curator_engine.errors import InputError
from curator_engine.models.loading import load_from
from curator_text.models.classifier_files import (
    encoder_config,
    folder_of,
    read_config,
    weights_of,
)
from curator_text.models.prompt_scores import prompt_columns

type Batch = Mapping[str, torch.Tensor]
"""Token ids (`input_ids`) and their mask (`attention_mask`), both of shape (texts, tokens)."""


class Deberta(nn.Module):
    """An encoder and a linear layer on its first token: the probabilities of labels.

    The names of weights are those of NVIDIA's public models.

    Example:
        >>> network = Deberta.from_pretrained("nvidia/domain-classifier")

    Args:
        config: `base_model`, the encoder (a folder, an id on the hub, or its configuration); `id2label`;
            `fc_dropout`, which matters in training only.

    Raises:
        InputError: Something is missing in the configuration, or the encoder is of an unknown kind.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        self.model: Any = _encoder(config)
        self.dropout = nn.Dropout(float(config.get("fc_dropout", 0.0)))
        self.fc = nn.Linear(self.model.config.hidden_size, len(config.get("id2label", ())))

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return next(self.parameters()).device

    def forward(self, batch: Batch) -> torch.Tensor:
        """Probabilities, shape (texts, labels)."""
        states = self.model(**_only_tokens(batch)).last_hidden_state
        return torch.softmax(self.fc(self.dropout(states[:, 0])).float(), dim=-1)

    @classmethod
    def from_pretrained(cls, name: str, *, token: str | None = None) -> Self:
        """The network of a folder or of an id on the hub, with its weights.

        Raises:
            InputError: There is no such model, or it is one of another kind.
        """
        return _loaded(cls, folder_of(name, token=token))


class MeanPooling(nn.Module):
    """The mean of the states of a text's tokens."""

    def forward(
        self, last_hidden_state: torch.Tensor, attention_mask: torch.Tensor
    ) -> torch.Tensor:
        """Shape (texts, size), from (texts, tokens, size) and (texts, tokens)."""
        shown = attention_mask.unsqueeze(-1).float()
        return (last_hidden_state * shown).sum(1) / shown.sum(1).clamp(min=1e-9)


class MulticlassHead(nn.Module):
    """A linear layer, by the name that the files have.

    Args:
        input_size: Of a state.
        num_classes: Outputs.
    """

    def __init__(self, input_size: int, num_classes: int) -> None:
        super().__init__()
        self.fc = nn.Linear(input_size, num_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Shape (texts, classes)."""
        return self.fc(x)


class CustomDeberta(nn.Module):
    """An encoder and several linear layers on the mean of its states: the task of a prompt, and how complex it is.

    Args:
        config: `base_model` as of `Deberta`; `target_sizes`, the classes of each layer by its name;
            `task_type_map`, `weights_map` and `divisor_map`, what they mean.

    Raises:
        InputError: As of `Deberta`.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        self.backbone: Any = _encoder(config)
        self._config = dict(config)
        sizes = [int(size) for size in dict(config.get("target_sizes", {})).values()]
        self._names = [f"head_{i}" for i in range(len(sizes))]
        for name, size in zip(self._names, sizes, strict=True):
            self.add_module(name, MulticlassHead(self.backbone.config.hidden_size, size))
        self.pool = MeanPooling()

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return next(self.parameters()).device

    def logits(self, batch: Batch) -> torch.Tensor:
        """Those of all layers side by side, shape (texts, all classes)."""
        states = self.backbone(**_only_tokens(batch)).last_hidden_state
        mean = self.pool(states, batch["attention_mask"])
        return torch.cat([self.get_submodule(name)(mean) for name in self._names], dim=-1).float()

    def forward(self, batch: Batch) -> dict[str, list[Any]]:
        """The columns of `prompt_scores.PROMPT_FIELDS`, each of length (texts,)."""
        with torch.no_grad():
            return prompt_columns(self.logits(batch).cpu().numpy(), self._config)

    @classmethod
    def from_pretrained(cls, name: str, *, token: str | None = None) -> Self:
        """The network of a folder or of an id on the hub, with its weights.

        Raises:
            InputError: There is no such model, or it is one of another kind.
        """
        return _loaded(cls, folder_of(name, token=token))


class SequenceNetwork(nn.Module):
    """Any classifier that transformers itself knows: a score for one output, else the probabilities of labels.

    Args:
        model: Of `AutoModelForSequenceClassification`.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, batch: Batch) -> torch.Tensor:
        """Shape (texts, outputs)."""
        logits = self.model(**_only_tokens(batch)).logits.float()
        return logits if logits.shape[-1] == 1 else torch.softmax(logits, dim=-1)

    @classmethod
    def from_pretrained(cls, name: str, *, token: str | None = None) -> Self:
        """The network of a folder or of an id on the hub, with its weights.

        Raises:
            InputError: There is no such model, or it is one of another kind.
        """
        folder = str(folder_of(name, token=token))
        return cls(load_from(AutoModelForSequenceClassification, folder, use_safetensors=True))


def load_weights[N: nn.Module](network: N, path: Path) -> N:
    """The network with the weights of a file, none of them left over or missing.

    Args:
        network: Is changed in place.
        path: In safetensors' form.

    Raises:
        InputError: The file cannot be read, or holds the weights of another network.
    """
    safetensors: Any = importlib.import_module("safetensors.torch")
    try:
        found: dict[str, torch.Tensor] = safetensors.load_file(path)
        # Made of the length of texts, and not saved by every version.
        own = {k: v for k, v in found.items() if not k.endswith("position_ids")}
        missing, unknown = network.load_state_dict(own, strict=False)
    except Exception as error:
        reason = " ".join(str(error).split())[:160]
        raise InputError(
            f"{path} does not hold the weights of this classifier ({reason})."
        ) from error
    missing = [name for name in missing if not name.endswith("position_ids")]
    if missing or unknown:
        name = [*missing, *unknown][0]
        word = "lacks" if missing else "has"
        raise InputError(f"{path} {word} {name}, so it is not a model of this classifier.")
    return network


def _loaded[N: nn.Module](cls: Callable[[Mapping[str, Any]], N], folder: Path) -> N:
    config = read_config(folder)
    if "base_model" not in config:
        raise InputError(
            f"{folder / 'config.json'} names no base_model, so {folder} is no model of this classifier; check --model."
        )
    base = encoder_config(folder, str(config["base_model"]))
    return load_weights(cls({**config, "base_model": base}), weights_of(folder))


def _only_tokens(batch: Batch) -> dict[str, torch.Tensor]:
    return {name: batch[name] for name in ("input_ids", "attention_mask")}


def _encoder(config: Mapping[str, Any]) -> Any:
    base: Any = config.get("base_model")
    if base is None:
        raise InputError("the configuration of the classifier names no base_model.")
    shape: dict[str, Any] = encoder_config(None, base) if isinstance(base, str) else base
    kind, rest = shape.get("model_type"), {k: v for k, v in shape.items() if k != "model_type"}
    try:
        made: Any = AutoConfig.for_model(str(kind), **rest)
        return AutoModel.from_config(made)
    except (ValueError, TypeError, KeyError) as error:
        reason = " ".join(str(error).split())[:120]
        raise InputError(f"the encoder {kind!r} of the model cannot be made ({reason}).") from error
