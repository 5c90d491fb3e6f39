"""Load models from a folder or the hub, with errors of one line; and pictures as they want them."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from transformers.utils import logging as transformers_logging

from curator_engine.device import Device, choose_device
from curator_engine.errors import InputError, ResourceError
from curator_engine.models.model_names import check_model_name, check_vocabulary


def place_of(device: Device) -> Literal["cpu", "cuda"]:
    """Torch's name of the device that is meant.

    Raises:
        ResourceError: A GPU is asked for and there is none.
    """
    return "cuda" if choose_device(device) == "gpu" else "cpu"


@contextmanager
def one_thread() -> Generator[None]:
    """Let torch compute on one thread of the CPU: for networks of many small layers.

    Their threads wait for each other after each layer, and burn the CPU meanwhile: on a busy machine two
    take ten times the CPU of one.

    Example:
        >>> with one_thread():
        ...     vectors = network(clips)
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def load_from(loader: Any, name: str, *, trust_remote_code: bool = False, **options: Any) -> Any:
    """What `from_pretrained` of a class of transformers gives.

    Args:
        loader: The class.
        name: Folder of the model, or its id on the hub.
        trust_remote_code: Let Python code in the folder run.
        options: For `from_pretrained`.

    Raises:
        InputError: There is no such model, it cannot be read, or it needs its own code to run.
        ResourceError: It needs a package that is not installed.
    """
    check_model_name(name)
    # Its bars would be drawn among our own lines.
    transformers_logging.disable_progress_bar()
    try:
        found = loader.from_pretrained(name, trust_remote_code=trust_remote_code, **options)
    except ImportError as error:
        reason = _first_sentence(error)
        raise ResourceError(
            f"the model {name!r} needs a package that is not installed ({reason}); install it."
        ) from error
    except Exception as error:
        reason = _first_sentence(error)
        if "trust_remote_code" in str(error) and not trust_remote_code:
            raise InputError(
                f"the model {name!r} comes with its own Python code; read it, then let it run with "
                "--trust-remote-code."
            ) from error
        raise InputError(f"the model {name!r} cannot be loaded ({reason}); check it.") from error
    check_vocabulary(found, name)
    return found


def load_network(loader: Any, name: str, *, may_lack: str = "", **options: Any) -> Any:
    """A network, all of whose weights are in its files; transformers would make up those that are not.

    Args:
        loader: The class.
        name: Folder of the model, or its id on the hub.
        may_lack: End of the names of weights that need not be there.
        options: For `from_pretrained`.

    Raises:
        InputError: There is no such model, it cannot be read, or its files are those of another.
        ResourceError: It needs a package that is not installed.

    Example:
        >>> load_network(
        ...     AutoModelForCTC, "facebook/wav2vec2-base-960h", may_lack="masked_spec_embed"
        ... )
    """
    network, found = load_from(loader, name, output_loading_info=True, **options)
    lacking = sorted(
        key for key in found["missing_keys"] if not (may_lack and key.endswith(may_lack))
    )
    if lacking:
        raise InputError(
            f"the model {name!r} lacks weights of {type(network).__name__} ({len(lacking):,}, such as {lacking[0]}): "
            "its files are those of another model; check it."
        )
    return network


def _first_sentence(error: Exception) -> str:
    """What a library says; what it advises next is meant for those who call it."""
    return " ".join(str(error).split()).split(". ")[0][:200]


def squared(
    pictures: NDArray[np.uint8], side: int, *, crop: bool, bicubic: bool = True
) -> NDArray[np.uint8]:
    """RGB pictures at the size of a model.

    Args:
        pictures: Shape (pictures, height, width, 3).
        side: Wanted height and width.
        crop: Keep the shape and cut the longer side; else squeeze.
        bicubic: Otherwise bilinear.

    Returns:
        Shape (pictures, side, side, 3).
    """
    # Not at the top: models of texts need no pictures.
    from PIL import Image

    how = Image.Resampling.BICUBIC if bicubic else Image.Resampling.BILINEAR
    out = np.empty((len(pictures), side, side, 3), np.uint8)
    for i, each in enumerate(pictures):
        picture, (height, width) = Image.fromarray(each), each.shape[:2]
        short = min(height, width)
        box = ((width - short) / 2, (height - short) / 2, (width + short) / 2, (height + short) / 2)
        out[i] = np.asarray(picture.resize((side, side), how, box=box if crop else None))
    return out


def normalized(
    pictures: NDArray[np.uint8], mean: list[float], deviation: list[float], *, place: str = "cpu"
) -> torch.Tensor:
    """Pictures as a float tensor of shape (..., 3, height, width), from (..., height, width, 3).

    They go to the device as bytes, a quarter of what they are as numbers there.
    """
    values = torch.from_numpy(np.ascontiguousarray(pictures)).to(place).float() / 255
    mean_there, deviation_there = (torch.tensor(each, device=place) for each in (mean, deviation))
    return ((values - mean_there) / deviation_there).movedim(-1, -3)
