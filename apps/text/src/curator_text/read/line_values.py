"""Values of single fields of JSON lines, with the type that each one was written with.

A block whose values are of one kind is read by Arrow in one go; any other, line by line, so that no
value changes for what stands beside it.
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from curator_engine.stages.jsonl import LineBlock, read_block
from curator_engine.task import ArrowArray, ArrowColumn
from curator_text.read.columns import as_ids, non_empty
from curator_text.read.line_objects import object_of
from curator_text.read.text_parts import with_parts

_SAMPLE_LINES = 20
_EXACT = 1 << 53
"""From here on a double leaves whole numbers out."""
_TYPES: dict[frozenset[type], pa.DataType] = {
    frozenset(): pa.string(),
    frozenset([str]): pa.string(),
    frozenset([bool]): pa.bool_(),
    frozenset([int]): pa.int64(),
    frozenset([float]): pa.float64(),
    frozenset([int, float]): pa.float64(),
}

type Values = ArrowColumn | list[Any]
"""Of one kind as a column; else as JSON gives them."""


def read_with_values(
    data: bytes, field: str, kind: pa.DataType, names: Sequence[str], *, derives: bool = True
) -> tuple[LineBlock, dict[str, Values]]:
    """Read a field that every line must have, and the values of others, which may be of any kind.

    Args:
        data: Whole lines.
        field: The field that makes an item.
        kind: Its type.
        names: The others.
        derives: Whether a text field may name other fields, as in `text_parts.py`.
    """
    guessed = _guess_types(data, names)
    if guessed is not None:
        block = read_block(data, {**guessed, field: kind}, required=[field])
        columns = {name: block.table.column(name) for name in names}
        if not block.bad and not any(_lost_digits(column) for column in columns.values()):
            return block, dict(columns)
    block = read_block(data, {field: kind}, required=[field])
    if block.bad and derives and pa.types.is_string(kind):
        block = with_parts(data, block, field)
    rows = list(_objects(data, block))
    return block, {name: [row.get(name) for row in rows] for name in names}


def ids_of(values: Values) -> ArrowArray:
    """Values as ids: texts, null where they are missing or empty."""
    if isinstance(values, list):
        return non_empty([None if v is None else str(v) for v in values])
    return as_ids(values) if not pa.types.is_floating(values.type) else ids_of(values.to_pylist())


def line_ids(data: bytes, block: LineBlock, field: str) -> ArrowArray:
    """The value of a field of each item, as an id.

    Args:
        data: The block's bytes.
        block: What was read of them.
        field: The field.
    """
    guessed = _guess_types(data, [field])
    if guessed is not None and guessed[field] in (pa.string(), pa.int64()):
        found = read_block(data, guessed)
        if not found.bad:
            places = np.searchsorted(found.starts, block.starts)
            return ids_of(found.table.column(field).take(pa.array(places, pa.int64())))
    # Values of several kinds, or bad lines in between: one by one.
    return ids_of([row.get(field) for row in _objects(data, block)])


def _objects(data: bytes, block: LineBlock) -> Iterator[dict[str, Any]]:
    """The object of each item's line; empty where only its text could be read."""
    for start, size in zip(block.starts.tolist(), block.lengths.tolist(), strict=True):
        yield object_of(data[start : start + size])


def _guess_types(data: bytes, names: Sequence[str]) -> dict[str, pa.DataType] | None:
    """The types that the first lines' values have, or None if one field has several."""
    rows = [object_of(line) for line in itertools.islice(_first_lines(data), _SAMPLE_LINES)]
    types: dict[str, pa.DataType] = {}
    for name in names:
        kinds = frozenset(type(row[name]) for row in rows if row.get(name) is not None)
        if kinds not in _TYPES:
            return None
        types[name] = _TYPES[kinds]
    return types


def _first_lines(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        end = data.find(b"\n", at) + 1 or len(data)
        yield data[at:end]
        at = end


def _lost_digits(column: ArrowColumn) -> bool:
    """Whether a column of doubles may hold a whole number that no double is."""
    if not pa.types.is_floating(column.type):
        return False
    values = np.abs(np.asarray(column.to_numpy(), np.float64))
    return bool(np.any(values >= _EXACT))
