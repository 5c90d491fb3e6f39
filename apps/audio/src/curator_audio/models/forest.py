"""A random forest that scikit-learn has saved by joblib, read without either: no code of the file runs.

Such a file is a pickle, which can name any function to be called. This reader knows the few names that a
forest needs, takes them for records of its own, and refuses all others.
"""

import io
import math
import pickle
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import InputError

_MOST_BYTES = 1 << 30
"""Of a file, and of what it is when it is unpacked."""
_LEAF = -1
_DAMAGE = (
    *(pickle.UnpicklingError, zlib.error, OSError, EOFError, LookupError, TypeError, ValueError),
    *(AttributeError, OverflowError, MemoryError, RecursionError, AssertionError),
)
_Unpickler: Any = vars(pickle)["_Unpickler"]
"""Python's own, whose steps can be changed; that of C cannot read arrays between them."""


class Forest:
    """Trees that vote.

    Args:
        path: A file that `joblib.dump` has written of a RandomForestClassifier or DecisionTreeClassifier.

    Raises:
        InputError: There is no such file, or it holds something else.

    Example:
        >>> Forest("band_classifier.joblib").predict(np.zeros(24))
        0
    """

    def __init__(self, path: str | Path) -> None:
        wrong = (
            f"{path} holds no forest of trees as scikit-learn and joblib save it; check the path."
        )
        if not Path(path).is_file():
            raise InputError(f"{path}: there is no such file with a forest; check the path.")
        try:
            model = _Reader(_unpacked(Path(path))).load()
            trees = model.estimators_ if hasattr(model, "estimators_") else [model]
            self.classes = np.asarray(model.classes_)
            self.features = int(model.n_features_in_)
            self._trees = [_tree(each.tree_, self.features, len(self.classes)) for each in trees]
        except _DAMAGE as error:
            raise InputError(wrong) from error
        if not self._trees:
            raise InputError(wrong)

    def predict(self, features: NDArray[Any]) -> Any:
        """The class of one row of features, shape (features,).

        Raises:
            ValueError: The forest was made for another number of features.
        """
        row = np.asarray(features, np.float32)
        if row.shape != (self.features,):
            raise ValueError(f"the forest has {self.features} features, not {row.shape}.")
        votes = np.mean([tree.votes(row) for tree in self._trees], axis=0)
        return self.classes[int(votes.argmax())]


@dataclass(frozen=True, kw_only=True)
class _Tree:
    left: list[int]
    right: list[int]
    feature: list[int]
    threshold: list[float]
    shares: NDArray[np.float64]

    def votes(self, row: NDArray[np.float32]) -> NDArray[np.float64]:
        at = 0
        while self.left[at] != _LEAF:
            goes_left = row[self.feature[at]] <= self.threshold[at]
            at = self.left[at] if goes_left else self.right[at]
        return self.shares[at]


def _tree(record: Any, features: int, classes: int) -> _Tree:
    """A tree whose every path ends.

    Raises:
        ValueError: It is no such tree.
    """
    nodes, values = record.nodes, np.asarray(record.values, np.float64)
    left, right = nodes["left_child"].astype(np.int64), nodes["right_child"].astype(np.int64)
    feature, count = nodes["feature"].astype(np.int64), len(nodes)
    inner = left != _LEAF
    children = np.stack([left[inner], right[inner]])
    # A child comes after its parent, so no path can turn round.
    forward = bool((children > np.flatnonzero(inner)).all() and (children < count).all())
    known = bool((feature[inner] >= 0).all() and (feature[inner] < features).all())
    sums = values.sum(axis=2)
    if not (
        count and forward and known and values.shape == (count, 1, classes) and (sums > 0).all()
    ):
        raise ValueError("this is no tree.")
    return _Tree(
        left=left.tolist(),
        right=right.tolist(),
        feature=feature.tolist(),
        threshold=nodes["threshold"].astype(np.float64).tolist(),
        shares=values[:, 0] / sums,
    )


class _Record:
    """An object of the file: its state, without its methods."""

    def __init__(self, *args: Any) -> None:
        self.args = args

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)


class _ArrayRecord(_Record):
    """Says what the bytes after it are."""

    shape: tuple[int, ...]
    order: str
    dtype: Any
    numpy_array_alignment_bytes: int | None = None

    def read(self, file: io.BytesIO) -> NDArray[Any]:
        dtype = _plain(self.dtype)
        if self.numpy_array_alignment_bytes is not None:
            file.read(file.read(1)[0])
        size = math.prod(self.shape)
        content = file.read(size * dtype.itemsize)
        order = "F" if self.order == "F" else "C"
        return np.frombuffer(content, dtype, size).reshape(self.shape, order=order)


class _Reader(_Unpickler):
    """Reads records and arrays of numbers."""

    dispatch: ClassVar[dict[int, Any]] = dict(_Unpickler.dispatch)

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self._content = file

    def find_class(self, module: str, name: str) -> Any:
        """What stands for a name of the file.

        Raises:
            UnpicklingError: A forest needs no such name.
        """
        if (module, name) == ("joblib.numpy_pickle", "NumpyArrayWrapper"):
            return _ArrayRecord
        if (module, name) == ("numpy", "dtype"):
            return np.dtype
        if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name == "scalar":
            return _scalar
        if module.split(".")[0] == "sklearn" or (module, name) == ("numpy", "ndarray"):
            return _Record
        raise pickle.UnpicklingError(f"{module}.{name} is not needed for a forest.")

    def load_build(self) -> None:
        """Give an object its state; where it announces an array, read that."""
        _Unpickler.load_build(self)
        if isinstance(self.stack[-1], _ArrayRecord):
            self.stack.append(self.stack.pop().read(self._content))

    dispatch[pickle.BUILD[0]] = load_build


def _plain(dtype: Any) -> np.dtype[Any]:
    """A type of numbers, or of records of numbers.

    Raises:
        ValueError: It is another, or its fields lie outside of it.
    """
    fields = (dtype.fields or {}).values()
    inside = all(
        field[1] + field[0].itemsize <= dtype.itemsize and field[1] >= 0 for field in fields
    )
    if dtype.hasobject or not inside or not dtype.itemsize:
        raise ValueError("this is no array of numbers.")
    return dtype


def _scalar(dtype: Any, content: bytes) -> Any:
    return np.frombuffer(content, _plain(dtype), 1)[0]


def _unpacked(path: Path) -> io.BytesIO:
    """What a file holds, which joblib may have packed by zlib.

    Raises:
        ValueError: That is too much.
    """
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if content[:1] == b"\x78":
        content = zlib.decompressobj().decompress(content, _MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError("the file is too large for a forest.")
    return io.BytesIO(content)
