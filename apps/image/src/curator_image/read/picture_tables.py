"""Rows of Parquet and Arrow files that hold pictures as bytes.

A picture is a column of bytes, or one of structs of bytes and a path as Hugging Face's datasets have.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.errors import DamagedFileError
from curator_engine.files.storage import input_errors, open_read

IMAGE_COLUMNS = ("image", "bytes", "jpg", "image_bytes", "jpeg", "png", "webp", "img", "content")
"""Names of columns of pictures, the first that is there counts; else the first column of bytes."""
CAPTION_COLUMNS = ("caption", "text", "TEXT", "txt", "alt", "sentence")

_ROWS_AT_A_TIME = 16
_BUFFER_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class PictureRow:
    """A row."""

    number: int
    """In the file, from 0."""
    data: bytes | None
    """The picture; None if there is none."""
    path: str = ""
    """Where it came from, if the row says so."""
    caption: str = ""
    fields: dict[str, Any] = field(default_factory=dict[str, Any])
    """Its other columns, but for bytes and what is nested."""
    others: tuple[str, ...] = ()
    """The columns that are not read."""


def picture_rows(path: str, *, span: tuple[int, int] | None = None) -> Iterator[PictureRow]:
    """The rows of a file, a few in memory at a time.

    Args:
        path: A Parquet or Arrow file, local or remote.
        span: Row groups of Parquet [first, end); all unless given.

    Raises:
        UnreadableFileError: It cannot be read.
        DamagedFileError: It is none, or damaged; after all rows that can be read.
    """
    is_arrow = path.lower().endswith(".arrow")
    done = 0
    with input_errors(path), open_read(path) as file:
        try:
            batches, first, others = _arrow(file) if is_arrow else _parquet(file, span)
            for batch in batches:
                # Arrow reads what a damaged file claims, also from where there is nothing.
                batch.validate(full=True)
                yield from _rows(batch, first + done, others)
                done += batch.num_rows
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            if isinstance(error, OSError) and error.errno:
                raise
            what = f"damaged after {done:,} rows" if done else "no table that can be read"
            raise DamagedFileError(f"{path} is {what} ({' '.join(str(error).split())}).") from error
        except PictureColumnError as error:
            raise DamagedFileError(f"{path} {error}.") from None


class PictureColumnError(ValueError):
    """No column of pictures."""


def picture_column(schema: pa.Schema) -> str:
    """The column of pictures.

    Raises:
        PictureColumnError: There is none.
    """
    usable = [each.name for each in schema if _is_bytes(each.type) or _has_bytes(each.type)]
    named = [name for name in IMAGE_COLUMNS if name in usable]
    if not usable:
        names = ", ".join(schema.names)
        raise PictureColumnError(f"has no column of pictures as bytes among {names}")
    return (named or usable)[0]


def _parquet(
    file: Any, span: tuple[int, int] | None
) -> tuple[Iterator[pa.RecordBatch], int, tuple[str, ...]]:
    """Batches of rows, the number of the first, and the columns that are not read."""
    table = pq.ParquetFile(
        file, buffer_size=_BUFFER_BYTES, pre_buffer=False, page_checksum_verification=True
    )
    picture_column(table.schema_arrow)
    groups = range(table.num_row_groups) if span is None else range(*span)
    before = sum(table.metadata.row_group(i).num_rows for i in range(groups.start))
    columns = _columns(table.schema_arrow)
    batches = table.iter_batches(
        _ROWS_AT_A_TIME, row_groups=list(groups), columns=columns, use_threads=False
    )
    return batches, before, _others(table.schema_arrow)


def _arrow(file: Any) -> tuple[Iterator[pa.RecordBatch], int, tuple[str, ...]]:
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
    picture_column(schema)
    columns = _columns(schema)
    return (batch.select(columns) for batch in batches), 0, _others(schema)


def _columns(schema: pa.Schema) -> list[str]:
    """The picture and all columns that are not bytes."""
    picture = picture_column(schema)
    return [each.name for each in schema if each.name == picture or _is_plain(each.type)]


def _others(schema: pa.Schema) -> tuple[str, ...]:
    read = _columns(schema)
    return tuple(name for name in schema.names if name not in read)


def _rows(batch: pa.RecordBatch, first: int, others: tuple[str, ...]) -> Iterator[PictureRow]:
    name = picture_column(batch.schema)
    beside: Sequence[str] = [each for each in batch.schema.names if each != name]
    # Pictures one by one: as Python objects all at once they would be in memory twice.
    facts = batch.select(beside).to_pylist() if beside else [{} for _ in range(batch.num_rows)]
    pictures = batch.column(name)
    for i, fields in enumerate(facts):
        value = pictures[i].as_py()
        path = ""
        if isinstance(value, dict):
            value, path = value.get("bytes"), str(value.get("path") or "")
        texts = (fields.get(each) for each in CAPTION_COLUMNS)
        caption = next((text for text in texts if isinstance(text, str) and text.strip()), "")
        yield PictureRow(
            number=first + i,
            data=value,
            path=path,
            caption=caption.strip(),
            fields=fields,
            others=others,
        )


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
    """Whether values of a type are facts, not contents."""
    return not (_is_bytes(kind) or _has_bytes(kind) or pa.types.is_nested(kind))
