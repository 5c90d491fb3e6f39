"""The networks of NeMo Curator's classifiers and their heads: an encoder and what is made of its states.

A network takes token ids and their mask, both of shape (texts, tokens), and gives numbers of shape (texts, outputs).
"""

import importlib
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoModel, AutoModelForSequenceClassification

from curator_engine.errors import InputError
from curator_engine.models.loading import load_from
from curator_text.models.classifier_files import encoder_config, read_config, weights_of

type Ids = torch.Tensor
"""Shape (texts, tokens)."""


class LabelNetwork(nn.Module):
    """An encoder and a linear layer on its first token: the probabilities of labels.

    Args:
        encoder: Configuration of the encoder.
        labels: How many labels.
    """

    def __init__(self, encoder: dict[str, Any], labels: int) -> None:
        super().__init__()
        self.model: Any = _encoder(encoder)
        self.fc = nn.Linear(self.model.config.hidden_size, labels)

    def forward(self, ids: Ids, mask: Ids) -> torch.Tensor:
        """Probabilities, shape (texts, labels)."""
        states = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
        return torch.softmax(self.fc(states[:, 0]).float(), dim=-1)


class _Head(nn.Module):
    """A linear layer by the name that the files have."""

    def __init__(self, size: int, outputs: int) -> None:
        super().__init__()
        self.fc = nn.Linear(size, outputs)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """Shape (texts, outputs)."""
        return self.fc(states)


class PromptNetwork(nn.Module):
    """An encoder and several linear layers on the mean of its states: the logits of all, side by side.

    Args:
        encoder: Configuration of the encoder.
        sizes: Outputs of each layer.
    """

    def __init__(self, encoder: dict[str, Any], sizes: list[int]) -> None:
        super().__init__()
        self.backbone: Any = _encoder(encoder)
        self._names = [f"head_{i}" for i in range(len(sizes))]
        for name, size in zip(self._names, sizes, strict=True):
            self.add_module(name, _Head(self.backbone.config.hidden_size, size))

    def forward(self, ids: Ids, mask: Ids) -> torch.Tensor:
        """Logits, shape (texts, all outputs)."""
        states = self.backbone(input_ids=ids, attention_mask=mask).last_hidden_state
        shown = mask.unsqueeze(-1).float()
        mean = (states * shown).sum(1) / shown.sum(1).clamp(min=1e-9)
        return torch.cat([self.get_submodule(name)(mean) for name in self._names], dim=-1).float()


class SequenceNetwork(nn.Module):
    """Any classifier that transformers itself knows: a score for one output, else the probabilities of labels."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Ids, mask: Ids) -> torch.Tensor:
        """Shape (texts, outputs)."""
        logits = self.model(input_ids=ids, attention_mask=mask).logits.float()
        return logits if logits.shape[-1] == 1 else torch.softmax(logits, dim=-1)


def label_network(folder: Path) -> LabelNetwork:
    """The network of a classifier of labels, such as domains.

    Raises:
        InputError: The folder holds something else.
    """
    config = read_config(folder)
    network = LabelNetwork(_base(folder, config), len(config.get("id2label", ())))
    return _filled(network, folder)


def prompt_network(folder: Path) -> PromptNetwork:
    """The network of the classifier of prompts.

    Raises:
        InputError: The folder holds something else.
    """
    config = read_config(folder)
    sizes = [int(size) for size in dict(config.get("target_sizes", {})).values()]
    return _filled(PromptNetwork(_base(folder, config), sizes), folder)


def sequence_network(folder: Path) -> SequenceNetwork:
    """The network of a sequence classifier of transformers.

    Raises:
        InputError: The folder holds something else.
    """
    return SequenceNetwork(
        load_from(AutoModelForSequenceClassification, str(folder), use_safetensors=True)
    )


def _base(folder: Path, config: dict[str, Any]) -> dict[str, Any]:
    if "base_model" not in config:
        raise InputError(
            f"{folder / 'config.json'} names no base_model, so {folder} is no model of this classifier; check --model."
        )
    return encoder_config(folder, str(config["base_model"]))


def _encoder(config: dict[str, Any]) -> Any:
    kind, rest = config.get("model_type"), {k: v for k, v in config.items() if k != "model_type"}
    try:
        made: Any = AutoConfig.for_model(str(kind), **rest)
        return AutoModel.from_config(made)
    except (ValueError, TypeError, KeyError) as error:
        reason = " ".join(str(error).split())[:120]
        raise InputError(f"the encoder {kind!r} of the model cannot be made ({reason}).") from error


def _filled[N: nn.Module](network: N, folder: Path) -> N:
    """The network with the weights of a folder, none of them left over or missing."""
    path = weights_of(folder)
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
