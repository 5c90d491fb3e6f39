"""Look whether a model can be had, before a run makes a folder and loads it in its workers."""

import importlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from curator_engine.errors import InputError
from curator_engine.models.model_names import check_model_name


def look_for_model(name: str, *, option: str = "--model") -> None:
    """Look whether a model is a folder, was fetched before, or is on the hub, of which its config.json is fetched.

    Libraries that load models ask for a minute where there is no network, and in every worker.

    Args:
        name: A folder, or an id on the hub.
        option: Where it was given.

    Raises:
        InputError: It is none of the three, or the hub cannot be asked.

    Example:
        >>> look_for_model("openai/clip-vit-large-patch14", option="--embed")
    """
    check_model_name(name, option=option)
    # Without it nothing can be fetched; what needs it says which extra brings it.
    if Path(name).is_dir() or find_spec("huggingface_hub") is None:
        return
    hub: Any = importlib.import_module("huggingface_hub")
    try:
        hub.snapshot_download(name, allow_patterns=["config.json"])
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0].removeprefix("Got: ")[:160]
        raise InputError(
            f"the model {name!r} is not here and cannot be fetched ({reason}). Where there is a network: hf download "
            f"{name} --local-dir FOLDER, then name that folder."
        ) from error
