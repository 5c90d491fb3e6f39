"""Recordings in Parquet and Arrow files: bytes, or structs of bytes and a path as Hugging Face's datasets have.

A table without bytes is a list: its rows name files.
"""

import posixpath
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from curator_audio.read.manifest import PATH_FIELDS, ListedAudio, listed_row, text_of
from curator_engine.files.table_batches import (
    ColumnError,
    TableBatch,
    byte_column,
    bytes_and_path,
    plain_columns,
    table_batches,
)

AUDIO_COLUMNS = ("audio", "bytes", "wav", "flac", "mp3", "opus", "audio_bytes", "sound", "content")
"""Names of columns of recordings, the first that is there counts; else the first column of bytes."""
_ROWS_AT_A_TIME = 4


@dataclass(frozen=True, kw_only=True)
class TableRecording:
    """A row of a table."""

    number: int
    """In the file, from 0."""
    data: bytes = b""
    """The recording; empty if the row names a file, or has a problem."""
    listed: ListedAudio | None = None
    """The file that the row names."""
    text: str = ""
    fields: dict[str, Any] = field(default_factory=dict[str, Any])
    """Its other columns, but for bytes and what is nested."""
    problem: str = ""


def table_recordings(path: str, *, tally: Counter[str] | None = None) -> Iterator[TableRecording]:
    """The rows of a table, a few in memory at a time.

    Args:
        path: A Parquet or Arrow file; paths in it count from its folder.
        tally: Counts the columns that are not read.

    Raises:
        UnreadableFileError: It cannot be read.
        DamagedFileError: It is none, damaged, or has no column of recordings.
    """
    counts = Counter[str]() if tally is None else tally
    others: tuple[str, ...] = ()
    for batch in table_batches(path, _columns, rows=_ROWS_AT_A_TIME):
        others = batch.others
        yield from _rows(posixpath.dirname(path), batch)
    for name in others:
        counts[f"column {name}"] += 1


def _columns(schema: pa.Schema) -> list[str]:
    """The recording, or its path, and all columns that are not bytes."""
    sound, plain = byte_column(schema, AUDIO_COLUMNS), plain_columns(schema)
    if not sound and not set(PATH_FIELDS).intersection(plain):
        names = ", ".join(schema.names)
        raise ColumnError(f"has no column of recordings, as bytes or as paths, among {names}")
    return [name for name in schema.names if name == sound or name in plain]


def _rows(folder: str, batch: TableBatch) -> Iterator[TableRecording]:
    rows = batch.rows
    name = byte_column(rows.schema, AUDIO_COLUMNS)
    beside = [each for each in rows.schema.names if each != name]
    # Recordings one by one: as Python objects all at once they would be in memory twice.
    facts = rows.select(beside).to_pylist() if beside else [{} for _ in range(rows.num_rows)]
    for i, fields in enumerate(facts):
        number = batch.first + i
        data, path = bytes_and_path(rows.column(name)[i].as_py()) if name else (None, "")
        if data:
            yield TableRecording(number=number, data=data, text=text_of(fields), fields=fields)
        elif path or not name:
            row = {**fields, PATH_FIELDS[0]: path} if path else fields
            listed = listed_row(folder, number, row)
            yield TableRecording(number=number, listed=listed, text=listed.text, fields=fields)
        else:
            problem = "its row has no recording" if data is None else "it is empty"
            yield TableRecording(number=number, fields=fields, problem=problem)
