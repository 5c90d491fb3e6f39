"""Columns of Parquet files as the jobs use them: texts and ids, whatever type holds them."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curator_engine.task import ArrowArray, ArrowColumn
from curator_text.minhash import join_chunks


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


def non_empty(ids: ArrowArray | list[str | None]) -> ArrowArray:
    """Ids as `string`, null instead of an empty text."""
    texts: Any = pa.array(ids, pa.string()) if isinstance(ids, list) else ids.cast(pa.string())
    return pc.if_else(pc.equal(texts, pa.scalar("")), None, texts)
