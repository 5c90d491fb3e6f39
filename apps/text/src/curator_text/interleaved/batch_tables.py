"""Tables of the rows of documents: their schema, and the columns of users beside it."""

import json
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from curator_engine.errors import SettingsError
from curator_engine.task import ArrowArray
from curator_text.interleaved.documents import INTERLEAVED_SCHEMA, RESERVED_COLUMNS


def wanted_schema(
    schema: pa.Schema | None, overrides: dict[str, pa.DataType] | None
) -> pa.Schema | None:
    """What a table is to look like: `schema` alone, or our own with other types and columns; None for as it is.

    Raises:
        SettingsError: Both are given.
    """
    if schema is not None and overrides:
        raise SettingsError("schema and schema_overrides say two things; leave one of them out.")
    if not overrides:
        return schema
    fields = {field.name: field for field in INTERLEAVED_SCHEMA}
    for name, kind in overrides.items():
        known = fields.get(name)
        fields[name] = pa.field(name, kind, nullable=known is None or known.nullable)
    return pa.schema(list(fields.values()))


def table_of(rows: list[dict[str, Any]], schema: pa.Schema | None = None) -> pa.Table:
    """Rows as a table; a column of users whose values are of several kinds, or nested, becomes JSON text."""
    own = dict.fromkeys(name for row in rows for name in row if name not in RESERVED_COLUMNS)
    columns = {
        field.name: pa.array([row.get(field.name) for row in rows], field.type)
        for field in INTERLEAVED_SCHEMA
    }
    columns |= {name: _column([row.get(name) for row in rows]) for name in own}
    fields = [INTERLEAVED_SCHEMA.field(name) for name in INTERLEAVED_SCHEMA.names]
    fields += [pa.field(name, columns[name].type) for name in own]
    return fitted(pa.table(columns, schema=pa.schema(fields)), schema)


def fitted(table: pa.Table, schema: pa.Schema | None) -> pa.Table:
    """A table with the columns of a schema: those that are missing are null, others go.

    Raises:
        SettingsError: A column cannot have its type.
    """
    if schema is None:
        return table
    columns = list[Any]()
    for field in schema:
        if field.name not in table.column_names:
            columns.append(pa.nulls(table.num_rows, field.type))
            continue
        try:
            columns.append(table.column(field.name).cast(field.type))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise SettingsError(
                f"column {field.name} cannot be {field.type}: {error}. Give it another type."
            ) from error
    return pa.table(columns, schema=schema)


def _column(values: list[Any]) -> ArrowArray:
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float} or (len(kinds) == 1 and kinds <= {str, bool, bytes}):
        try:
            return pa.array(values)
        except (pa.ArrowInvalid, OverflowError):
            pass
    texts = [value if value is None or isinstance(value, str) else _text(value) for value in values]
    return pa.array(texts, pa.string())


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def pieces(
    samples: Iterable[list[dict[str, Any]]], most_bytes: int | None
) -> Iterable[list[dict[str, Any]]]:
    """The rows of whole samples, so many bytes at a time at most; one that has more stands alone."""
    rows, size = list[dict[str, Any]](), 0
    for sample in samples:
        more = sum(
            len(row.get("binary_content") or b"") + len(row.get("text_content") or "")
            for row in sample
        )
        if rows and most_bytes is not None and size + more > most_bytes:
            yield rows
            rows, size = [], 0
        rows += sample
        size += more
    if rows:
        yield rows
