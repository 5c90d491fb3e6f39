"""Columns of Parquet files as the jobs use them: texts and ids, whatever type holds them."""

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.stages.parquet_schema import JSON_TEXT
from curator_engine.task import ArrowArray, ArrowColumn

type StringArray = pa.Array[Any] | pa.ChunkedArray[Any]

# Read-only, as what Arrow gives: numba compiles a kernel once more for a writable array.
_NO_TEXT = np.frombuffer(b"", np.uint8)


def plain(column: ArrowColumn) -> ArrowColumn:
    """The column without a dictionary, run lengths or an extension type around its values."""
    kind: Any = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return plain(column.cast(kind.storage_type))
    if pa.types.is_dictionary(kind):
        return plain(column.cast(kind.value_type))
    if pa.types.is_run_end_encoded(kind):
        chunks = [pc.call_function("run_end_decode", [chunk]) for chunk in column.chunks]
        return plain(pa.chunked_array(chunks, kind.value_type))
    return column


def is_bytes(kind: pa.DataType) -> bool:
    """Whether values are bytes without a promise that they are text."""
    checks: Any = pa.types
    return (
        checks.is_binary(kind)
        or checks.is_large_binary(kind)
        or checks.is_binary_view(kind)
        or checks.is_fixed_size_binary(kind)
    )


def is_text(kind: pa.DataType) -> bool:
    """Whether values are text."""
    checks: Any = pa.types
    return checks.is_string(kind) or checks.is_large_string(kind) or checks.is_string_view(kind)


def text_column(column: ArrowColumn) -> ArrowColumn | None:
    """A column of string-like values as `large_string`, or None if it holds something else.

    Bytes count as text; whether they are UTF-8 is for the caller to look at, as with all texts of
    Parquet files.
    """
    column = plain(column)
    if is_bytes(column.type):
        raw = column.cast(pa.large_binary())
        chunks = [chunk.view(pa.large_string()) for chunk in raw.chunks]
        return pa.chunked_array(chunks, pa.large_string())
    if is_text(column.type) or pa.types.is_null(column.type):
        return column.cast(pa.large_string())
    return None


def as_ids(column: ArrowColumn) -> ArrowArray:
    """Ids as texts; null where they are missing or empty."""
    column = plain(column)
    texts = text_column(column)
    if texts is not None:
        return non_empty(join_chunks(texts))
    if pa.types.is_integer(column.type) or pa.types.is_temporal(column.type):
        return non_empty(join_chunks(column.cast(pa.string())))
    return non_empty([None if v is None else str(v) for v in column.to_pylist()])


def table_ids(table: pa.Table, name: str) -> ArrowArray:
    """A column of a table as ids; of one that is JSON text, each value without its quotation marks."""
    column = table.column(name)
    if table.schema.field(name).metadata != JSON_TEXT:
        return as_ids(column)
    texts: list[Any] = column.to_pylist()
    values = [None if text is None else json.loads(text) for text in texts]
    return non_empty([None if value is None else str(value) for value in values])


def non_empty(ids: ArrowArray | list[str | None]) -> ArrowArray:
    """Ids as `string`, null instead of an empty text."""
    texts: Any = pa.array(ids, pa.string()) if isinstance(ids, list) else ids.cast(pa.string())
    return pc.if_else(pc.equal(texts, pa.scalar("")), None, texts)


def join_chunks(texts: "pa.ChunkedArray[Any]") -> "pa.Array[Any]":
    """The texts as one array; no copy for one chunk."""
    if texts.num_chunks == 1:
        only: Any = texts.chunk(0)
        return only
    # 64-bit offsets: together the chunks may be more than 2 GiB.
    chunks: Any = texts.cast(pa.large_string()).chunks
    return pa.concat_arrays([pa.array([], pa.large_string()), *chunks])


def utf8(texts: StringArray) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The UTF-8 bytes of the texts, and int64 offsets into them, shape (documents + 1,).

    No copy for one chunk; offsets of a slice start where the slice does.

    Raises:
        ValueError: A text is null.
    """
    array = texts if isinstance(texts, pa.Array) else join_chunks(texts)
    if array.null_count:
        raise ValueError(f"{array.null_count} texts are null; drop them first.")
    if len(array) == 0:
        return _NO_TEXT, np.zeros(1, np.int64)
    kind = np.int64 if pa.types.is_large_string(array.type) else np.int32
    _, ends, data = array.buffers()
    offsets = np.frombuffer(memoryview(ends or b""), kind)[
        array.offset : array.offset + len(array) + 1
    ]
    text = _NO_TEXT if data is None else np.frombuffer(memoryview(data).toreadonly(), np.uint8)
    return text, offsets.astype(np.int64)


def with_columns(table: pa.Table, columns: dict[str, Any]) -> pa.Table:
    """The table with these columns; one that is there is replaced."""
    for name, column in columns.items():
        if name in table.column_names:
            table = table.set_column(table.column_names.index(name), name, column)
        else:
            table = table.append_column(name, column)
    return table
