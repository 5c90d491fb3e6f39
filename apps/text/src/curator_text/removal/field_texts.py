"""Values of fields as the texts that name folders: those of a table, or of lines of JSON."""

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from curator_engine.files.hive import NULL, partition_folder
from curator_engine.stages.jsonl import LineBlock, read_block
from curator_text.read.columns import plain
from curator_text.read.line_objects import object_of

type Folder = tuple[str | None, ...]
"""A text for each field; None where there is no value."""

_LONGEST_NAME = 255


def fields_of_table(
    table: pa.Table, fields: Sequence[str], outside: dict[str, Any]
) -> list[Folder]:
    """The texts of each row.

    Args:
        table: The rows.
        fields: The fields.
        outside: Values of fields that the table lacks.
    """
    columns = [
        plain(table.column(name)).to_pylist()
        if name in table.column_names
        else [outside.get(name)] * table.num_rows
        for name in fields
    ]
    return [tuple(map(_text, row)) for row in zip(*columns, strict=True)]


def fields_of_lines(
    data: bytes, fields: Sequence[str], outside: dict[str, Any]
) -> tuple[LineBlock, list[Folder]]:
    """The lines of a block that are not blank, bad ones among the others, and the texts of each."""
    block = read_block(data, dict.fromkeys(fields, pa.string()))
    if not block.bad:
        columns = [
            _or_outside(block.table.column(name).to_pylist(), outside.get(name)) for name in fields
        ]
        return block, list(zip(*columns, strict=True))
    # Numbers, or values of several kinds: one by one.
    places = sorted(
        [
            *zip(block.starts.tolist(), block.lengths.tolist(), strict=True),
            *((bad.start, bad.length) for bad in block.bad),
        ]
    )
    rows = [object_of(data[start : start + length]) for start, length in places]
    columns = [
        _or_outside([_text(row.get(name)) for row in rows], outside.get(name)) for name in fields
    ]
    return _at(block, places), list(zip(*columns, strict=True))


def _at(block: LineBlock, places: list[tuple[int, int]]) -> LineBlock:
    starts, lengths = (np.array([p[i] for p in places], np.int64) for i in (0, 1))
    return LineBlock(
        table=block.table, starts=starts, lengths=lengths, numbers=starts, lines=block.lines
    )


def _or_outside(values: list[Any], outside: Any) -> list[str | None]:
    return values if outside is None else [_text(outside) if v is None else v for v in values]


def _text(value: Any) -> str | None:
    """As Hive and Arrow write a value; `str` of what cannot name a folder, which `amiss` tells."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return value.decode(errors="surrogateescape")
    if isinstance(value, int | float | Decimal | date | datetime | time):
        return str(value)
    return _NO_NAME


_NO_NAME = "\0list or object"
"""Stands for a value that names no folder; no text begins so unless it was made to."""


def amiss(fields: Sequence[str], folder: Folder) -> str:
    """Why values cannot name folders; empty if they can."""
    for name, text in zip(fields, folder, strict=True):
        where = f"a value of {name!r}"
        if text is None:
            continue
        if text == _NO_NAME:
            return f"{where} is a list or an object"
        if text == NULL:
            return f"{where} is {NULL}, which readers take for a missing one"
        try:
            size = len(partition_folder(name, text).encode())
        except UnicodeEncodeError:
            return f"{where} is not valid UTF-8"
        if size > _LONGEST_NAME:
            return f"{where} makes a folder's name of {size:,} bytes, and {_LONGEST_NAME} are allowed: {text[:40]!r}..."
    return ""


def path_of(fields: Sequence[str], folder: Folder) -> str:
    """The folders of some rows, one in the other."""
    return "/".join(partition_folder(n, t) for n, t in zip(fields, folder, strict=True))
