"""Rows of Parquet and Arrow files, a few in memory at a time, and the column in which they hold files as bytes.

What the rows mean is the app's.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.errors import DamagedFileError
from curator_engine.files.storage import input_errors, open_read

_BUFFER_BYTES = 1 << 20


class ColumnError(ValueError):
    """A table has not the columns that are read."""


class TableBatch(NamedTuple):
    """Some rows."""

    first: int
    """Number of the first in the file, from 0."""
    rows: pa.RecordBatch
    others: tuple[str, ...]
    """The columns that are not read."""


def table_batches(
    path: str,
    columns: Callable[[pa.Schema], list[str]],
    *,
    span: tuple[int, int] | None = None,
    rows: int = 16,
) -> Iterator[TableBatch]:
    """The rows of a file, some at a time.

    Args:
        path: A Parquet or Arrow file, local or remote.
        columns: Which are read, of those of the file; raises a ColumnError if it cannot be used.
        span: Row groups of Parquet [first, end); all unless given.
        rows: Of Parquet, in memory at a time, at most.

    Raises:
        UnreadableFileError: It cannot be read.
        DamagedFileError: It is none, or damaged; after all rows that can be read.
    """
    is_arrow = path.lower().endswith((".arrow", ".feather"))
    done = 0
    with input_errors(path), open_read(path) as file:
        try:
            found = _arrow(file, columns) if is_arrow else _parquet(file, columns, span, rows)
            batches, first, others = found
            for batch in batches:
                # Arrow reads what a damaged file claims, also from where there is nothing.
                batch.validate(full=True)
                yield TableBatch(first + done, batch, others)
                done += batch.num_rows
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            if isinstance(error, OSError) and error.errno:
                raise
            what = f"damaged after {done:,} rows" if done else "no table that can be read"
            raise DamagedFileError(f"{path} is {what} ({' '.join(str(error).split())}).") from error
        except ColumnError as error:
            raise DamagedFileError(f"{path} {error}.") from None


def byte_column(schema: pa.Schema, names: Sequence[str]) -> str:
    """The column with files as bytes, or as structs of bytes and a path as Hugging Face's datasets have; "" if none.

    Args:
        schema: Of the table.
        names: The first of these that is there counts, else the first column of bytes.
    """
    usable = [each.name for each in schema if _is_bytes(each.type) or _has_bytes(each.type)]
    named = [name for name in names if name in usable]
    return (named or usable or [""])[0]


def plain_columns(schema: pa.Schema) -> list[str]:
    """The columns whose values are facts, not contents: neither bytes nor nested."""
    return [each.name for each in schema if _is_plain(each.type)]


def bytes_and_path(value: Any) -> tuple[bytes | None, str]:
    """What a value of a `byte_column` holds: the file, and where it came from if it says so."""
    if isinstance(value, dict):
        return value.get("bytes"), str(value.get("path") or "")
    return value, ""


def _parquet(
    file: Any,
    columns: Callable[[pa.Schema], list[str]],
    span: tuple[int, int] | None,
    rows: int,
) -> tuple[Iterator[pa.RecordBatch], int, tuple[str, ...]]:
    """Batches of rows, the number of the first, and the columns that are not read."""
    table = pq.ParquetFile(
        file, buffer_size=_BUFFER_BYTES, pre_buffer=False, page_checksum_verification=True
    )
    chosen = columns(table.schema_arrow)
    groups = range(table.num_row_groups) if span is None else range(*span)
    before = sum(table.metadata.row_group(i).num_rows for i in range(groups.start))
    batches = table.iter_batches(rows, row_groups=list(groups), columns=chosen, use_threads=False)
    return batches, before, _others(table.schema_arrow, chosen)


def _arrow(
    file: Any, columns: Callable[[pa.Schema], list[str]]
) -> tuple[Iterator[pa.RecordBatch], int, tuple[str, ...]]:
    """As `datasets` saves them: a stream; or a file with a table of contents."""
    head = file.read(6)
    file.seek(0)
    if head == b"ARROW1":
        reader = pa.ipc.open_file(file)
        batches = (reader.get_batch(i) for i in range(reader.num_record_batches))
        schema = reader.schema
    else:
        stream = pa.ipc.open_stream(file)
        batches, schema = iter(stream), stream.schema
    chosen = columns(schema)
    return (batch.select(chosen) for batch in batches), 0, _others(schema, chosen)


def _others(schema: pa.Schema, chosen: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in schema.names if name not in chosen)


def _is_bytes(kind: pa.DataType) -> bool:
    return (
        pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind)
    )


def _has_bytes(kind: pa.DataType) -> bool:
    if not pa.types.is_struct(kind):
        return False
    return any(
        kind.field(i).name == "bytes" and _is_bytes(kind.field(i).type)
        for i in range(kind.num_fields)
    )


def _is_plain(kind: pa.DataType) -> bool:
    return not (_is_bytes(kind) or _has_bytes(kind) or pa.types.is_nested(kind))
