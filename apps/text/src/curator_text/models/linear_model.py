"""Linear models of good and bad texts on hashed word n-grams: their scores, and their file.

The weights are whole numbers, so a score is the same on every machine and for any number of threads. The file is a
safetensors file: the weights, and facts as JSON. Nothing in it is run, and what does not fit together is refused.
"""

import json
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.errors import InputError
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, open_read, write_atomic
from curator_engine.task import ArrowArray, short_hash
from curator_text.read.columns import utf8

MODEL_FILE = "model.safetensors"
"""In the folder of a run of `train`."""
_ENDING = ".safetensors"
FORMAT, VERSION = "curator-text linear model", 1
MOST_BITS, MOST_ORDER = 24, 5
_LEAST_BITS = 8
_MOST_HEADER, _MOST_BYTES = 1 << 20, (2 << MOST_BITS) + (1 << 20) + 8
_MOST_WEIGHT = np.iinfo(np.int16).max
_LARGEST = 1e6
_SCALES = (-60, 30)
"""Exponents of the scale that a file may have."""

type Values = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class LinearModel:
    """Weights of n-grams, and what makes a probability of their sum.

    The value of a text is `bias` plus the sum of the weights of its n-grams over the square root of their number.
    Its score is the logistic function of `slope` times the value plus `offset`: the probability that the text is good
    if good and bad texts are equally many.

    Example:
        LinearModel.load("model").scores(pa.array(["A text."]))
    """

    weights: NDArray[np.int16]
    """Shape (2 ** bits,): of each place that the hash of an n-gram may have."""
    exponent: int
    """A weight counts its number times 2 ** exponent."""
    bias: float
    slope: float = 1.0
    offset: float = 0.0
    order: int = 2
    """Tokens of the longest n-gram."""
    most: int = 5000
    """Tokens of a text that count, from its beginning."""
    about: dict[str, Any] = field(default_factory=dict[str, Any])
    """What else is known, such as the counts of its training."""

    @property
    def bits(self) -> int:
        """Bits of a place."""
        return len(self.weights).bit_length() - 1

    def values(self, texts: ArrowArray) -> Values:
        """The value of each text, shape (texts,); texts without a token have 0.

        Args:
            texts: Strings without nulls.
        """
        from curator_text.kernels import linear_kernels

        text, offsets = lowered(texts)
        sums, counts = np.zeros(len(texts), np.int64), np.zeros(len(texts), np.int64)
        shift = np.uint64(64 - self.bits)
        linear_kernels.add_weights(
            text, offsets, self.order, self.most, shift, self.weights, sums, counts
        )
        scale = math.ldexp(1.0, self.exponent)
        parts = sums * scale / np.sqrt(np.maximum(counts, 1))
        return np.where(counts > 0, parts + self.bias, 0.0)

    def scores(self, texts: ArrowArray) -> Values:
        """The score of each text, shape (texts,), in [0, 1].

        Args:
            texts: Strings without nulls.
        """
        return self.calibrated(self.values(texts))

    def calibrated(self, values: Values) -> Values:
        """The scores of values."""
        from curator_text.kernels import linear_kernels

        out = np.empty(len(values), np.float64)
        linear_kernels.sigmoids(self.slope * values + self.offset, out)
        return out

    def to_bytes(self) -> bytes:
        """The file of the model."""
        known = {
            "exponent": self.exponent,
            "bias": self.bias,
            "slope": self.slope,
            "offset": self.offset,
            "order": self.order,
            "most": self.most,
            "about": self.about,
        }
        facts = {"format": FORMAT, "version": str(VERSION), "model": json.dumps(known)}
        data = np.ascontiguousarray(self.weights, "<i2").tobytes()
        shape: dict[str, Any] = {"dtype": "I16", "shape": [len(self.weights)]}
        tensor = shape | {"data_offsets": [0, len(data)]}
        header = json.dumps({"__metadata__": facts, "weights": tensor}).encode()
        header += b" " * (-len(header) % 8)
        return len(header).to_bytes(8, "little") + header + data

    def save(self, path: str) -> None:
        """Write the file, whole or not at all."""
        write_atomic(path, self.to_bytes())

    @classmethod
    def load(cls, path: str) -> "LinearModel":
        """Read the file of a model, or that in the folder of a run of `train`.

        Raises:
            InputError: It is not there, no such file, or of a later version.
        """
        return cls.of_bytes(_read(model_file(path)), path)

    @classmethod
    def of_bytes(cls, data: bytes, path: str) -> "LinearModel":
        """Read the bytes of a file; `path` is for messages.

        Raises:
            InputError: They are no model.
        """
        try:
            return cls._parsed(data)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            reason = " ".join(str(error).split())[:120]
            raise InputError(
                f"{path} is no model that `curator-text train` has written ({reason}); give the folder of such a run."
            ) from error

    @classmethod
    def _parsed(cls, data: bytes) -> "LinearModel":
        size = int.from_bytes(data[:8], "little")
        if not 2 <= size <= min(_MOST_HEADER, len(data) - 8):
            raise ValueError("its header has another length than it says")
        header = json.loads(data[8 : 8 + size])
        facts, tensor = header["__metadata__"], header["weights"]
        if facts["format"] != FORMAT:
            raise ValueError("another format")
        if facts["version"] != str(VERSION):
            raise ValueError(
                f"version {str(facts['version'])[:20]!r}; this program reads {VERSION}"
            )
        known = json.loads(facts["model"])
        body = data[8 + size :]
        count = len(body) // 2
        bits = count.bit_length() - 1
        if not _LEAST_BITS <= bits <= MOST_BITS or len(body) != 2 << bits:
            raise ValueError("its weights have another length than it says")
        if tensor != {"dtype": "I16", "shape": [count], "data_offsets": [0, len(body)]}:
            raise ValueError("its weights are of another kind")
        return cls(
            weights=np.frombuffer(body, "<i2").astype(np.int16, copy=False),
            exponent=_whole(known, "exponent", *_SCALES),
            order=_whole(known, "order", 1, MOST_ORDER),
            most=_whole(known, "most", 1, 1 << 40),
            about=dict(known["about"]),
            **{name: _number(known, name) for name in ("bias", "slope", "offset")},
        )

    @property
    def key(self) -> str:
        """Changes with whatever a score depends on."""
        numbers = (self.exponent, self.bias, self.slope, self.offset, self.order, self.most)
        return short_hash(repr(numbers), self.weights.tobytes().hex())


def model_file(path: str) -> str:
    """The file of a model, given it or the folder that it is in."""
    return path if path.endswith(_ENDING) else join(path, MODEL_FILE)


def is_linear_model(path: str) -> bool:
    """Whether a path is the file of a model that `train` has written, or a folder with it."""
    file = model_file(path)
    if not exists(file):
        return False
    with open_read(file) as opened:
        return FORMAT.encode() in opened.read(_MOST_HEADER)


def quantised(weights: Values) -> tuple[NDArray[np.int16], int]:
    """Weights as whole numbers, and the exponent of their scale: the finest that holds the largest."""
    largest = float(np.abs(weights).max(initial=0.0))
    exponent = math.frexp(largest / _MOST_WEIGHT)[1] if largest else 0
    exponent = min(max(exponent, _SCALES[0]), _SCALES[1])
    return np.rint(np.ldexp(weights, -exponent)).astype(np.int16), exponent


def lowered(texts: ArrowArray) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The bytes of texts in lower case, and where each begins."""
    lower: Any = pc.call_function("utf8_lower", [texts])
    return utf8(lower)


def _read(path: str) -> bytes:
    """The bytes of a file that may be a model.

    Raises:
        InputError: It is not there, or larger than any model.
    """
    if not exists(path):
        raise InputError(
            f"no model at {path}; give the folder that `curator-text train` has written."
        )
    with open_read(path) as file:
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise InputError(f"{path} is larger than any model of `curator-text train`; give another.")
    return data


def _whole(known: dict[str, Any], name: str, least: int, most: int) -> int:
    value = known[name]
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{name} is {str(value)[:20]!r}")
    return value


def _number(known: dict[str, Any], name: str) -> float:
    value = known[name]
    if type(value) not in (int, float) or not abs(value) <= _LARGEST:
        raise ValueError(f"{name} is {str(value)[:20]!r}")
    return float(value)
