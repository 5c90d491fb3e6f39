"""Read evaluation sets: files of items, each with some fields of text.

A field that holds lists or mappings, such as the choices of a question, is one text: all that is text in it,
one below the other. Evaluation sets are small beside what is compared with them, so they are read as Python
objects.
"""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.errors import InputError, UnreadableFileError
from curator_engine.files.blocks import iter_blocks
from curator_engine.files.formats import COMPRESSIONS, EXTENSIONS, compression_of, ending_of, look
from curator_engine.files.listing import FileInfo, find_files
from curator_engine.files.storage import input_errors, open_read
from curator_engine.files.streams import decompressed

_LINES, _TABLES = (".txt", ".text"), {".csv": ",", ".tsv": "\t"}
EVALUATION_ENDINGS = (
    *EXTENSIONS["jsonl"],
    *EXTENSIONS["parquet"],
    *(e + c for e in (*_LINES, *_TABLES) for c in ("", *COMPRESSIONS)),
)
"""Endings that count in folders of evaluation sets."""
_LONGEST = 1 << 30
"""Bytes of a cell of a table, and of a line."""
LINE_FIELD = "line"
"""What the field of a file of plain lines is called."""


@dataclass(frozen=True, kw_only=True)
class EvaluationItem:
    """A text of an evaluation set: one field of one row."""

    file: int
    """Which of the files."""
    row: int
    """Line, row or element of the file, from 0."""
    field: str
    text: str


@dataclass(kw_only=True)
class EvaluationFile:
    """What was read of a file."""

    name: str
    rows: int = 0
    unreadable: int = 0
    """Rows that are no objects, or not UTF-8."""
    fields: dict[str, None]
    """Names of the fields that were met, in order."""


def evaluation_files(against: Sequence[str]) -> list[FileInfo]:
    """The files of evaluation sets.

    Raises:
        InputError: A path is missing, or nothing in it can be an evaluation set.
    """
    return find_files(against, extensions=EVALUATION_ENDINGS).files


def read_items(
    files: Sequence[FileInfo], fields: Sequence[str], seen: list[EvaluationFile]
) -> Iterator[EvaluationItem]:
    """The texts of evaluation sets, file by file.

    Args:
        files: Of lines of JSON, of one JSON array, Parquet, CSV, TSV or plain lines.
        fields: Which fields count; all that have text if there are none.
        seen: Gets what was read of each file.

    Raises:
        InputError: A file cannot be read, or none has a field that was named.
    """
    for number, file in enumerate(files):
        about = EvaluationFile(name=file.name, fields={})
        seen.append(about)
        for row, values in enumerate(_rows(file.path)):
            about.rows += 1
            if values is None:
                about.unreadable += 1
                continue
            about.fields.update(dict.fromkeys(values))
            for field in fields or values:
                text = _text(values.get(field))
                if text:
                    yield EvaluationItem(file=number, row=row, field=field, text=text)
        if about.rows and about.rows == about.unreadable:
            raise InputError(f"no row of the evaluation file {file.path} can be read.")
    known = {name for about in seen for name in about.fields}
    for field in fields:
        if field not in known:
            raise InputError(
                f"the field {field!r} is in none of the evaluation files; "
                f"the fields are {', '.join(sorted(known))}. Use --against-field."
            )


def _text(value: Any) -> str:
    """All that is text in a value."""
    return "\n".join(_texts(value))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield value.decode("utf-8", "replace")
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _rows(path: str) -> Iterator[dict[str, Any] | None]:
    """The rows of a file by field; None for one that cannot be read."""
    kind = ending_of(path).split(".")[1:2]
    ending = f".{kind[0]}" if kind else ""
    try:
        with input_errors(path):
            if look(path).format == "parquet":
                yield from _parquet_rows(path)
            elif ending in _TABLES:
                yield from _table_rows(path, _TABLES[ending])
            elif ending in _LINES:
                for line in _lines(path):
                    yield {LINE_FIELD: line.decode("utf-8", "replace")}
            else:
                yield from _json_rows(path)
    except UnreadableFileError as error:
        raise InputError(f"an evaluation file cannot be read: {error}") from error


def _parquet_rows(path: str) -> Iterator[dict[str, Any]]:
    try:
        with open_read(path) as raw:
            for batch in pq.ParquetFile(raw).iter_batches(1024):
                yield from batch.to_pylist()
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise InputError(f"the evaluation file {path} is not readable as Parquet.") from error


def _table_rows(path: str, delimiter: str) -> Iterator[dict[str, Any] | None]:
    csv.field_size_limit(_LONGEST)
    text = io.StringIO(_whole(path).decode("utf-8-sig", "replace"), newline="")
    rows = csv.DictReader(text, delimiter=delimiter)
    try:
        for row in rows:
            # What is too much in a row has no name.
            yield {str(name): value for name, value in row.items() if name is not None}
    except csv.Error as error:
        where = f"line {rows.line_num} of the evaluation file {path}"
        raise InputError(f"{where} is no row of a table: {error}.") from error


def _json_rows(path: str) -> Iterator[dict[str, Any] | None]:
    amiss = look(path).amiss
    if "JSON array" in amiss:
        try:
            rows = json.loads(_whole(path).decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise InputError(f"the evaluation file {path} is no JSON: {error}.") from error
        yield from (row if isinstance(row, dict) else None for row in rows)
        return
    if amiss:
        raise InputError(f"the evaluation file {path} {amiss}")
    for line in _lines(path):
        if not line.strip():
            continue
        try:
            row = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
        except (ValueError, RecursionError):
            row = None
        for each in row if isinstance(row, list) else [row]:
            yield each if isinstance(each, dict) else None


def _lines(path: str) -> Iterator[bytes]:
    for _, data in iter_blocks(path, max_row=_LONGEST, as_is=True):
        yield from data.removesuffix(b"\n").split(b"\n")


def _whole(path: str) -> bytes:
    kind = compression_of(path)
    with open_read(path) as file:
        return b"".join(decompressed(file, path, kind)) if kind else file.read()
