"""Columns of Parquet files with some values replaced; the type stays, whatever holds the values."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.task import ArrowArray, ArrowColumn
from curator_text.read.columns import join_chunks, plain, text_column


def writable(kind: pa.DataType) -> pa.DataType:
    """The type in which any new text can be written: itself, but for fixed widths and short dictionaries."""
    if pa.types.is_fixed_size_binary(kind):
        return pa.binary()
    if pa.types.is_dictionary(kind):
        values: Any = writable(kind.value_type)
        return pa.dictionary(pa.int32(), values, kind.ordered)
    return kind


def with_values(column: ArrowColumn, rows: NDArray[np.int64], values: ArrowArray) -> ArrowColumn:
    """The column with new values in some rows; in a plain type, for `as_type` to put right.

    Args:
        column: The column.
        rows: Numbers of the rows.
        values: One for each of them.
    """
    texts = text_column(column)
    old: Any = plain(column).combine_chunks() if texts is None else join_chunks(texts)
    places = np.arange(len(old))
    places[rows] = len(old) + np.arange(len(rows))
    both: Any = pa.concat_arrays([old, values.cast(old.type)])
    return pa.chunked_array([both.take(pa.array(places))])


def as_type(column: ArrowColumn, kind: Any) -> ArrowColumn:
    """The values as a type that may hold them in its own way."""
    if column.type == kind:
        return column
    if isinstance(kind, pa.BaseExtensionType):
        stored: Any = join_chunks(as_type(column, kind.storage_type))
        return pa.chunked_array([pa.ExtensionArray.from_storage(kind, stored)])
    if pa.types.is_dictionary(kind):
        values: Any = join_chunks(as_type(plain(column), kind.value_type))
        return pa.chunked_array([values.dictionary_encode().cast(kind)])
    try:
        return plain(column).cast(kind)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        # Views, to which Arrow does not cast every type; texts of more than 2 GiB together.
        values = plain(column).to_pylist()
        return pa.chunked_array([pa.array(values, kind)])
