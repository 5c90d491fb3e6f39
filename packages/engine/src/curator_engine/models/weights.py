"""Find the files of a model's weights: on this machine, or on the hub."""

from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError
from transformers.utils.hub import cached_file

from curator_engine.errors import InputError
from curator_engine.models.model_names import check_model_name


def weights_file(place: str, name: str) -> str:
    """The file of a model's weights.

    Args:
        place: The file itself, the folder that it is in, or the model's id on the hub.
        name: Of the file.

    Raises:
        InputError: There is none.
    """
    if Path(place).is_file():
        return place
    if Path(place).is_dir():
        if (path := Path(place) / name).is_file():
            return str(path)
        raise InputError(f"{place} holds no {name}; give the folder or the file of the weights.")
    check_model_name(place)
    try:
        return str(cached_file(place, name))
    except OSError as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"the model {place!r} cannot be loaded ({reason}); check it.") from error


def weights_below(folder: str, hub_id: str, name: str) -> str:
    """The file of a model's weights, for callers who name a folder of models.

    Args:
        folder: In which models lie by their ids on the hub, or the model's own.
        hub_id: The model's own; it is asked for where the folder has no such file.
        name: Of the file.

    Raises:
        InputError: There is none.
    """
    for path in (Path(folder) / hub_id / name, Path(folder) / name):
        if path.is_file():
            return str(path)
    return weights_file(hub_id, name)


def fetch_model(folder: str, hub_id: str) -> None:
    """Put a model's safetensors and settings into a folder of models, below its id; nothing if they are there.

    Raises:
        InputError: It cannot be fetched.
    """
    place = Path(folder) / hub_id
    if any(place.glob("*.safetensors")):
        return
    try:
        snapshot_download(
            hub_id, local_dir=place, allow_patterns=["*.safetensors", "*.json", "*.txt"]
        )
    except (OSError, ValueError, HfHubHTTPError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"the model {hub_id!r} cannot be fetched ({reason}).") from error
