"""LAION's NSFW head on CLIP's vectors: normalise, linear layers with ReLU between them, a sigmoid.

The weights are a file of torch or safetensors: norm.mean, norm.variance, and linear_1.weight,
linear_1.bias and so on.
"""

from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file

from curator_engine.errors import InputError
from curator_engine.vectors.matrix import Matrix

_LEAST_DEVIATION = 1e-7


class NsfwHead:
    """Gives the probability that a picture is not safe for work.

    Raises:
        InputError: The file cannot be read, or holds no such head.
    """

    def __init__(self, path: str) -> None:
        try:
            state: Any = (
                load_file(path)
                if path.endswith(".safetensors")
                else torch.load(path, map_location="cpu", weights_only=True)
            )
            numbers = sorted(
                int(name.removeprefix("linear_").removesuffix(".weight"))
                for name in state
                if name.endswith(".weight")
            )
            self._mean = _array(state["norm.mean"]).ravel()
            self._deviation = np.maximum(
                np.sqrt(_array(state["norm.variance"]).ravel()), _LEAST_DEVIATION
            )
            self._layers = [
                (_array(state[f"linear_{n}.weight"]).T, _array(state[f"linear_{n}.bias"]))
                for n in numbers
            ]
            self.score(np.zeros((1, len(self._mean)), np.float32))
        except (OSError, EOFError, SafetensorError, UnpicklingError) as error:
            raise InputError(_not_a_head(path)) from error
        except (ValueError, RuntimeError, KeyError, AttributeError, TypeError) as error:
            raise InputError(_not_a_head(path)) from error

    def score(self, vectors: Matrix) -> NDArray[np.float64]:
        """Probabilities, shape (pictures,), of CLIP's vectors of length one, shape (pictures, dims).

        Raises:
            InputError: The head was made for another CLIP model.
        """
        if vectors.shape[1] != len(self._mean):
            raise InputError(
                f"the NSFW head takes vectors of {len(self._mean)} numbers, the CLIP model gives "
                f"{vectors.shape[1]}; give the one that the head was made for."
            )
        values: NDArray[np.float64] = (vectors - self._mean) / self._deviation
        for weight, bias in self._layers[:-1]:
            values = np.maximum(values @ weight + bias, 0)
        weight, bias = self._layers[-1]
        (logits,) = (values @ weight + bias).T
        # Where exp overflows the probability is 0.
        with np.errstate(over="ignore"):
            return 1 / (1 + np.exp(-logits))


def _array(tensor: Any) -> NDArray[np.float64]:
    return tensor.double().numpy()


def _not_a_head(path: str) -> str:
    return f"{Path(path).name} holds no NSFW head of LAION's form; check it."
