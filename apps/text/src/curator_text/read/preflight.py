"""Look before running: is the text field there, how long will it take, how much disk."""

import itertools
import json
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from curator_engine.errors import InputError, OtherFormatError, UnreadableFileError
from curator_engine.files.blocks import is_compressed, iter_blocks
from curator_engine.files.hive import partition_values
from curator_engine.files.listing import FileInfo
from curator_engine.stages.files import format_of
from curator_engine.stages.jsonl import read_block
from curator_engine.stages.parquet import (
    column_names,
    count_rows,
    iter_row_groups,
    schema_of,
    without_invalid_text,
)
from curator_engine.stages.parquet_files import left_out
from curator_engine.task import ArrowArray
from curator_text.read.columns import join_chunks
from curator_text.read.json_texts import read_texts
from curator_text.read.line_objects import object_of
from curator_text.read.text_parts import columns_of, is_in_schema, is_there, parts_of, texts_of

_TEXT = pa.string()
_SAMPLE_BYTES = 1 << 20
_SAMPLE_FILES = 5
_LOOKED_AT, _NAMED_LINES = 200, 100
"""Files that are looked at for a field, and lines of each whose fields are named."""
_SMALL_INPUT = 256 << 20
"""Bytes of input for which more workers take longer to start than they save."""
_NO_ROWS = pa.table({})
_UNPACKED = 4
"""Bytes of text per byte of a compressed file, roughly."""


def check_text_field(
    files: Sequence[FileInfo], text_field: str, *, option: str = "text", edits: bool = False
) -> None:
    """Make sure that a file has the text field, or that of another option: the footer or first megabyte.

    Of many files, some hundred are looked at that lie spread over the list.

    Args:
        files: The input.
        text_field: What `text_parts.py` knows, if it is the text's.
        option: Whose field it is.
        edits: Texts are written back, so it must be a field of its own with a text.

    Raises:
        InputError: None has it; the message names the fields that there are. Or all are of a form
            that is not read. Or there is nowhere to write an edited text.
    """
    if option == "text":
        kinds = {kind for file in _some(files) if (kind := _kind(file.path, text_field))}
        if edits and kinds & {"parts", "messages"}:
            raise InputError(
                f"--text-field {text_field} is not one field of text in each row, so an edited text "
                "has no place to be written back; make it one first, or edit each field by itself."
            )
        if "parts" in kinds:
            for part in parts_of(text_field):
                _check_field(files, part, option=option)
            return
    _check_field(files, text_field, option=option)


def _some(files: Sequence[FileInfo]) -> Sequence[FileInfo]:
    return files[:: -(-len(files) // _LOOKED_AT) or 1]


def _check_field(files: Sequence[FileInfo], text_field: str, *, option: str) -> None:
    seen: dict[str, None] = {}
    amiss = list[str]()
    looked = _some(files)
    for file in looked:
        try:
            names = _field_names(file.path, text_field)
        except OtherFormatError as error:
            amiss.append(str(error))
            continue
        if text_field in names:
            return
        seen.update(dict.fromkeys(names))
    if not seen and amiss and len(amiss) == len(looked):
        raise InputError(amiss[0])
    if seen:
        where = f"{len(files):,} files"
        if len(looked) < len(files):
            where = f"{len(looked)} files that were looked at, of {where}"
        use = "--partition-by" if option == "partition" else f"--{option}-field"
        raise InputError(
            f"the {option} field {text_field!r} is in none of the {where}; "
            f"the fields are {', '.join(seen)}. Use {use}."
        )


def check_other_fields(
    files: Sequence[FileInfo], *, id_field: str | None, source_field: str | None = None
) -> None:
    """Make sure that the fields of options are there, which a mistyped one is not.

    Raises:
        InputError: One is in none of the files.
    """
    for option, name in (("id", id_field), ("source", source_field)):
        outside = option == "source" and any(name in partition_values(f.path) for f in files)
        if name and not outside:
            check_text_field(files, name, option=option)


def _field_names(path: str, wanted: str) -> list[str]:
    """The fields of a Parquet file, or those of the first lines of a file of JSON lines, and the wanted one.

    [] if it is unreadable.

    Raises:
        OtherFormatError: It is of another form.
    """
    try:
        if format_of(path) == "parquet":
            columns = column_names(path)
            return [*columns, wanted] if is_in_schema(schema_of(path), wanted) else columns
        names: dict[str, None] = {}
        escaped = json.dumps(wanted)[1:-1]
        for _, data in itertools.islice(iter_blocks(path, block_bytes=_SAMPLE_BYTES), 1):
            for number, line in enumerate(data.splitlines()):
                if number < _NAMED_LINES or wanted.encode() in line or escaped.encode() in line:
                    row = object_of(line)
                    names.update(dict.fromkeys(row))
                    if is_there(row, wanted):
                        names[wanted] = None
                if wanted in names:
                    break
        return list(names)
    except OtherFormatError:
        raise
    except UnreadableFileError:
        return []


def _kind(path: str, field: str) -> str:
    """How the first rows of a file have a text: "text", "messages", in "parts"; "" if they do not."""
    try:
        rows = _first_rows(path, field)
    except UnreadableFileError:
        return ""
    for row in rows:
        if row.get(field) is not None:
            return "messages" if isinstance(row[field], list) else "text"
    return "parts" if any(field not in row and is_there(row, field) for row in rows) else ""


def _first_rows(path: str, field: str) -> list[dict[str, Any]]:
    if format_of(path) == "parquet":
        tables = iter_row_groups(path, columns_of(field), reject=left_out)
        return next((table.slice(0, _NAMED_LINES) for _, table in tables), _NO_ROWS).to_pylist()
    for _, data in iter_blocks(path, block_bytes=_SAMPLE_BYTES):
        return [object_of(line) for line in itertools.islice(data.splitlines(), _NAMED_LINES)]
    return []


def fitting_workers(workers: int | None, executor: str, files: Sequence[FileInfo]) -> int | None:
    """How many worker processes a command is to start; None for as many as there are CPUs.

    Args:
        workers: What was asked for.
        executor: Where it runs.
        files: The input.
    """
    if workers is not None or executor != "local":
        return workers
    size = sum(file.size * (_UNPACKED if is_compressed(file.path) else 1) for file in files)
    return 1 if size < _SMALL_INPUT else None


@dataclass(frozen=True, kw_only=True)
class Extent:
    """What there is to do, judged by the beginnings of a few files."""

    documents: int
    seconds: float
    """What the work that was tried takes in one process for all of them."""
    input_bytes: int
    """Of the files, as far as they are read."""


def extrapolate(
    files: Sequence[FileInfo],
    *,
    field: str,
    kind: pa.DataType = _TEXT,
    work: Callable[[ArrowArray], object],
    limit: int | None = None,
) -> Extent:
    """Do the work on the texts at the beginning of a few files, and go on from there.

    Args:
        files: The input.
        field: Its field of texts, or of other values.
        kind: Their type in lines.
        work: Takes them.
        limit: Documents that are read at most.
    """
    read = documents = 0
    seconds = first = 0.0
    for file in files[:: max(1, len(files) // _SAMPLE_FILES)]:
        if not documents:
            # Kernels are loaded, or compiled, once, however many documents there are.
            first = _seconds_of(work, sample_values(file, field, kind)[0])
        start = time.perf_counter()
        values, size = sample_values(file, field, kind)
        seconds += time.perf_counter() - start + _seconds_of(work, values)
        read += size
        documents += len(values)
    total = sum(file.size for file in files)
    scale = total / read if read else 0.0
    count = round(documents * scale)
    part = 1.0 if limit is None or not count else min(1.0, limit / count)
    return Extent(
        documents=round(count * part),
        seconds=first + seconds * scale * part,
        input_bytes=round(total * part),
    )


def _seconds_of(work: Callable[[ArrowArray], object], values: ArrowArray) -> float:
    start = time.perf_counter()
    if len(values):
        work(values)
    return time.perf_counter() - start


def sample_values(file: FileInfo, field: str, kind: pa.DataType = _TEXT) -> tuple[ArrowArray, int]:
    """Values of a field from the beginning of a file, and about how many of its bytes they are."""
    try:
        if format_of(file.path) == "parquet":
            return _sample_rows(file, field)
        for _, data in iter_blocks(file.path, block_bytes=_SAMPLE_BYTES):
            is_text = pa.types.is_string(kind)
            block = read_texts(data, field) if is_text else read_block(data, {field: kind})
            values = block.table.column(field)
            # How far compressed bytes reach is not known; these compress about as well as the file's.
            size = len(zlib.compress(data)) if is_compressed(file.path) else len(data)
            return join_chunks(values.drop_null()), min(size, file.size)
    except UnreadableFileError:
        pass
    return pa.array([], kind), 0


def _sample_rows(file: FileInfo, field: str) -> tuple[ArrowArray, int]:
    rows = sum(count_rows(file.path))
    for _, table in iter_row_groups(file.path, columns_of(field), reject=left_out):
        texts = texts_of(table, field)
        # Embeddings are no texts, and none of them is invalid.
        column = texts if texts is not None or field not in table.column_names else table[field]
        if column is not None:
            found = pa.Table.from_arrays([column], [field])
            valid, _, _ = without_invalid_text(found, [field], path=file.path, row=0)
            size = file.size * table.num_rows // max(1, rows)
            return join_chunks(valid.column(field).drop_null()), size
    return pa.array([], pa.string()), 0
