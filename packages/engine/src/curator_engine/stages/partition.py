"""Which partition a row belongs to: a hash of its keys that is the same in every process.

Whole columns at a time, in numpy. What is done with partitions is `shuffle.py`'s.
"""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.errors import PipelineError

type Column = pa.ChunkedArray[Any]
type Hashes = NDArray[np.uint64]

_SLICE_BYTES = 1 << 20
"""Bytes of text that are hashed at a time; hashing takes some thirty times as much memory."""
_BASE, _NULL, _GOLDEN = np.uint64(0x9E3779B97F4A7C15 | 1), np.uint64(0xA5A5A5A5), 0x9E3779B9


def partition_of(table: pa.Table, keys: Sequence[str], num_partitions: int) -> NDArray[np.int64]:
    """The partition of each row: the same for equal keys, in every process and on every machine.

    Args:
        table: The rows.
        keys: Column names.
        num_partitions: At least 1.

    Returns:
        Numbers from 0, shape (rows,).

    Raises:
        PipelineError: A column is of a type that cannot be a key.
    """
    total = np.full(table.num_rows, _GOLDEN, dtype=np.uint64)
    for key in keys:
        total = _mix(total ^ _hash_column(table.column(key), key))
    return (total % np.uint64(num_partitions)).astype(np.int64)


def _hash_column(column: Column, key: str) -> Hashes:
    kind: Any = column.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
        column = column.cast(kind)
    if pa.types.is_decimal(kind):
        column, kind = column.cast(pa.string()), pa.string()
    null = column.is_null().to_numpy()
    if pa.types.is_null(kind):
        return np.full(len(column), _NULL)
    if any(test(kind) for test in _TEXT):
        hashes = _hash_bytes(column.cast(pa.large_binary()))
    elif pa.types.is_floating(kind):
        # -0.0 equals 0.0, and one NaN is as good as another.
        values = _filled(column.cast(pa.float64())) + 0.0
        hashes = np.where(np.isnan(values), np.nan, values).view(np.uint64)
    elif any(test(kind) for test in _WHOLE):
        if pa.types.is_boolean(kind):
            column = column.cast(pa.int8())
        elif not pa.types.is_integer(kind):
            column = column.cast(pa.int32() if kind.bit_width == 32 else pa.int64())
        hashes = _filled(column).astype(np.uint64)
    else:
        raise PipelineError(f"column {key!r} is {kind}; that cannot be a key.")
    hashes = _mix(hashes)
    hashes[null] = _NULL
    return hashes


_TEXT = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_fixed_size_binary,
    pa.types.is_string_view,
    pa.types.is_binary_view,
)
_WHOLE = (
    pa.types.is_integer,
    pa.types.is_boolean,
    pa.types.is_date,
    pa.types.is_time,
    pa.types.is_timestamp,
    pa.types.is_duration,
)


def _filled(column: Column) -> NDArray[Any]:
    """The numbers, 0 for null."""
    zero: Any = pa.scalar(0, column.type)
    return pc.fill_null(column, zero).to_numpy()


def _hash_bytes(column: Column) -> Hashes:
    """A polynomial in each value's bytes, modulo 2^64, plus its length."""
    parts: list[Hashes] = [np.zeros(0, dtype=np.uint64)]
    for chunk in column.chunks:
        _, offsets, data = chunk.buffers()
        if not len(chunk):
            continue
        at = np.frombuffer(cast("Any", offsets), dtype=np.int64)[chunk.offset :][: len(chunk) + 1]
        text = np.frombuffer(cast("Any", data or b""), dtype=np.uint8)
        row = 0
        while row < len(chunk):
            last = int(np.searchsorted(at, at[row] + _SLICE_BYTES, side="right")) - 1
            last = min(max(last, row + 1), len(chunk))
            parts.append(_hash_slice(text[at[row] : at[last]], at[row : last + 1] - at[row]))
            row = last
    return np.concatenate(parts)


def _hash_slice(text: NDArray[np.uint8], at: NDArray[np.int64]) -> Hashes:
    lengths = np.diff(at)
    hashes = lengths.astype(np.uint64)
    filled = np.flatnonzero(lengths)
    if len(filled):
        powers = np.cumprod(np.full(int(lengths.max()), _BASE, dtype=np.uint64))
        position = np.arange(len(text)) - np.repeat(at[:-1], lengths)
        terms = (text.astype(np.uint64) + np.uint64(1)) * powers[position]
        hashes[filled] += np.add.reduceat(terms, at[:-1][filled])
    return hashes


def _mix(values: Hashes) -> Hashes:
    """Splitmix64's finaliser: each bit of the input moves each of the output."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
