"""Read and write Parquet files as tasks; copy a file without some of its rows."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from curator_engine.errors import DamagedFileError, InputError, UnreadableFileError
from curator_engine.files.storage import (
    input_errors,
    join,
    list_names,
    open_atomic,
    open_read,
    remove,
)
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.task import LINE_COLUMN, ArrowColumn, FileGroupTask, TableTask


@dataclass(kw_only=True)
class ParquetReader(ProcessingStage[FileGroupTask, TableTask]):
    """Read Parquet, a task per row group."""

    fields: list[str] | None = None
    """Columns to read; None reads all."""
    task_type: ClassVar[type[TableTask]] = TableTask

    def outputs(self) -> tuple[list[str], list[str]]:
        """The columns, where they are named."""
        return ["data"], self.fields or []

    def process(self, task: FileGroupTask) -> Iterator[TableTask]:
        """Yield the row groups of the task's files; a broken file is rejected."""
        self.count_rows(0)
        for path in task.data:
            try:
                for _, table in iter_row_groups(
                    path, self.fields, span=task.span, max_rows=task.reader_config.get("max_rows")
                ):
                    self.count_rows(table.num_rows)
                    yield self.task_type(data=table, dataset_name=task.dataset_name)
            except UnreadableFileError as error:
                self.reject_file(path, error)


@dataclass(kw_only=True)
class ParquetWriter(ProcessingStage[TableTask, FileGroupTask]):
    """Write each task to `<path>/<task id>.parquet`, whole or not at all."""

    path: str
    fields: list[str] | None = None
    """Columns to write; None writes all."""
    compression: Literal["none", "snappy", "gzip", "zstd"] = "zstd"

    def inputs(self) -> tuple[list[str], list[str]]:
        """The columns to write, where they are named."""
        return ["data"], self.fields or []

    def process(self, task: TableTask) -> FileGroupTask:
        """Write the items as one file."""
        names = self.fields or [name for name in task.data.column_names if name != LINE_COLUMN]
        path = join(self.path, f"{task.task_id}.parquet")
        with open_atomic(path) as file:
            pq.write_table(task.data.select(names), file, compression=self.compression)
        return FileGroupTask(data=[path], dataset_name=task.dataset_name)

    def resume(self, committed: frozenset[str]) -> None:
        """Remove files of a killed run that no finished source stands for."""
        for name in list_names(self.path):
            path = join(self.path, name)
            if name.endswith((".parquet", ".tmp")) and path not in committed:
                remove(path)


def iter_row_groups(
    path: str,
    columns: list[str] | None = None,
    *,
    span: tuple[int, int] | None = None,
    max_rows: int | None = None,
) -> Iterator[tuple[int, pa.Table]]:
    """Row groups as tables, each with the number of its first row in the file.

    Args:
        path: The file.
        columns: Columns to read; one that the file lacks is left out. None reads all.
        span: Row groups [start, end); None for all.
        max_rows: Stop after so many rows of the file.

    Raises:
        UnreadableFileError: The file is not Parquet, is damaged or cannot be read.
    """
    with _open(path) as file:
        first, last = span or (0, file.num_row_groups)
        sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
        wanted = None if columns is None else [c for c in columns if c in file.schema_arrow.names]
        for i in range(first, last):
            row = sum(sizes[:i])
            table = file.read_row_group(i, columns=wanted, use_threads=False)
            yield row, table if max_rows is None else table.slice(0, max(0, max_rows - row))


def without_invalid_text(
    table: pa.Table, columns: Iterable[str], *, path: str, row: int
) -> tuple[pa.Table, NDArray[np.int64], list[Rejection]]:
    """Leave out rows with a text that is not UTF-8, which Parquet files may hold.

    Args:
        table: A row group.
        columns: To look at; one that is not there or holds no text is passed over.
        path: The file.
        row: Number of the row group's first row in it.

    Returns:
        The other rows, their numbers in `table`, and a rejection per row left out, in order.
    """
    found = dict[int, tuple[str, bytes]]()
    for name in columns:
        if name in table.column_names:
            for i, at, text in _invalid_texts(table.column(name)):
                found.setdefault(i, (f"field {name!r} is not valid UTF-8 at byte {at}", text))
    if not found:
        return table, np.arange(table.num_rows), []
    rows = np.setdiff1d(np.arange(table.num_rows), list(found))
    rejections = [
        Rejection(file=path, reason=reason, offset=row + i, raw=text)
        for i, (reason, text) in sorted(found.items())
    ]
    return table.take(pa.array(rows, pa.int64())), rows, rejections


def schema_of(path: str) -> pa.Schema:
    """The file's schema.

    Raises:
        UnreadableFileError: The file is not Parquet, is damaged or cannot be read.
    """
    with _open(path) as file:
        return file.schema_arrow


def count_rows(path: str) -> list[int]:
    """Rows of each row group.

    Raises:
        UnreadableFileError: The file is not Parquet, is damaged or cannot be read.
    """
    with _open(path) as file:
        return [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]


def group_sizes(path: str) -> list[int] | None:
    """Bytes of each row group before compression, or None if the file cannot be read."""
    try:
        with _open(path) as file:
            return [file.metadata.row_group(i).total_byte_size for i in range(file.num_row_groups)]
    except UnreadableFileError:
        return None


def copy_rows(
    path: str,
    out: str,
    drop: NDArray[np.int64],
    *,
    groups: Sequence[int] | None = None,
    max_rows: int | None = None,
    schema: pa.Schema | None = None,
    change: Callable[[int, pa.Table], pa.Table] | None = None,
) -> tuple[int, int]:
    """Copy a Parquet file without some rows; schema, compression and row groups stay.

    Args:
        path: The file.
        out: The copy, which appears when it is complete.
        drop: Sorted numbers of the rows to leave out, from 0.
        groups: Copy only these row groups, in order.
        max_rows: Stop after so many rows of the file.
        schema: Of the copy, if `change` gives another.
        change: Called with each row group and the number of its first row; gives its rows anew.

    Returns:
        Rows written and rows left out.

    Raises:
        InputError: There are fewer rows than `drop` says: the file has changed.
        StorageError: A file cannot be read or written.
    """
    written = left_out = 0
    with _open(path) as file, open_atomic(out) as target:
        schema = schema or file.schema_arrow
        with pq.ParquetWriter(target, schema, compression=_compression(file)) as writer:
            sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
            for i in range(file.num_row_groups) if groups is None else groups:
                at = sum(sizes[:i])
                table = file.read_row_group(i, use_threads=False)
                if max_rows is not None:
                    table = table.slice(0, max(0, max_rows - at))
                table = change(at, table) if change else table
                low, high = np.searchsorted(drop, (at, at + table.num_rows))
                keep = np.ones(table.num_rows, dtype=bool)
                keep[drop[low:high] - at] = False
                left_out += int(high - low)
                kept = table if keep.all() else _select_rows(table, keep)
                written += kept.num_rows
                if kept.num_rows:
                    writer.write_table(kept, row_group_size=kept.num_rows)
        if left_out != len(drop):
            raise InputError(
                f"{path} has changed during the run: it has fewer rows than when it was read."
            )
    return written, left_out


def _select_rows(table: pa.Table, keep: NDArray[np.bool_]) -> pa.Table:
    """Some rows of a table, whatever its types: not every type of Arrow's can be filtered."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], keep, [False])).astype(np.int8)))
    runs = [table.slice(start, end - start) for start, end in edges.reshape(-1, 2).tolist()]
    return pa.concat_tables([table.slice(0, 0), *runs])


def _invalid_texts(column: ArrowColumn) -> Iterator[tuple[int, int, bytes]]:
    """Row, place of the first wrong byte, and bytes of each text that is not UTF-8."""
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        texts: list[bytes | None] = column.cast(pa.large_binary()).to_pylist()
        for i, each in enumerate(texts):
            text = each or b""
            try:
                str(text, "utf-8")
            except UnicodeDecodeError as error:
                yield i, error.start, text


def _compression(file: pq.ParquetFile) -> Any:
    """The codec of each column, as the first row group has it."""
    if not file.num_row_groups:
        return "snappy"
    group = file.metadata.row_group(0)
    columns = [group.column(i) for i in range(group.num_columns)]
    names = {"UNCOMPRESSED": "none"}
    return {c.path_in_schema: names.get(c.compression, c.compression.lower()) for c in columns}


@contextmanager
def _open(path: str) -> Generator[pq.ParquetFile]:
    with input_errors(path), open_read(path) as raw:
        try:
            file = pq.ParquetFile(raw)
            yield file
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowIOError) as error:
            # Arrow's own are plain and without a number; others come from what it reads.
            if isinstance(error, OSError) and (error.errno or type(error) is not OSError):
                raise
            line: Any = " ".join(str(error).split())
            raise DamagedFileError(f"{path} is not readable as Parquet: {line}") from error
