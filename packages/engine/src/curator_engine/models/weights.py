"""Find the file of a model's weights: on this machine, or on the hub."""

from pathlib import Path

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
