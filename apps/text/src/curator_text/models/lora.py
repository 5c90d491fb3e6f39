"""Adapters of a model's weights (LoRA), as the package peft saves them: added to the weights once, then gone.

An adapter says for a layer with the weights W, shape (out, in), two small matrices A and B, shapes (rank, in) and
(out, rank). The layer becomes W + s B A, with s from the adapter's configuration.
"""

import importlib
import math
from pathlib import Path
from typing import Any

import torch

from curator_engine.errors import InputError
from curator_text.models.classifier_files import read_config, weights_of

_STEM = "base_model.model."
_A, _B = ".lora_A.weight", ".lora_B.weight"
_CONFIG = "adapter_config.json"


def merge_adapter(model: Any, folder: Path) -> None:
    """Add an adapter to the weights of a model, in place.

    Args:
        model: Of transformers.
        folder: With `adapter_config.json` and `adapter_model.safetensors`.

    Raises:
        InputError: The folder holds no adapter, one of another kind, or one of another model.
    """
    config = read_config(folder, _CONFIG)
    scale = _scale(config, folder)
    path = weights_of(folder, "adapter_model.safetensors")
    safetensors: Any = importlib.import_module("safetensors.torch")
    try:
        found: dict[str, torch.Tensor] = safetensors.load_file(path)
    except Exception as error:
        reason = " ".join(str(error).split())[:160]
        raise InputError(f"{path} cannot be read ({reason}).") from error
    for name in sorted({key.removesuffix(_A).removesuffix(_B) for key in found}):
        if name + _A not in found or name + _B not in found:
            raise InputError(f"{path} has {name}, which is no pair of an adapter; none is merged.")
        layer = _layer(model, name.removeprefix(_STEM), path)
        change = scale * (found[name + _B].float() @ found[name + _A].float())
        if config.get("fan_in_fan_out"):
            change = change.T
        if change.shape != layer.weight.shape:
            raise InputError(f"{path} does not fit the model at {name}, so it is of another one.")
        with torch.no_grad():
            merged = layer.weight.float() + change.to(layer.weight.device)
            layer.weight.copy_(merged.to(layer.weight.dtype))


def _scale(config: dict[str, Any], folder: Path) -> float:
    """The number that B A is multiplied by."""
    rank, alpha = config.get("r"), config.get("lora_alpha")
    other = config.get("use_dora") or config.get("rank_pattern") or config.get("alpha_pattern")
    plain = config.get("peft_type", "LORA") == "LORA" and not other
    if not plain or not isinstance(rank, int) or not isinstance(alpha, int | float) or rank < 1:
        raise InputError(
            f"{folder / _CONFIG} is no plain LoRA adapter; merge it with peft and save the model."
        )
    return float(alpha) / (math.sqrt(rank) if config.get("use_rslora") else rank)


def _layer(model: Any, name: str, path: Path) -> Any:
    try:
        return model.get_submodule(name)
    except AttributeError as error:
        raise InputError(
            f"{path} changes {name}, which the model lacks, so it is of another one."
        ) from error
