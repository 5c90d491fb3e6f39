"""Weights of a published network: a file of the user's, or the one in torch's cache, fetched there first.

Files are read as tensors only: a pickle that would run code is refused.
"""

import struct
import urllib.error
import warnings
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from curator_engine.errors import InputError, ResourceError

_DAMAGE = (
    *(OSError, EOFError, UnpicklingError, RuntimeError, ValueError, TypeError, LookupError),
    *(AttributeError, AssertionError, struct.error),
)
"""What torch raises for files that are none of its own."""

type State = dict[str, torch.Tensor]


def weight_file(path: str, *, url: str, cache: str = "checkpoints") -> Path:
    """Where the weights lie.

    Args:
        path: A file; empty for the published one.
        url: Where the published file is.
        cache: Folder in torch's cache (`TORCH_HOME`) that keeps it.

    Raises:
        InputError: There is no such file.
        ResourceError: The published file is not in the cache and cannot be fetched.

    Example:
        >>> weight_file("cnn14.pth", url="https://example.org/cnn14.pth")
        PosixPath('cnn14.pth')
    """
    if path:
        if not Path(path).is_file():
            raise InputError(f"{path}: there is no such file with weights; check the path.")
        return Path(path)
    kept = Path(torch.hub.get_dir()) / cache / _file_name(url)
    if kept.is_file():
        return kept
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(url, str(kept), progress=False)
    except (OSError, urllib.error.URLError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ResourceError(
            f"{url} cannot be fetched ({reason}); fetch it where there is a network and put it at {kept}, or give "
            "the file by its path."
        ) from error
    return kept


def read_weights(path: Path, *, what: str) -> State:
    """The tensors of a file by their names, on the CPU.

    A file of a training run holds them as `model` or `state_dict`.

    Args:
        path: The file.
        what: The network that it should hold, for the message.

    Raises:
        InputError: It holds something else, or would run code.
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            loaded: Any = torch.load(path, map_location="cpu", weights_only=True)
    except _DAMAGE as error:
        raise InputError(not_weights(path, what)) from error
    for key in ("model", "state_dict"):
        if isinstance(loaded, dict) and isinstance(inside := loaded.get(key), dict):
            loaded = inside
    if not isinstance(loaded, dict) or not loaded:
        raise InputError(not_weights(path, what))
    if not all(isinstance(tensor, torch.Tensor) for tensor in loaded.values()):
        raise InputError(not_weights(path, what))
    return loaded


def load_into(network: torch.nn.Module, path: Path, *, what: str) -> None:
    """Give a network the weights of a file.

    Raises:
        InputError: They are those of another network.
    """
    state = read_weights(path, what=what)
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise InputError(not_weights(path, what)) from error


def not_weights(path: Path, what: str) -> str:
    """The message for a file that holds something else."""
    return f"{path} does not hold the weights of {what} as tensors; check the path."


def _file_name(url: str) -> str:
    return url.split("?")[0].rsplit("/", 1)[-1].replace("%3D", "=")
