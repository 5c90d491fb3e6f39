"""Names of models: a folder, or an id on the hub such as `org/name`."""

import re
from pathlib import Path
from typing import Any

from curator_engine.errors import InputError

CLIP = "openai/clip-vit-large-patch14"
AESTHETIC = "ttj/sac-logos-ava1-l14-linearMSE"
AESTHETIC_FILE = "model.safetensors"
"""The CLIP model and LAION's aesthetic head on it that NeMo Curator uses, by their ids on the hub, and the head's file."""

_FEW = 8
"""Tokens besides marks such as [CLS] among which a word is looked for; one that is made of nothing has two."""
_HUB_ID = re.compile(r"\w[\w.-]*/\w[\w.-]*")


def may_be_model(name: str) -> bool:
    """Whether the name is a folder's, or has the form of a hub id; nothing is loaded or asked."""
    return bool(name) and (Path(name).is_dir() or _HUB_ID.fullmatch(name) is not None)


def model_below(folder: str, hub_id: str) -> str:
    """Where a model is, for callers who name a folder of models: what to load it from.

    Args:
        folder: In which models lie by their ids on the hub; a model's own folder; or the http(s) URL of
            an endpoint.
        hub_id: The model's own; it is the answer where the folder has no model.
    """
    if (below := Path(folder) / hub_id).is_dir():
        return str(below)
    is_one = folder.startswith(("http://", "https://")) or (Path(folder) / "config.json").is_file()
    return folder if is_one else hub_id


def check_model_name(name: str, *, option: str = "--model") -> None:
    """Look whether the name can be a model's, without loading anything.

    Args:
        name: What was given.
        option: Where it was given.

    Raises:
        InputError: It is neither a folder nor of the form of a hub id.
    """
    if not may_be_model(name):
        raise InputError(f"the model {name!r} is neither a folder nor a hub id; check {option}.")


def check_vocabulary(loaded: Any, name: str) -> None:
    """Make sure that a tokenizer knows words: transformers makes one of marks only where a folder has no files of it.

    All texts would be the same to the model then.

    Args:
        loaded: What transformers gave; a processor counts by its tokenizer, and all else passes.
        name: Of the model.

    Raises:
        InputError: It knows none.
    """
    tokenizer = getattr(loaded, "tokenizer", loaded)
    marks = getattr(tokenizer, "all_special_tokens", None)
    if marks is None or len(tokenizer) > len(marks) + _FEW:
        return
    words = set(tokenizer.get_vocab()) - set(marks)
    if not any(letter.isalnum() for word in words for letter in word):
        raise InputError(
            f"the model {name!r} has no files of its tokenizer, as tokenizer.json; save them beside its weights."
        )
