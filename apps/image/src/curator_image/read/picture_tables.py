"""Rows of Parquet and Arrow files that hold pictures as bytes.

A picture is a column of bytes, or one of structs of bytes and a path as Hugging Face's datasets have.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from curator_engine.files.table_batches import (
    ColumnError,
    TableBatch,
    byte_column,
    bytes_and_path,
    plain_columns,
    table_batches,
)

IMAGE_COLUMNS = ("image", "bytes", "jpg", "image_bytes", "jpeg", "png", "webp", "img", "content")
"""Names of columns of pictures, the first that is there counts; else the first column of bytes."""
CAPTION_COLUMNS = ("caption", "text", "TEXT", "txt", "alt", "sentence")


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
    for batch in table_batches(path, _columns, span=span):
        yield from _rows(batch)


def picture_column(schema: pa.Schema) -> str:
    """The column of pictures.

    Raises:
        ColumnError: There is none.
    """
    if not (name := byte_column(schema, IMAGE_COLUMNS)):
        names = ", ".join(schema.names)
        raise ColumnError(f"has no column of pictures as bytes among {names}")
    return name


def _columns(schema: pa.Schema) -> list[str]:
    """The picture and all columns that are not bytes."""
    picture, plain = picture_column(schema), plain_columns(schema)
    return [name for name in schema.names if name == picture or name in plain]


def _rows(batch: TableBatch) -> Iterator[PictureRow]:
    rows = batch.rows
    name = picture_column(rows.schema)
    beside: Sequence[str] = [each for each in rows.schema.names if each != name]
    # Pictures one by one: as Python objects all at once they would be in memory twice.
    facts = rows.select(beside).to_pylist() if beside else [{} for _ in range(rows.num_rows)]
    pictures = rows.column(name)
    for i, fields in enumerate(facts):
        data, path = bytes_and_path(pictures[i].as_py())
        texts = (fields.get(each) for each in CAPTION_COLUMNS)
        caption = next((text for text in texts if isinstance(text, str) and text.strip()), "")
        yield PictureRow(
            number=batch.first + i,
            data=data,
            path=path,
            caption=caption.strip(),
            fields=fields,
            others=batch.others,
        )
