"""Names of models: a folder, or an id on the hub such as `org/name`."""

import re
from pathlib import Path

from curator_engine.errors import InputError

CLIP = "openai/clip-vit-large-patch14"
AESTHETIC = "ttj/sac-logos-ava1-l14-linearMSE"
AESTHETIC_FILE = "model.safetensors"
"""The CLIP model and LAION's aesthetic head on it that NeMo Curator uses, by their ids on the hub, and the head's file."""

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
