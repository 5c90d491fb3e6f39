"""Read and write Parquet files as tasks; leave out rows whose texts are none."""

import inspect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from curator_engine.errors import UnreadableFileError
from curator_engine.files.storage import open_atomic
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.stages.given_options import STORAGE, WRITE_PARQUET
from curator_engine.stages.parquet_copy import copy_rows
from curator_engine.stages.parquet_files import (
    column_names,
    count_rows,
    group_sizes,
    iter_row_groups,
    schema_of,
)
from curator_engine.stages.parquet_schema import parquet_table, unify
from curator_engine.stages.table_files import place_of
from curator_engine.stages.table_writer import TableWriter
from curator_engine.task import ArrowColumn, FileGroupTask, TableTask, select_rows

__all__ = [
    "ParquetReader",
    "ParquetWriter",
    "column_names",
    "copy_rows",
    "count_rows",
    "group_sizes",
    "iter_row_groups",
    "schema_of",
    "without_invalid_text",
]


_WRITE_TABLE = tuple(
    name
    for name in inspect.signature(pq.write_table).parameters
    if name not in ("table", "where", "filesystem", "kwargs")
)
"""Options of Arrow's writer."""


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
        """Yield the row groups of the task's files; what cannot be read of them is rejected."""
        self.count_rows(0)
        for position, path in enumerate(task.data):
            try:
                for row, whole in iter_row_groups(
                    path,
                    self.fields,
                    span=task.span,
                    max_rows=task.reader_config.get("max_rows"),
                    reject=partial(self._reject_rows, path),
                ):
                    self.count_rows(whole.num_rows)
                    names = whole.column_names
                    table, kept, rejections = without_invalid_text(whole, names, path=path, row=row)
                    for rejection in rejections:
                        self.reject(rejection)
                    place = place_of(task, position, row)
                    batch = self.task_type(
                        data=table, dataset_name=task.dataset_name, _metadata=place
                    )
                    yield self.made(batch, task, position, kept + row)
            except UnreadableFileError as error:
                self.reject_file(path, error)

    def made(
        self, batch: TableTask, task: FileGroupTask, position: int, rows: NDArray[np.int64]
    ) -> TableTask:
        """The batch as it is handed on; a subclass may add to it.

        Args:
            batch: What was read.
            task: The files.
            position: Which of them it is from.
            rows: Number of each row in the file, from 0.
        """
        return batch

    def _reject_rows(self, path: str, row: int, rows: int, reason: str) -> None:
        self.count_rows(rows)
        self.reject(Rejection(file=path, reason=reason, offset=row, rows=rows))


@positional(
    "path", "fields", "mode", "append_mode_implemented", "write_kwargs", "file_extension", "name"
)
@dataclass(kw_only=True)
class ParquetWriter(TableWriter):
    """Write a file of each task, whole or not at all; its name is `table_file`'s."""

    compression: Literal["none", "snappy", "gzip", "zstd"] = "zstd"
    known_options = WRITE_PARQUET
    used_options = _WRITE_TABLE
    endings = (".parquet",)

    @property
    def ending(self) -> str:
        """That of Parquet files."""
        return f".{self._given or 'parquet'}"

    def process(self, task: TableTask) -> FileGroupTask:
        """Write the items as one file; what Parquet has no type for becomes JSON text."""
        options: dict[str, Any] = {"compression": self.compression, **self._options}
        options.pop(STORAGE, None)
        with self.file_of(task) as path, open_atomic(path) as file:
            pq.write_table(parquet_table(task, self.fields), file, **options)
        return FileGroupTask(data=[path], dataset_name=task.dataset_name)

    def finish_files(self, paths: Sequence[str]) -> list[str]:
        """Give the files of a run one schema; a line for each column that is JSON text now."""
        whole_file = {"compression", "row_group_size", STORAGE}
        return unify(paths, {k: v for k, v in self._options.items() if k not in whole_file})


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
    names = set(columns)
    for name, column in zip(table.column_names, table.columns, strict=True):
        if name in names:
            for i, at, text in _invalid_texts(column):
                found.setdefault(i, (f"field {name!r} is not valid UTF-8 at byte {at}", text))
    if not found:
        return table, np.arange(table.num_rows), []
    keep = np.ones(table.num_rows, np.bool_)
    keep[list(found)] = False
    rejections = [
        Rejection(file=path, reason=reason, offset=row + i, raw=text)
        for i, (reason, text) in sorted(found.items())
    ]
    return select_rows(table, keep), np.flatnonzero(keep), rejections


def _invalid_texts(column: ArrowColumn) -> Iterator[tuple[int, int, bytes]]:
    """Row, place of the first wrong byte, and bytes of each value with a text that is not UTF-8."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
            yield from _invalid_values(column)
            return
        texts: list[bytes | None] = column.cast(pa.large_binary()).to_pylist()
        for i, each in enumerate(texts):
            text = each or b""
            try:
                str(text, "utf-8")
            except UnicodeDecodeError as error:
                yield i, error.start, text


def _invalid_values(column: ArrowColumn) -> Iterator[tuple[int, int, bytes]]:
    """As `_invalid_texts`, for texts that are parts of values or stand in a dictionary."""
    for i in range(len(column)):
        try:
            column[i].as_py()
        except UnicodeDecodeError as error:
            yield i, error.start, error.object
