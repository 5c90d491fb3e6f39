"""JSON lines as Arrow tables: a block of bytes in, columns and the place of every line out.

A block is parsed by Arrow in one go; one that does not parse is read again line by line, and the
bad lines are named. Reading files is `blocks.py`'s, tasks are `jsonl_files.py`'s.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.json as pj
from numpy.typing import NDArray

from curator_engine.files.as_lines import bad_row_of
from curator_engine.files.blocks import LongRow
from curator_engine.stages.json_columns import LARGEST_EXACT, is_deep, may_lose_digits, table_of

_NEWLINE, _RETURN, _OPEN, _CLOSE = b"\n\r{}"
_SAMPLE_BYTES, _LONG_LINE_BYTES = 1 << 16, 256
_BOM = b"\xef\xbb\xbf"
_MAX_ARROW_BLOCK = (1 << 31) - 1


@dataclass(frozen=True, kw_only=True)
class BadLine:
    """A line that is not an item."""

    line: int
    """Position among the block's lines, from 0."""
    start: int
    """Byte position in the block."""
    length: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class LineIndex:
    """Where the lines of a block are."""

    starts: NDArray[np.int64]
    """Byte position of each line in the block."""
    ends: NDArray[np.int64]
    """Byte position after each line, its line end included."""


@dataclass(frozen=True, kw_only=True)
class LineBlock:
    """The items of one block of lines."""

    table: pa.Table
    """The fields that were asked for, a row per item."""
    starts: NDArray[np.int64]
    """Byte position in the block of each item's line."""
    lengths: NDArray[np.int64]
    """Bytes of each item's line, its line end included."""
    numbers: NDArray[np.int64]
    """Position of each item's line among the block's lines, from 0."""
    lines: int
    """Lines in the block, blank and bad ones included."""
    bad: list[BadLine] = field(default_factory=list[BadLine])
    lacking: int = 0
    """Of the bad lines, those that only lack a required field."""


def index_lines(data: bytes) -> LineIndex:
    """Find the lines of a block."""
    if data.count(b"\n", 0, _SAMPLE_BYTES) * _LONG_LINE_BYTES < min(len(data), _SAMPLE_BYTES):
        ends = _ends_of_long_lines(data)
    else:
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == _NEWLINE).astype(np.int64) + 1
    if data and not data.endswith(b"\n"):
        ends = np.append(ends, len(data))
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1])) if len(ends) else ends
    return LineIndex(starts=starts, ends=ends)


def _ends_of_long_lines(data: bytes) -> NDArray[np.int64]:
    """Byte position after each line end; a search per line, where that is less than a look per byte."""
    ends, at = list[int](), data.find(b"\n") + 1
    while at:
        ends.append(at)
        at = data.find(b"\n", at) + 1
    return np.array(ends, np.int64)


def blank_lines(data: bytes, index: LineIndex) -> NDArray[np.bool_]:
    """Which lines hold nothing but white space."""
    blank = np.zeros(len(index.starts), dtype=bool)
    first = np.frombuffer(data, np.uint8)[index.starts]
    for i in np.flatnonzero(first <= ord(" ")):
        blank[i] = not data[index.starts[i] : index.ends[i]].strip()
    return blank


def read_block(
    data: bytes,
    fields: Mapping[str, pa.DataType] | None = None,
    *,
    required: Iterable[str] = (),
) -> LineBlock:
    """Parse a block of JSON lines.

    Args:
        data: Whole lines; a byte order mark at the beginning is skipped.
        fields: Columns to read and their types; None reads all, with types found in the block
            (dates stay text; values of several kinds make a column that is marked as mixed).
        required: Fields whose key every line must have; null is a value.

    Returns:
        The items in order. Blank lines are no items. A line is bad if it is not one JSON object, if
        a field's value does not fit its type, or if a text is not valid UTF-8.
    """
    if isinstance(data, LongRow):
        return _long_row(data.length, fields)
    index = index_lines(data)
    blank = blank_lines(data, index)
    table = _parse(data, index, blank, fields)
    if table is None:
        return _read_by_line(data, index, blank, fields, tuple(required))
    rows = np.flatnonzero(~blank)
    block = LineBlock(
        table=table,
        starts=index.starts[rows],
        lengths=index.ends[rows] - index.starts[rows],
        numbers=rows,
        lines=len(index.starts),
    )
    return _require(data, block, tuple(required))


def _long_row(length: int, fields: Mapping[str, pa.DataType] | None) -> LineBlock:
    """The block that a row makes which is too long to be read."""
    reason = f"a row of {length:,} bytes, longer than max_row"
    nothing = np.empty(0, np.int64)
    return LineBlock(
        table=_to_table([], fields),
        starts=nothing,
        lengths=nothing,
        numbers=nothing,
        lines=1,
        bad=[BadLine(line=0, start=0, length=length, reason=reason)],
    )


def _parse(
    data: bytes,
    index: LineIndex,
    blank: NDArray[np.bool_],
    fields: Mapping[str, pa.DataType] | None,
) -> pa.Table | None:
    """The whole block by Arrow, or None if it must be read line by line."""
    items = len(blank) - int(blank.sum())
    if not items:
        empty = {name: pa.array([], kind) for name, kind in (fields or {}).items()}
        return pa.table(empty)
    if len(data) > _MAX_ARROW_BLOCK or not _is_object_per_line(data, index, blank):
        return None
    try:
        table = _arrow_json(data, pa.schema(fields.items()) if fields is not None else None)
        if fields is not None:
            table = table.select(list(fields))
        else:
            if any(is_deep(kind) for kind in table.schema.types):
                return None
            if (schema := _without_dates(table.schema)) != table.schema:
                table = _arrow_json(data, schema)
        table.validate(full=True)
    except (pa.ArrowException, KeyError, RecursionError):
        return None
    if table.num_rows != items:
        return None
    if fields is None and _loses_digits(table, data, index, blank):
        return None
    return table


def _loses_digits(table: pa.Table, data: bytes, index: LineIndex, blank: NDArray[np.bool_]) -> bool:
    """Whether integers have become doubles that are not their equals."""
    for name in (n for n in table.column_names if may_lose_digits(table.column(n))):
        column: Any = table.column(name)
        if not pa.types.is_floating(column.type):
            return True
        large = np.flatnonzero(np.abs(column.to_numpy()) >= LARGEST_EXACT)
        lines = np.flatnonzero(~blank)[large]
        for start, end in zip(index.starts[lines], index.ends[lines], strict=True):
            if isinstance(_parse_line(data[start:end].removeprefix(_BOM)).get(name), int):
                return True
    return False


def _arrow_json(data: bytes, schema: pa.Schema | None) -> pa.Table:
    unexpected = "ignore" if schema is not None else "infer"
    return pj.read_json(
        cast("IO[bytes]", pa.BufferReader(data)),
        read_options=pj.ReadOptions(
            use_threads=False, block_size=min(len(data) + 1, _MAX_ARROW_BLOCK)
        ),
        parse_options=pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior=unexpected),
    )


def _is_object_per_line(data: bytes, index: LineIndex, blank: NDArray[np.bool_]) -> bool:
    """Whether every line begins with { and ends with }.

    Arrow accepts any white space between objects. With this, and as many rows as lines, each line
    is one object: inside JSON a } is never followed by a {.
    """
    raw = np.frombuffer(data, np.uint8)
    starts, ends = index.starts[~blank], index.ends[~blank]
    last = ends - 1
    last = np.where(raw[last] == _NEWLINE, last - 1, last)
    last = np.where(raw[last] == _RETURN, last - 1, last)
    odd = np.flatnonzero((raw[starts] != _OPEN) | (raw[last] != _CLOSE))
    lines = (data[starts[i] : ends[i]].strip() for i in odd)
    return all(line.startswith(b"{") and line.endswith(b"}") for line in lines)


def _without_dates(schema: pa.Schema) -> pa.Schema:
    """The schema with text where Arrow has found dates: what was written is what is meant."""
    return pa.schema([pa.field(f.name, _undated(f.type)) for f in schema])


def _undated(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_temporal(kind):
        return pa.string()
    if pa.types.is_list(kind):
        return pa.list_(_undated(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(f.name, _undated(f.type)) for f in kind.fields])
    return kind


def _require(data: bytes, block: LineBlock, required: tuple[str, ...]) -> LineBlock:
    """Take out the lines that lack a required key; a null may be either, so those are looked at."""
    bad: dict[int, BadLine] = {}
    lacking = 0
    for name in required:
        column = block.table.column(name)
        if not column.null_count:
            continue
        for i in np.flatnonzero(column.is_null().to_numpy()):
            start, length = int(block.starts[i]), int(block.lengths[i])
            try:
                row = _parse_line(data[start : start + length].removeprefix(_BOM))
                reason = "" if name in row else f"no field {name!r}"
            except ValueError as error:
                # Arrow does not look closely at what it was not asked for.
                row, reason = None, str(error)
            if reason and i not in bad:
                bad[int(i)] = BadLine(
                    line=int(block.numbers[i]), start=start, length=length, reason=reason
                )
                lacking += row is not None
    if not bad:
        return block
    keep = np.ones(len(block.starts), dtype=bool)
    keep[list(bad)] = False
    return LineBlock(
        table=block.table.filter(pa.array(keep)),
        starts=block.starts[keep],
        lengths=block.lengths[keep],
        numbers=block.numbers[keep],
        lines=block.lines,
        bad=list(bad.values()),
        lacking=lacking,
    )


def _read_by_line(
    data: bytes,
    index: LineIndex,
    blank: NDArray[np.bool_],
    fields: Mapping[str, pa.DataType] | None,
    required: tuple[str, ...],
) -> LineBlock:
    rows: list[dict[str, Any]] = []
    good: list[int] = []
    bad: list[BadLine] = []
    lacking = 0
    for i in np.flatnonzero(~blank).tolist():
        start, end = int(index.starts[i]), int(index.ends[i])
        line = data[start:end].removeprefix(_BOM) if start == 0 else data[start:end]
        try:
            row = _parse_line(line)
            missing = [name for name in required if name not in row]
            lacking += bool(missing)
            if missing:
                raise ValueError(f"no field {missing[0]!r}")
            rows.append(_fit(row, fields))
            good.append(i)
        except (ValueError, RecursionError) as error:
            reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
            bad.append(BadLine(line=i, start=start, length=end - start, reason=reason))
    numbers = np.array(good, dtype=np.int64)
    return LineBlock(
        table=_to_table(rows, fields),
        starts=index.starts[numbers],
        lengths=index.ends[numbers] - index.starts[numbers],
        numbers=numbers,
        lines=len(index.starts),
        bad=bad,
        lacking=lacking,
    )


def _parse_line(line: bytes) -> dict[str, Any]:
    """One JSON object.

    Raises:
        ValueError: Not valid UTF-8, not JSON, or not an object.
    """
    if bad := bad_row_of(line):
        raise ValueError(bad[0])
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError(f"not valid UTF-8 at byte {error.start} of the line") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"not valid JSON: {error.msg} at character {error.pos + 1}") from error
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")
    return row


def _fit(row: dict[str, Any], fields: Mapping[str, pa.DataType] | None) -> dict[str, Any]:
    """The wanted fields of a row.

    Raises:
        ValueError: A value does not fit its type, or is a text that UTF-8 cannot hold.
    """
    if fields is None:
        for name in row:
            name.encode()
        return row
    fitted: dict[str, Any] = {}
    for name, kind in fields.items():
        value = row.get(name)
        if pa.types.is_string(kind) and not isinstance(value, str | None):
            raise ValueError(f"field {name!r} is not text")
        if isinstance(value, str):
            try:
                value.encode()
            except UnicodeEncodeError as error:
                raise ValueError(f"field {name!r} holds half a surrogate pair") from error
        if pa.types.is_floating(kind) and (
            isinstance(value, bool) or not isinstance(value, int | float | None)
        ):
            raise ValueError(f"field {name!r} is not a number")
        if pa.types.is_integer(kind) and not _is_whole(value, kind.bit_width):
            raise ValueError(f"field {name!r} is not a whole number of {kind.bit_width} bits")
        if pa.types.is_list(kind) and not _is_numbers(value):
            raise ValueError(f"field {name!r} is not a list of numbers")
        fitted[name] = value
    return fitted


def _is_whole(value: Any, bits: int) -> bool:
    """Whether it is null, or a number that a signed integer of so many bits can hold."""
    if isinstance(value, bool) or not isinstance(value, int | None):
        return False
    return value is None or -(1 << bits - 1) <= value < 1 << bits - 1


def _is_numbers(value: Any) -> bool:
    """Whether it is null, or a list of numbers and nulls: what a list column can hold."""
    return value is None or (
        isinstance(value, list)
        and all(isinstance(v, int | float | None) and not isinstance(v, bool) for v in value)
    )


def _to_table(rows: list[dict[str, Any]], fields: Mapping[str, pa.DataType] | None) -> pa.Table:
    if fields is None:
        return table_of(rows)
    return pa.table(
        {name: pa.array([r[name] for r in rows], kind) for name, kind in fields.items()}
    )
