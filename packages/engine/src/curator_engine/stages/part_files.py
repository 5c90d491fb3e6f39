"""Write the rows of a folder into files of a size, one after the other: lines as bytes, and tables as Parquet.

What is in the rows is the caller's; here they are only cut into files and row groups.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.files.blocks import open_compressed
from curator_engine.files.storage import open_atomic

GROUP_ROWS, GROUP_BYTES = 1 << 16, 32 << 20
"""A row group is at most so large unless a number of rows is given."""


@dataclass(kw_only=True)
class PartFiles:
    """Files of one folder; each appears when it is complete."""

    path_of: Callable[[int], str]
    """The path of a file, by its number."""
    file_size: int | None = None
    """Bytes of a file, about; None for one file."""
    paths: list[str] = field(default_factory=list[str], init=False)
    """Those that were begun."""
    waiting: int = field(default=0, init=False)
    """Bytes of rows that are kept in memory until they make a row group."""
    _stack: ExitStack | None = field(default=None, init=False)
    _file: Any = field(default=None, init=False)

    def write(self, rows: Any) -> None:
        """Write some rows."""
        raise NotImplementedError

    def flush(self) -> None:
        """Write what waits."""

    def __enter__(self) -> "PartFiles":
        """Itself."""
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        """Complete the last file; after an error there is none."""
        if kind is None:
            self.flush()
        self.end_file(kind)

    def begin_file(self, opened: Callable[[str, ExitStack], Any]) -> Any:
        """The file that is written; a new one if there is none."""
        if self._stack is None:
            self.paths.append(self.path_of(len(self.paths)))
            self._stack = ExitStack()
            self._file = opened(self.paths[-1], self._stack)
        return self._file

    def end_file(self, kind: object = None) -> None:
        """Complete the file that is written, or leave nothing of it after an error."""
        stack, self._stack, self._file = self._stack, None, None
        if stack is None:
            return
        if kind is None:
            stack.close()
        else:
            stack.__exit__(RuntimeError, RuntimeError("the file is not complete"), None)


@dataclass(kw_only=True)
class LineFiles(PartFiles):
    """Files of lines, compressed as their endings say; a size is that before compression."""

    _written: int = field(default=0, init=False)

    def write(self, rows: bytes | memoryview) -> None:
        """Write whole lines."""
        size = len(rows)
        if not size:
            return
        if self.file_size and self._written and self._written + size > self.file_size:
            self.end_file()
            self._written = 0
        file = self.begin_file(lambda path, stack: stack.enter_context(open_compressed(path)))
        file.write(rows)
        self._written += size


@dataclass(kw_only=True)
class RowFiles(PartFiles):
    """Files of Parquet; rows wait until they make a row group."""

    options: dict[str, Any] = field(default_factory=dict[str, Any])
    """Of Arrow's writer."""
    group_rows: int | None = None
    """Rows of a row group; as many as make one of the usual size unless given."""
    _tables: list[pa.Table] = field(default_factory=list[pa.Table], init=False)
    _rows: int = field(default=0, init=False)
    _raw: Any = field(default=None, init=False)
    _schema: pa.Schema | None = field(default=None, init=False)

    def write(self, rows: pa.Table) -> None:
        """Write a table; one of other columns begins a new file. One without rows makes a file as well."""
        if self._schema is None or not rows.schema.equals(self._schema, check_metadata=True):
            if self._schema is not None:
                self.flush()
                self.end_file()
            self._schema = rows.schema
        if rows.num_rows or not self.paths:
            self._writer()
        self._tables.append(rows)
        self._rows += rows.num_rows
        self.waiting += rows.nbytes
        while self._rows >= (size := self._group()):
            self._write_group(size)

    def flush(self) -> None:
        """Write the rows that wait as one row group."""
        if self._rows:
            self._write_group(self._rows)

    def _group(self) -> int:
        """Rows that make a row group, as large as those are that wait."""
        if self.group_rows:
            return self.group_rows
        most = min(GROUP_BYTES, max(1, (self.file_size or GROUP_BYTES * 4) // 4))
        return max(1, min(GROUP_ROWS, most * self._rows // max(1, self.waiting)))

    def _write_group(self, rows: int) -> None:
        table = pa.concat_tables(self._tables)
        group, left = table.slice(0, rows), table.slice(rows)
        self._writer().write_table(group, row_group_size=rows)
        self._tables, self._rows = [left] if left.num_rows else [], left.num_rows
        self.waiting = left.nbytes
        if self.file_size and self._raw.tell() >= self.file_size:
            self.end_file()

    def _writer(self) -> Any:
        return self.begin_file(self._open)

    def _open(self, path: str, stack: ExitStack) -> Any:
        self._raw = stack.enter_context(open_atomic(path))
        schema: Any = self._schema
        made: Any = pq.ParquetWriter(self._raw, schema, **self.options)
        return stack.enter_context(made)
