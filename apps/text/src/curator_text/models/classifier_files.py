"""Where the files of a classifier are, and which encoder stands under its head. Nothing heavy is imported here."""

import importlib
import json
from pathlib import Path
from typing import Any

from curator_engine.errors import InputError, ResourceError
from curator_engine.models.model_names import check_model_name

_FILES = ["*.json", "*.safetensors", "*.model", "*.txt"]
_DEBERTA_V3 = {
    "model_type": "deberta-v2",
    "vocab_size": 128100,
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "hidden_act": "gelu",
    "max_position_embeddings": 512,
    "type_vocab_size": 0,
    "layer_norm_eps": 1e-7,
    "relative_attention": True,
    "position_buckets": 256,
    "max_relative_positions": -1,
    "norm_rel_ebd": "layer_norm",
    "share_att_key": True,
    "pos_att_type": ["p2c", "c2p"],
    "position_biased_input": False,
    "pad_token_id": 0,
}
KNOWN_ENCODERS: dict[str, dict[str, Any]] = {
    "microsoft/deberta-v3-base": _DEBERTA_V3,
    "microsoft/mdeberta-v3-base": {**_DEBERTA_V3, "vocab_size": 251000},
}
"""The shape of encoders that classifiers name, so that a classifier's own folder is enough: it has their weights."""


def folder_of(
    name: str,
    *,
    token: str | None = None,
    cache_dir: str | None = None,
    local_files_only: bool = False,
    into: str = "",
) -> Path:
    """The folder of a model; one on the hub is downloaded, once.

    Args:
        name: A folder, or an id on the hub.
        token: Of the hub, for models that need one.
        cache_dir: Folder of what was downloaded; None for that of HF_HOME.
        local_files_only: Take what was downloaded before, and download nothing.
        into: Folder in which it is looked for first, for the message; empty where `--model` names it.

    Raises:
        InputError: There is no such folder, and it cannot be fetched.
        ResourceError: It is on the hub, and the package that fetches is not installed.
    """
    check_model_name(name)
    if Path(name).is_dir():
        return Path(name)
    try:
        hub: Any = importlib.import_module("huggingface_hub")
    except ImportError as error:
        raise ResourceError(
            f"the model {name!r} needs the extra 'models' of curator-text; install it."
        ) from error
    try:
        return Path(
            hub.snapshot_download(
                name,
                allow_patterns=_FILES,
                token=token,
                cache_dir=cache_dir,
                local_files_only=local_files_only,
            )
        )
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:120]
        then = "--local-dir FOLDER, then --model FOLDER"
        raise InputError(
            f"the model {name!r} is not here and cannot be fetched ({reason}). Where there is a network: hf download "
            f"{name} {f'--local-dir {into}' if into else then}. Without: curator-text train makes a model of your texts."
        ) from error


def read_config(folder: Path, name: str = "config.json") -> dict[str, Any]:
    """A JSON file of a model's folder.

    Raises:
        InputError: It is not there, or no JSON object.
    """
    path = folder / name
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path} cannot be read, so {folder} is no such model; check --model."
        ) from error
    if not isinstance(found, dict):
        raise InputError(f"{path} is no JSON object, so {folder} is no such model; check --model.")
    known: dict[str, Any] = found
    return known


def encoder_config(folder: Path | None, base: str) -> dict[str, Any]:
    """The configuration of the encoder that a classifier names as its base.

    Args:
        folder: Of the classifier; None if it has none.
        base: A folder inside of it, one that is known, another folder, or an id on the hub.

    Raises:
        InputError: It cannot be found.
    """
    inside = None if folder is None else folder / base
    if folder and inside and inside.is_dir() and inside.resolve().is_relative_to(folder.resolve()):
        return read_config(inside)
    if base in KNOWN_ENCODERS:
        return KNOWN_ENCODERS[base]
    return read_config(folder_of(base))


def weights_of(folder: Path, name: str = "model.safetensors") -> Path:
    """The file of weights in a folder.

    Raises:
        InputError: It is not there; weights as pickles are not read.
    """
    path = folder / name
    if not path.is_file():
        raise InputError(
            f"{folder} has no {name}, and other files of weights are not read; save the model as safetensors."
        )
    return path
