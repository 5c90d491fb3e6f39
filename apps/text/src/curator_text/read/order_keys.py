"""Values that a keep policy compares, as bytes that sort as the values do.

One order for all jobs: numbers by value, however many digits they have, texts by code point, times by
the moment, whatever their unit. Values of two kinds have no order; `keep.py` refuses them.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.task import ArrowArray, ArrowColumn
from curator_text.read.columns import is_bytes, is_text, plain

KEY_TYPE = pa.large_binary()
ORDERED = ("number", "text", "truth value", "time stamp", "time of day", "duration", "binary")
"""Kinds of values that have an order; any other is the name of a type that has none."""

_SIGN = np.uint64(1 << 63)
_LARGEST = float(np.finfo(np.float64).max)
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_FRACTION_BITS = 256
"""Of a number's part after the point that no double holds: decimals have 76 digits at most."""


@dataclass(frozen=True, kw_only=True)
class OrderKeys:
    """The keys of some values, null where there is none."""

    keys: ArrowArray
    """Of `KEY_TYPE`."""
    kinds: dict[str, int]
    """Place of the first value of each kind that there is."""


def no_keys(count: int) -> OrderKeys:
    """Values that are all missing."""
    return OrderKeys(keys=pa.nulls(count, KEY_TYPE), kinds={})


def keys_of_column(column: ArrowColumn) -> OrderKeys:
    """Keys of the values of an Arrow column; null, NaN and empty text are missing."""
    column = plain(column)
    kind, encode = _encoder(column.type)
    if encode is None:
        valid = np.flatnonzero(column.is_valid().to_numpy())
        return OrderKeys(
            keys=pa.nulls(len(column), KEY_TYPE),
            kinds={kind: int(valid[0])} if len(valid) else {},
        )
    keys = encode(column)
    there = np.flatnonzero(keys.is_valid().to_numpy(zero_copy_only=False))
    return OrderKeys(keys=keys, kinds={kind: int(there[0])} if len(there) else {})


def keys_of_values(values: Sequence[Any]) -> OrderKeys:
    """Keys of JSON values, which may be of several kinds."""
    keys: list[bytes | None] = []
    kinds: dict[str, int] = {}
    for place, value in enumerate(values):
        kind, key = _key_of(value)
        keys.append(key)
        if kind:
            kinds.setdefault(kind, place)
    return OrderKeys(keys=pa.array(keys, KEY_TYPE), kinds=kinds)


def number_keys(values: NDArray[Any]) -> ArrowArray:
    """Keys of whole numbers or doubles; NaN is missing."""
    given = values.astype(np.float64)
    # Adding zero makes one of the two zeros.
    below, rest = given + 0.0, np.zeros(len(values), np.uint64)
    if values.dtype.kind in "iu":
        top = float(np.iinfo(values.dtype).max)
        below = np.where(below >= top, np.nextafter(top, 0.0), below)
        whole = below.astype(values.dtype)
        below = np.where(whole > values, np.nextafter(below, -np.inf), below)
        rest = (values - below.astype(values.dtype)).astype(np.uint64)
    rows = np.empty((len(values), 17), np.uint8)
    rows[:, :8] = _ordered(below)[:, None].view(np.uint8)
    rows[:, 8] = 8
    rows[:, 9:] = rest.astype(">u8")[:, None].view(np.uint8)
    return _fixed(rows, np.isnan(given))


def _key_of(value: Any) -> tuple[str, bytes | None]:
    """Kind and key of one value; no kind for a missing one."""
    if value is None or value == "" or (isinstance(value, float) and value != value):
        return "", None
    if isinstance(value, bool):
        return "truth value", bytes([value])
    if isinstance(value, str):
        return "text", value.encode("utf-8", "surrogatepass")
    if isinstance(value, int | float | Decimal):
        return "number", _number_key(value)
    names = {list: "list", dict: "object"}
    return names.get(type(value), type(value).__name__), None


def _number_key(value: float | Decimal) -> bytes:
    """As `number_keys`, for a number of any size and any number of digits."""
    if isinstance(value, float) and math.isinf(value):
        return _ordered(np.array([value])).tobytes() + b"\x08" + bytes(8)
    exact = Fraction(value)
    below = _double_below(exact)
    # Below all doubles nothing is told apart.
    rest = exact - Fraction(below) if math.isfinite(below) else Fraction(0)
    whole = math.floor(rest)
    size = max(8, -(-whole.bit_length() // 8))
    part = math.floor((rest - whole) * (1 << _FRACTION_BITS))
    head = _ordered(np.array([below + 0.0])).tobytes() + bytes([min(size, 255)])
    digits = whole.to_bytes(size, "big")[:255]
    return head + digits + part.to_bytes(_FRACTION_BITS // 8, "big").rstrip(b"\0")


def _double_below(exact: Fraction) -> float:
    """The largest double that is not above a number; minus infinity if there is none."""
    try:
        near = float(exact)
    except OverflowError:
        near = _LARGEST if exact > 0 else -math.inf
    return math.nextafter(near, -math.inf) if near > exact else near


def _ordered(values: NDArray[np.float64]) -> NDArray[Any]:
    """Doubles as big-endian numbers that sort as they do, shape (values,)."""
    bits = np.ascontiguousarray(values).view(np.uint64)
    return np.where(bits & _SIGN, ~bits, bits | _SIGN).astype(">u8")


def _fixed(rows: NDArray[np.uint8], missing: NDArray[np.bool_] | None = None) -> ArrowArray:
    """Rows of bytes, shape (values, width), as an array of keys."""
    count, width = rows.shape
    offsets = pa.py_buffer(np.arange(count + 1, dtype=np.int64) * width)
    data = pa.py_buffer(np.ascontiguousarray(rows))
    keys = pa.Array.from_buffers(KEY_TYPE, count, [None, offsets, data])
    if missing is None or not missing.any():
        return keys
    return pc.if_else(pa.array(missing), pa.scalar(None, KEY_TYPE), keys)


def _encoder(kind: pa.DataType) -> tuple[str, Callable[[ArrowColumn], ArrowArray] | None]:
    """What values of a type are, and what makes keys of them."""
    is_a: Any = pa.types
    if is_a.is_boolean(kind):
        return "truth value", _of_booleans
    if is_a.is_integer(kind) or is_a.is_floating(kind):
        return "number", _of_numbers
    if is_a.is_decimal(kind):
        return "number", lambda column: keys_of_values(column.to_pylist()).keys
    if is_text(kind):
        return "text", _of_bytes
    if is_a.is_timestamp(kind) or is_a.is_date(kind):
        return "time stamp", _of_moments
    if is_a.is_time(kind) or is_a.is_duration(kind):
        return ("time of day" if is_a.is_time(kind) else "duration"), _of_moments
    if is_bytes(kind):
        return "binary", _of_bytes
    if is_a.is_null(kind):
        return "", lambda column: pa.nulls(len(column), KEY_TYPE)
    return str(kind).partition("<")[0], None


def _of_booleans(column: ArrowColumn) -> ArrowArray:
    missing = column.is_null().to_numpy()
    values = np.asarray(column.fill_null(pa.scalar(False)).to_numpy(), np.uint8)
    return _fixed(values[:, None], missing)


def _of_numbers(column: ArrowColumn) -> ArrowArray:
    missing = column.is_null().to_numpy()
    if pa.types.is_floating(column.type):
        values = column.cast(pa.float64()).to_numpy()
        return number_keys(np.where(missing, np.nan, values))
    unsigned = pa.types.is_unsigned_integer(column.type)
    kind: Any = pa.uint64() if unsigned else pa.int64()
    whole = column.cast(kind).fill_null(pa.scalar(0, kind)).to_numpy()
    keys = number_keys(whole)
    return pc.if_else(pa.array(missing), pa.scalar(None, KEY_TYPE), keys) if missing.any() else keys


def _of_bytes(column: ArrowColumn) -> ArrowArray:
    keys: Any = column.cast(KEY_TYPE).combine_chunks()
    return pc.if_else(pc.equal(keys, pa.scalar(b"", KEY_TYPE)), pa.scalar(None, KEY_TYPE), keys)


def _of_moments(column: ArrowColumn) -> ArrowArray:
    """Whole seconds and nanoseconds: one unit would not hold what the others do."""
    kind: Any = column.type
    if pa.types.is_date(kind):
        per_second, seconds_each = (1, 86_400) if pa.types.is_date32(kind) else (1000, 1)
    else:
        per_second, seconds_each = _PER_SECOND[kind.unit], 1
    small = kind.bit_width == 32
    numbers = column.cast(pa.int32()).cast(pa.int64()) if small else column.cast(pa.int64())
    missing = column.is_null().to_numpy()
    values = np.asarray(numbers.fill_null(pa.scalar(0, pa.int64())).to_numpy(), np.int64)
    seconds, rest = np.divmod(values, per_second)
    rows = np.empty((len(values), 12), np.uint8)
    high = (seconds * seconds_each).view(np.uint64) ^ _SIGN
    rows[:, :8] = high.astype(">u8")[:, None].view(np.uint8)
    nanos = rest * (10**9 // per_second)
    rows[:, 8:] = nanos.astype(">u4")[:, None].view(np.uint8)
    return _fixed(rows, missing)
