"""Columns of an Arrow table out of rows of JSON, in which every value keeps its digits and its kind.

A column has the type of all its values. Where they have none in common, or one that loses digits,
it is a column of text marked as `MIXED`: texts as they are, all else as JSON text.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curator_engine.task import MIXED, ArrowArray, ArrowColumn

LARGEST_EXACT = float(1 << 53)
"""From here on a double does not hold every integer."""
_MAX_DEPTH = 64
"""Deeper values are kept as JSON text: other programs, and Arrow's own, follow no deeper."""


def table_of(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """A table with a column per name, in the order in which the names are met."""
    arrays: list[ArrowArray] = []
    fields: list[pa.Field[Any]] = []
    for name in dict.fromkeys(name for row in rows for name in row):
        array, metadata = _column([row.get(name) for row in rows])
        arrays.append(array)
        fields.append(pa.field(name, array.type, metadata=metadata))
    return pa.table(arrays, schema=pa.schema(fields))


def _column(values: list[Any]) -> tuple[Any, dict[bytes, bytes] | None]:
    try:
        array = pa.array(values)
        if not is_deep(array.type):
            return array, None
    except (pa.ArrowException, OverflowError, UnicodeEncodeError):
        pass
    return pa.array([_as_text(value) for value in values], pa.string()), MIXED


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        text = value
    else:
        text = json.dumps(value, ensure_ascii=False)
    try:
        return text if text is None else text.encode().decode()
    except UnicodeEncodeError:
        # Half a surrogate pair has a spelling in JSON only.
        return json.dumps(value)


def is_deep(kind: pa.DataType, depth: int = 0) -> bool:
    """Whether values of this type are nested too deeply for a column of their own."""
    return depth > _MAX_DEPTH or any(is_deep(each, depth + 1) for each in _children(kind))


def may_lose_digits(column: ArrowColumn) -> bool:
    """Whether doubles in it may have been integers that a double does not hold."""
    if pa.types.is_floating(column.type):
        # Not-a-number is no answer of min_max unless there is nothing else.
        ends: Any = pc.min_max(column)
        return any(abs(end or 0.0) >= LARGEST_EXACT for end in ends.as_py().values())
    if not _has_doubles(column.type):
        return False
    return any(may_lose_digits(pa.chunked_array([part])) for part in _parts(column))


def _parts(column: ArrowColumn) -> Iterable[ArrowArray]:
    for chunk in column.chunks:
        nested: Any = chunk
        if pa.types.is_struct(chunk.type):
            yield from nested.flatten()
        else:
            yield nested.flatten()


def _has_doubles(kind: pa.DataType) -> bool:
    return pa.types.is_floating(kind) or any(map(_has_doubles, _children(kind)))


def _children(kind: pa.DataType) -> list[pa.DataType]:
    if pa.types.is_struct(kind):
        return [field.type for field in kind.fields]
    return [kind.value_type] if pa.types.is_list(kind) else []
