"""One schema for the Parquet files of a run, so that their folder is a data set.

A writer sees one table at a time, so the files are made alike when the last one is written: a
column has the narrowest type that holds all its values. Where there is none, as for numbers and
texts in one column, it is a column of text with each value as JSON, marked as `JSON_TEXT`.
"""

import functools
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.files.storage import open_atomic, open_read, storage_errors
from curator_engine.stages.json_text import dump, json_texts
from curator_engine.stages.splice import value_texts
from curator_engine.task import LINE_COLUMN, MIXED, ArrowColumn, TableTask

type ArrowField = pa.Field[Any]

JSON_TEXT = {b"curator": b"json"}
"""Metadata of a column of text that holds each value as JSON; a missing value is null."""


def parquet_table(task: TableTask, fields: Sequence[str] | None) -> pa.Table:
    """The task's columns (all, unless `fields` names them) in types that Parquet has."""
    table, mixed = task.data, task.mixed_columns()
    names = table.column_names
    wanted = [name for name in names if name != LINE_COLUMN] if fields is None else fields
    places = [i for name in dict.fromkeys(wanted) for i, each in enumerate(names) if each == name]
    columns, schema = list[ArrowColumn](), list[ArrowField]()
    for place in places:
        field, column = table.schema.field(place), table.column(place)
        if field.metadata == MIXED:
            column = _mixed_texts(task, field.name, known=field.name in mixed)
            field = _json_field(field.name)
        elif not fits_parquet(field.type):
            column, field = as_json_text(column), _json_field(field.name)
        columns.append(column)
        schema.append(field)
    return pa.table(columns, schema=pa.schema(schema, metadata=_metadata(table.schema)))


def _mixed_texts(task: TableTask, name: str, *, known: bool) -> ArrowColumn:
    """A column of several kinds as JSON text: as the lines spell it, where they are at hand."""
    if not known:
        return pa.chunked_array(
            [[None if v is None else dump(v) for v in task.data.column(name).to_pylist()]],
            pa.string(),
        )
    lines: list[Any] = task.data.column(LINE_COLUMN).to_pylist()
    texts = (value_texts(line.decode("utf-8-sig")).get(name) for line in lines)
    return pa.chunked_array([[None if t == "null" else t for t in texts]], pa.string())


def as_json_text(column: ArrowColumn) -> ArrowColumn:
    """Each value as JSON text; null stays null."""
    texts = json_texts(column)
    nulls = column.is_null().to_pylist()
    values = [None if null else text for text, null in zip(texts, nulls, strict=True)]
    return pa.chunked_array([values], pa.string())


@functools.cache
def fits_parquet(kind: pa.DataType) -> bool:
    """Whether Parquet has such a type."""
    try:
        pq.write_table(pa.schema([pa.field("a", kind)]).empty_table(), io.BytesIO())
    except pa.ArrowNotImplementedError:
        return False
    return True


def unify(paths: Sequence[str], options: Mapping[str, Any] | None = None) -> list[str]:
    """Give the files one schema; files that have it already are left alone.

    Args:
        paths: The files.
        options: Of Arrow's writer, with which files are written anew; as they are packed is kept.

    Returns:
        A line for each column that has become, or was written as, JSON text.

    Raises:
        StorageError: A file cannot be read or written.
    """
    if not paths:
        return []
    schemas = {path: _schema_of(path) for path in paths}
    distinct = _distinct(schemas.values())
    if len(distinct) == 1 and not any(pa.types.is_null(kind) for kind in distinct[0].types):
        return _notes(distinct[0])
    if any(len(set(schema.names)) < len(schema.names) for schema in distinct):
        return ["the Parquet files have no common schema: a column is there twice in some of them"]
    target = _checked(_widest(distinct), schemas)
    for path, schema in schemas.items():
        if not _same(schema, target):
            _rewrite(path, target, options or {})
    return _notes(target)


def _schema_of(path: str) -> pa.Schema:
    with storage_errors(path, "reading"), open_read(path) as file:
        return pq.ParquetFile(file).schema_arrow


def _distinct(schemas: Any) -> list[pa.Schema]:
    found = list[pa.Schema]()
    for schema in schemas:
        if not any(_same(schema, other) for other in found):
            found.append(schema)
    return found


def _same(one: pa.Schema, other: pa.Schema) -> bool:
    return one.equals(other) and _json_columns(one) == _json_columns(other)


def _json_columns(schema: pa.Schema) -> list[str]:
    return [field.name for field in schema if field.metadata == JSON_TEXT]


def _notes(schema: pa.Schema) -> list[str]:
    return [
        f"column {name!r} holds values of several kinds, or what Parquet has no type for: it is "
        "written as text, each value as JSON"
        for name in _json_columns(schema)
    ]


def _widest(schemas: list[pa.Schema]) -> pa.Schema:
    """The columns in the order in which they are met, each of the type that holds all."""
    names = dict.fromkeys(name for schema in schemas for name in schema.names)
    fields = [_wide_field([s.field(n) for s in schemas if n in s.names]) for n in names]
    return pa.schema(fields, metadata=_metadata(schemas[0]))


def _metadata(schema: pa.Schema) -> Any:
    return schema.metadata


def _wide_field(fields: list[ArrowField]) -> ArrowField:
    if any(field.metadata == JSON_TEXT for field in fields):
        return _json_field(fields[0].name)
    # A null of unknown type is no type that other programs know.
    some = [field for field in fields if not pa.types.is_null(field.type)]
    if not some:
        return pa.field(fields[0].name, pa.string())
    try:
        wide = pa.unify_schemas([pa.schema([f]) for f in some], promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return _json_field(fields[0].name)
    return wide.field(0)


def _json_field(name: str) -> ArrowField:
    return pa.field(name, pa.string(), metadata=JSON_TEXT)


def _checked(target: pa.Schema, schemas: dict[str, pa.Schema]) -> pa.Schema:
    """The schema with JSON text where a value would change in the wider type, as a large integer."""
    for place, field in enumerate(target):
        if field.metadata == JSON_TEXT:
            continue
        for path, schema in schemas.items():
            kind = schema.field(field.name).type if field.name in schema.names else field.type
            if kind != field.type and not pa.types.is_null(kind) and not _fits(path, field):
                target = target.set(place, _json_field(field.name))
                break
    return target


def _fits(path: str, field: ArrowField) -> bool:
    with storage_errors(path, "reading"), open_read(path) as file:
        column = pq.read_table(file, columns=[field.name], partitioning=None).column(field.name)
    try:
        column.cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return False
    return True


def _rewrite(path: str, target: pa.Schema, options: Mapping[str, Any]) -> None:
    with storage_errors(path, "reading"), open_read(path) as raw, open_atomic(path) as out:
        file = pq.ParquetFile(raw)
        given: dict[str, Any] = {**options, "compression": _codec(file)}
        with pq.ParquetWriter(out, target, **given) as writer:
            # A group at a time: a file may be larger than memory.
            for i in range(file.num_row_groups):
                table = file.read_row_group(i, use_threads=False)
                writer.write_table(pa.table(list(_columns(table, target)), schema=target))


def _codec(file: pq.ParquetFile) -> Any:
    if not file.num_row_groups or not file.metadata.num_columns:
        return "zstd"
    codec = file.metadata.row_group(0).column(0).compression
    return "none" if codec == "UNCOMPRESSED" else codec.lower()


def _columns(table: pa.Table, target: pa.Schema) -> Iterator[ArrowColumn]:
    for field in target:
        if field.name not in table.column_names:
            yield pa.chunked_array([pa.nulls(table.num_rows, field.type)])
            continue
        column = table.column(field.name)
        is_json = table.schema.field(field.name).metadata == JSON_TEXT
        if field.metadata == JSON_TEXT and not is_json:
            yield as_json_text(column)
        else:
            yield column.cast(field.type)
