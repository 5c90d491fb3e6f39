"""Parquet files as tables: row groups piece by piece, what is damaged left out, old time stamps whole.

Arrow files and Lance datasets are read the same way; `arrow_files.py` and `lance_files.py` give them the face of Parquet.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.errors import DamagedFileError, UnreadableFileError
from curator_engine.files.formats import kind_of
from curator_engine.files.hive import partition_values
from curator_engine.files.storage import input_errors, open_read
from curator_engine.stages.arrow_files import ArrowFile
from curator_engine.stages.lance_files import LanceFile

type RejectRows = Callable[[int, int, str], None]
"""Told the first row, the number of rows and the reason of what cannot be read."""


type AnyParquet = pq.ParquetFile | ArrowFile | LanceFile
"""All have what is used of a Parquet file."""


def left_out(row: int, rows: int, reason: str) -> None:
    """For readers of what another has read, and rejected, before."""


def iter_row_groups(
    path: str,
    columns: Sequence[str] | None = None,
    *,
    span: tuple[int, int] | None = None,
    max_rows: int | None = None,
    reject: RejectRows | None = None,
) -> Iterator[tuple[int, pa.Table]]:
    """Row groups as tables, each with the number of its first row in the file; large ones in pieces.

    The pieces are the same whatever the columns are.

    Args:
        path: The file.
        columns: Columns to read; one that the file lacks is left out, or if a folder around it is
            called `column=value`, has that value. None reads all that the file has.
        span: Row groups [start, end); None for all.
        max_rows: Stop after so many rows of the file.
        reject: Told what is left out of a damaged row group; None makes that an error.

    Raises:
        UnreadableFileError: The file is not Parquet, is damaged, cannot be read, or has one of the
            columns twice.
    """
    with open_parquet(path, columns) as file:
        names = file.schema_arrow.names
        if twice := [name for name in columns or () if names.count(name) > 1]:
            raise DamagedFileError(f"{path} has the column {twice[0]!r} twice.")
        wanted = None if columns is None else [c for c in columns if c in names]
        outside = partition_values(path)
        outside = {c: outside[c] for c in columns or () if c in outside and c not in names}
        row = 0
        for i in range(file.num_row_groups):
            count = file.metadata.row_group(i).num_rows
            if span is None or span[0] <= i < span[1]:
                most = count if max_rows is None else min(count, max(0, max_rows - row))
                for first, piece in pieces(file, i, row, wanted, most=most, reject=reject):
                    yield first, _with_values(piece, outside)
            row += count


def _with_values(table: pa.Table, values: Mapping[str, str | int | None]) -> pa.Table:
    """The table with columns of one value each."""
    for name, value in values.items():
        kind = pa.int64() if isinstance(value, int) else pa.string()
        table = table.append_column(name, pa.array([value] * table.num_rows, kind))
    return table


def pieces(
    file: AnyParquet,
    group: int,
    row: int,
    columns: list[str] | None,
    *,
    most: int,
    reject: RejectRows | None,
) -> Iterator[tuple[int, pa.Table]]:
    """The first `most` rows of a row group, whose first row has this number, piece by piece."""
    if not most:
        empty = file.schema_arrow.empty_table()
        yield row, empty if columns is None else empty.select(columns)
        return
    facts = file.metadata.row_group(group)
    size = max(1, min(_PIECE_ROWS, facts.num_rows * _PIECE_BYTES // max(1, facts.total_byte_size)))
    done = 0
    try:
        batches = file.iter_batches(size, row_groups=[group], columns=columns, use_threads=False)
        for piece in _of_size(batches, size):
            yield row + done, piece.slice(0, most - done)
            done += piece.num_rows
            if done >= most:
                return
    except _DAMAGED as error:
        if reject is None or _is_trouble(error):
            raise
        reason = f"row group {group} is damaged: {_one_line(error)}"
        reject(row + done, most - done, reason)


def _of_size(batches: Iterator[pa.RecordBatch], size: int) -> Iterator[pa.Table]:
    """Tables of so many rows, and of what is left: a reader's batches may end where a page does."""
    waiting, rows = list[pa.RecordBatch](), 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        while rows >= size:
            table = pa.Table.from_batches(waiting)
            yield table.slice(0, size)
            rows -= size
            waiting = table.slice(size).to_batches() if rows else []
    if rows:
        yield pa.Table.from_batches(waiting)


def schema_of(path: str) -> pa.Schema:
    """The file's schema.

    Raises:
        UnreadableFileError: The file is not Parquet, is damaged or cannot be read.
    """
    with open_parquet(path, arrow_extensions_enabled=True) as file:
        return file.schema_arrow


def column_names(path: str) -> list[str]:
    """The file's columns; only its footer is read.

    Raises:
        UnreadableFileError: The file is not Parquet, is damaged or cannot be read.
    """
    with open_parquet(path, []) as file:
        return file.schema_arrow.names


def count_rows(path: str) -> list[int]:
    """Rows of each row group.

    Raises:
        UnreadableFileError: The file is not Parquet, is damaged or cannot be read.
    """
    with open_parquet(path, []) as file:
        return group_rows(file)


def group_sizes(path: str) -> list[int] | None:
    """Bytes of each row group before compression, or None if the file cannot be read."""
    try:
        with open_parquet(path, []) as file:
            return [file.metadata.row_group(i).total_byte_size for i in range(file.num_row_groups)]
    except UnreadableFileError:
        return None


def group_rows(file: AnyParquet) -> list[int]:
    """Rows of each row group."""
    return [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]


OLD_TIME = "INT96"


def _old_time_unit(file: pq.ParquetFile, raw: Any, columns: Sequence[str] | None) -> str | None:
    """The unit for INT96 time stamps among the columns: ns, or us if some are beyond its years.

    Nanoseconds end in 2262, and INT96 does not: Spark writes the year 9999.
    """
    leaves = [file.schema.column(i) for i in range(len(file.schema))]
    old = [c.path for c in leaves if c.physical_type == OLD_TIME]
    old = [path for path in old if columns is None or path.split(".")[0] in columns]
    if not old:
        return None
    if any("." in path for path in old):
        return "us"
    short = pq.ParquetFile(raw, coerce_int96_timestamp_unit="ns")
    long = pq.ParquetFile(raw, coerce_int96_timestamp_unit="us")
    for i in range(file.num_row_groups):
        try:
            tables = [f.read_row_group(i, columns=old, use_threads=False) for f in (short, long)]
        except _DAMAGED:
            continue
        for name in old:
            ns, us = (t.column(name).cast(pa.int64()).to_numpy() for t in tables)
            if np.any(np.abs(ns // 1000 - us) > 1):
                return "us"
    return "ns"


_DAMAGED = (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowIOError)
_PIECE_BYTES, _PIECE_ROWS = 32 << 20, 1 << 16
"""A larger row group is read piece by piece, so that memory is bounded."""


@contextmanager
def open_parquet(
    path: str, columns: Sequence[str] | None = None, **options: Any
) -> Generator[AnyParquet]:
    """Open a file to read these columns; None stands for all."""
    options |= {"page_checksum_verification": True}
    kind = kind_of(path)
    with input_errors(path):
        if kind == "lance":
            with _damage(path):
                yield LanceFile(path)
            return
        with open_read(path) as raw, _damage(path):
            if kind == "arrow":
                yield ArrowFile(raw, path)
                return
            file = pq.ParquetFile(raw, **options)
            unit = _old_time_unit(file, raw, columns)
            if unit:
                file = pq.ParquetFile(raw, coerce_int96_timestamp_unit=unit, **options)
            yield file


@contextmanager
def _damage(path: str) -> Generator[None]:
    """What Arrow says of damage, as an error of the file."""
    try:
        yield
    except _DAMAGED as error:
        if _is_trouble(error):
            raise
        reason = _one_line(error)
        if kind_of(path) == "lance":
            raise DamagedFileError(f"{path} is not readable as Lance: {reason}") from error
        raise DamagedFileError(f"{path} is not readable as Parquet: {reason}") from error


def _is_trouble(error: Exception) -> bool:
    """Whether it is the environment's: Arrow's own errors are plain and without a number."""
    return isinstance(error, OSError) and bool(error.errno or type(error) is not OSError)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
