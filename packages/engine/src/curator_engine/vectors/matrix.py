"""Embeddings: columns of vectors as matrices whose rows have length one; numpy on the CPU, torch on a GPU.

Only reading and checking; what is done with vectors is `kmeans.py`'s and `pairwise.py`'s. Numbers of a vector
are multiples of 2^-24, which single precision holds. Products of two are multiples of 2^-48, and any
part of a dot product is below 2, so double precision adds them without rounding: the sum is the same in
whatever order a processor, a thread count or a BLAS library adds.
"""

import importlib
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.errors import ResourceError
from curator_engine.task import ArrowArray, ArrowColumn

type Matrix = NDArray[np.float32]

_GRID = float(1 << 24)
_ROWS_AT_A_TIME = 4096


@dataclass(frozen=True, kw_only=True)
class Vectors:
    """The vectors of a column that can be compared, and the rows that hold none."""

    matrix: Matrix
    """Shape (len(rows), dims), each row of length one."""
    rows: NDArray[np.int64]
    """Positions in the column, sorted."""
    bad: list[tuple[int, str]]
    """Position and reason of each other row."""


def vectors_of(column: ArrowColumn, *, dims: int | None = None) -> Vectors:
    """Read a column of lists of numbers.

    Args:
        column: Lists, of a fixed or varying size.
        dims: Numbers per vector; None takes what most rows have.

    Returns:
        A row is bad if it is null, has another number of dims, holds NaN, infinity or null, or is
        all zeros.
    """
    lists = _as_lists(column)
    if lists is None:
        reason = f"an embedding is a list of numbers, not {column.type}"
        return _nothing([(i, reason) for i in range(len(column))], dims or 0)
    lengths: NDArray[np.float64] = (
        pc.call_function("list_value_length", [lists]).cast(pa.float64()).to_numpy()
    )
    if dims is None:
        known = lengths[~np.isnan(lengths)].astype(np.int64)
        dims = int(np.bincount(known).argmax()) if len(known) else 0
    fits = (lengths == dims) & (dims > 0)
    flat = pc.call_function("list_flatten", [lists.filter(pa.array(fits))])
    values = np.asarray(flat.to_numpy(), np.float64).reshape(-1, max(dims, 1))
    norms = _norms(values)
    usable = np.isfinite(norms) & (norms > 0)
    at = np.flatnonzero(fits)
    bad = [(int(i), _length_reason(lengths[i], dims)) for i in np.flatnonzero(~fits)]
    bad += [(int(at[i]), _value_reason(norms[i])) for i in np.flatnonzero(~usable)]
    matrix = on_grid(values[usable] / norms[usable, None])
    return Vectors(matrix=matrix, rows=at[usable], bad=sorted(bad))


def unit_rows(matrix: NDArray[Any]) -> Matrix:
    """The rows at length one; rows of zeros stay. Each row's result depends on that row only."""
    values = np.asarray(matrix, np.float64)
    norms = _norms(values)
    return on_grid(values / np.where(norms > 0, norms, 1.0)[:, None])


def on_grid(values: NDArray[np.float64]) -> Matrix:
    """Each number rounded to a multiple of 2^-24, which changes it by at most 2^-25."""
    return (np.rint(values * _GRID) / _GRID).astype(np.float32)


def wide(array: Any) -> Any:
    """The array in double precision, in which products of vectors are exact; one of torch stays."""
    return array.astype(np.float64) if isinstance(array, np.ndarray) else array


def _norms(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lengths of the rows; a running sum adds from the left on every processor."""
    out = np.zeros(len(values))
    for start in range(0, len(values) if values.shape[1] else 0, _ROWS_AT_A_TIME):
        part = values[start : start + _ROWS_AT_A_TIME]
        with np.errstate(over="ignore", invalid="ignore"):
            out[start : start + len(part)] = np.sqrt(np.cumsum(part * part, axis=1)[:, -1])
    return out


def vector_column(matrix: Matrix) -> ArrowArray:
    """The rows as an Arrow array of lists of a fixed size."""
    flat: Any = pa.array(np.ascontiguousarray(matrix, np.float32).ravel())
    return pa.FixedSizeListArray.from_arrays(flat, matrix.shape[1])


def _as_lists(column: ArrowColumn) -> Any:
    """The column as lists of doubles, or None if it holds something else."""
    kind: Any = column.type
    if pa.types.is_null(kind):
        return column.cast(pa.large_list(pa.float64()))
    if not (
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    ):
        return None
    if not (pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type)):
        return None
    return column.cast(pa.large_list(pa.float64()))


def _length_reason(length: float, dims: int) -> str:
    if np.isnan(length):
        return "no embedding"
    return f"the embedding has {int(length)} numbers, not {dims}"


def _value_reason(norm: float) -> str:
    return "the embedding is all zeros" if norm == 0 else "the embedding holds NaN or infinity"


def _nothing(bad: list[tuple[int, str]], dims: int) -> Vectors:
    return Vectors(matrix=np.empty((0, dims), np.float32), rows=np.empty(0, np.int64), bad=bad)


def to_device(matrix: Matrix, device: Literal["cpu", "gpu"]) -> tuple[Any, Any]:
    """The module that computes, and the matrix as its array.

    Raises:
        ResourceError: A GPU is there, but torch is not.
    """
    if device == "cpu":
        return np, matrix
    try:
        torch = importlib.import_module("torch")
    except ImportError as error:
        raise ResourceError("a GPU needs torch; install it, or use device='cpu'.") from error
    return torch, torch.from_numpy(matrix).to("cuda")


def to_numpy(array: Any) -> Any:
    """The array in this process's memory."""
    return array if isinstance(array, np.ndarray) else array.cpu().numpy()
