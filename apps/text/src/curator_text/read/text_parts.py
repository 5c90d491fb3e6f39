"""What a text field names: a field, one inside another, several, or a chat.

A field of that very name comes first, row by row. Else `meta.body` is the field `body` of the object
`meta`, `title,body` are two fields, and a list of messages is their contents. Parts that are there and
not empty are joined by line feeds.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from curator_engine.stages.jsonl import BadLine, LineBlock
from curator_engine.task import ArrowColumn
from curator_text.read.columns import join_chunks, text_column
from curator_text.read.line_objects import object_of

_ABSENT = object()
_CONTENTS = ("content", "value")
"""Of a message: as chat templates have it, and as ShareGPT."""
_JOIN = "\n"


def parts_of(field: str) -> list[str]:
    """The fields that a text field names, each maybe inside of another."""
    return [part.strip() for part in field.split(",") if part.strip()] or [field]


def is_there(row: Mapping[str, Any], field: str) -> bool:
    """Whether a row has the field, or one of those that it names."""
    return field in row or any(_value(row, part) is not _ABSENT for part in parts_of(field))


def text_of(row: Mapping[str, Any], field: str) -> str | None:
    """The text of a row; None if it is null.

    Raises:
        LookupError: None of the fields is there.
        ValueError: One of them is no text.
    """
    values = [row[field]] if field in row else [_value(row, part) for part in parts_of(field)]
    there = [value for value in values if value is not _ABSENT]
    if not there:
        raise LookupError(f"no field {field!r}")
    texts = [text for value in there if (text := _text(value, field)) is not None]
    if not texts:
        return None
    whole = _JOIN.join(filter(None, texts))
    try:
        whole.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"field {field!r} holds half a surrogate pair") from error
    return whole


def _value(row: Mapping[str, Any], name: str) -> Any:
    """What a row has by a name that may be a path; names with a dot in them are found as well."""
    if name in row:
        return row[name]
    at = name.find(".")
    while at > 0:
        inner = row.get(name[:at])
        if isinstance(inner, dict):
            found = _value(inner, name[at + 1 :])
            if found is not _ABSENT:
                return found
        at = name.find(".", at + 1)
    return _ABSENT


def _text(value: Any, field: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise ValueError(f"field {field!r} is not text")
    contents = [_content(message, field) for message in value]
    there = [each for each in contents if each is not None]
    return _JOIN.join(filter(None, there)) if there else None


def _content(message: dict[str, Any], field: str) -> str | None:
    """What a message says; None if it says nothing, as a call of a tool."""
    content = next((message[name] for name in _CONTENTS if name in message), None)
    if content is None and not {"role", "from", *_CONTENTS} & message.keys():
        raise ValueError(f"field {field!r} is not text")
    if content is None or isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise ValueError(f"field {field!r} is not text")
    # Parts of a message; pictures and the like have no text.
    texts = [part.get("text") if isinstance(part, dict) else part for part in content]
    return _JOIN.join(text for text in texts if isinstance(text, str) and text)


def with_parts(data: bytes, block: LineBlock, field: str) -> LineBlock:
    """A block in which lines without the plain field have become rows, if what it names is there.

    Args:
        data: The lines.
        block: What was read of them: the field alone.
        field: The field.
    """
    plain = {f"no field {field!r}", f"field {field!r} is not text"}
    texts, found, bad = list[str | None](), list[BadLine](), list[BadLine]()
    for each in block.bad:
        if each.reason in plain:
            try:
                line = data[each.start : each.start + each.length]
                texts.append(text_of(object_of(line), field))
                found.append(each)
                continue
            except (LookupError, ValueError) as error:
                each = BadLine(
                    line=each.line, start=each.start, length=each.length, reason=_said(error)
                )
        bad.append(each)
    if not found:
        return block
    numbers = np.concatenate([block.numbers, [each.line for each in found]])
    order = np.argsort(numbers, kind="stable")
    column = join_chunks(block.table.column(field)).cast(pa.large_string())
    column = pa.concat_arrays([column, pa.array(texts, pa.large_string())])
    return LineBlock(
        table=pa.table({field: column.take(pa.array(order, pa.int64()))}),
        starts=np.concatenate([block.starts, [each.start for each in found]])[order],
        lengths=np.concatenate([block.lengths, [each.length for each in found]])[order],
        numbers=numbers[order],
        lines=block.lines,
        bad=bad,
        lacking=sum(each.reason == f"no field {field!r}" for each in bad),
    )


def _said(error: Exception) -> str:
    return str(error.args[0])


def columns_of(field: str) -> list[str]:
    """The columns of a table that may hold the text: those that are not there are not read."""
    names = [field]
    for part in parts_of(field):
        names += [part[:at] for at, mark in enumerate(part) if mark == "."] + [part]
    return list(dict.fromkeys(names))


def is_in_schema(schema: pa.Schema, field: str) -> bool:
    """Whether a table has the field, or one of those that it names."""
    return field in schema.names or any(_in_fields(schema, part) for part in parts_of(field))


def _in_fields(fields: Iterable[Any], name: str) -> bool:
    kinds = {each.name: each.type for each in fields}
    if name in kinds:
        return True
    heads = [(name[:at], name[at + 1 :]) for at, mark in enumerate(name) if mark == "."]
    return any(
        head in kinds and pa.types.is_struct(kinds[head]) and _in_fields(kinds[head], rest)
        for head, rest in heads
    )


def texts_of(table: pa.Table, field: str, *, plain: bool = False) -> ArrowColumn | None:
    """The texts of a table's rows as `large_string`, null where there is none; None if it has no text.

    Args:
        table: With those of `columns_of` that there are.
        field: The field.
        plain: Only a column of that name, of texts.
    """
    names = table.column_names
    texts = text_column(table.column(field)) if field in names else None
    if texts is not None or plain or not is_in_schema(table.schema, field):
        return texts
    rows = table.select([field] if field in names else _there(names, columns_of(field)))
    try:
        values = [_or_none(row, field) for row in rows.to_pylist()]
    except ValueError:
        return None
    return pa.chunked_array([pa.array(values, pa.large_string())])


def _there(names: Sequence[str], wanted: Sequence[str]) -> list[str]:
    return [name for name in wanted if name in names]


def _or_none(row: Mapping[str, Any], field: str) -> str | None:
    try:
        return text_of(row, field)
    except LookupError:
        return None
