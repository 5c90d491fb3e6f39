"""The aesthetic score: a linear head on CLIP's vectors, as LAION's, from a file of weights."""

from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file

from curator_engine.device import Device
from curator_engine.errors import InputError
from curator_engine.models.clip import Clip
from curator_engine.vectors.matrix import Matrix


class AestheticHead:
    """A head of linear layers without activations between them.

    Raises:
        InputError: The file cannot be read, or holds no such head.
    """

    def __init__(self, path: str) -> None:
        self._weight, self._bias = _joined(_layers(path), path)

    def score(self, vectors: Matrix) -> NDArray[np.float64]:
        """Scores, shape (pictures,), of CLIP's vectors of length one, shape (pictures, dims).

        Raises:
            InputError: The head was made for another CLIP model.
        """
        if vectors.shape[1] != len(self._weight):
            raise InputError(
                f"the aesthetic head takes vectors of {len(self._weight)} numbers, the CLIP model gives "
                f"{vectors.shape[1]}; give the one that the head was made for."
            )
        return vectors.astype(np.float64) @ self._weight + self._bias


class AestheticModel:
    """CLIP and an aesthetic head."""

    def __init__(self, model: str, head: str, *, device: Device = "auto") -> None:
        self._clip = Clip(model, device=device)
        self._head = AestheticHead(head)

    def score(
        self, frames: NDArray[np.uint8], *, reduction: Literal["mean", "min"] = "min"
    ) -> float:
        """The score of a clip by its frames, RGB of one size; LAION's head gives about 1 to 10.

        Raises:
            InputError: The head was made for another CLIP model.
        """
        scores = self._head.score(self._clip.embed_frames(frames))
        return float(scores.min() if reduction == "min" else scores.mean())


def _layers(path: str) -> list[tuple[Any, Any]]:
    """Weight and bias of each linear layer, in order.

    Raises:
        InputError: The file cannot be read, or holds something else.
    """
    try:
        state: Any = (
            load_file(path)
            if path.endswith(".safetensors")
            else torch.load(path, map_location="cpu", weights_only=True)
        )
        # "layers.2.weight", or "weight" if there is one layer.
        names = sorted((name for name in state if name.endswith("weight")), key=_number)
        return [
            (
                state[name].double().numpy(),
                state[name.removesuffix("weight") + "bias"].double().numpy(),
            )
            for name in names
        ]
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist; check --aesthetic-head.") from error
    except (
        OSError,
        ValueError,
        RuntimeError,
        KeyError,
        AttributeError,
        TypeError,
        EOFError,
    ) as error:
        raise InputError(_not_a_head(path)) from error
    except (SafetensorError, UnpicklingError) as error:
        raise InputError(_not_a_head(path)) from error


def _joined(layers: list[tuple[Any, Any]], path: str) -> tuple[NDArray[np.float64], float]:
    """One layer that does what all of them do after another: weights of shape (dims,), and a bias.

    Raises:
        InputError: The layers do not fit together, or do not end in one number.
    """
    try:
        weight, bias = layers[0]
        for further, added in layers[1:]:
            weight, bias = further @ weight, further @ bias + added
        if weight.shape[0] != 1 or weight.ndim != 2:
            raise InputError(_not_a_head(path))
        return weight[0], float(bias[0])
    except (IndexError, ValueError) as error:
        raise InputError(_not_a_head(path)) from error


def _number(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in name.split(".") if part.isdigit())


def _not_a_head(path: str) -> str:
    return (
        f"{Path(path).name} holds no aesthetic head: linear layers, the last of which gives one number; "
        "check --aesthetic-head."
    )
