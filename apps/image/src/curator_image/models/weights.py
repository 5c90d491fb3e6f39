"""Where a model's weights lie: in a folder that is given, or on the hub."""

from pathlib import Path

from curator_engine.errors import InputError
from curator_engine.models import weights

NSFW = "laion/clip-autokeras-binary-nsfw"
NSFW_FILE = "clip_autokeras_binary_nsfw.pth"
"""The folder and file of LAION's NSFW head in NeMo Curator's folders of models."""


def model_place(model_dir: str | None, hub_id: str) -> str:
    """What to load a model from: a folder, or an id on the hub.

    Args:
        model_dir: A folder of the model, or one in which models lie by their ids on the hub; another
            id; or None for the model's own.
        hub_id: The model's own.
    """
    if model_dir is None:
        return hub_id
    below = Path(model_dir) / hub_id
    return str(below) if below.is_dir() else model_dir


def weights_file(model_dir: str | None, hub_id: str, name: str) -> str:
    """The file of a model's weights, from a file, a folder or the hub.

    Raises:
        InputError: There is none.
    """
    return weights.weights_file(model_place(model_dir, hub_id), name)


def nsfw_file(model_dir: str | None, weights_path: str | None) -> str:
    """The file with the weights of LAION's NSFW head, which is on no hub.

    Raises:
        InputError: It is not where it was said to be, or was given nowhere.
    """
    path = weights_path
    if model_dir and not path:
        below = Path(model_dir) / NSFW / NSFW_FILE
        path = str(below if below.is_file() else Path(model_dir) / NSFW_FILE)
    if not path:
        raise InputError(
            "the NSFW head is on no hub; get it from LAION's CLIP-based-NSFW-Detector and give its file."
        )
    if not Path(path).is_file():
        raise InputError(f"{path} does not exist; give the file with the weights of the NSFW head.")
    return path
