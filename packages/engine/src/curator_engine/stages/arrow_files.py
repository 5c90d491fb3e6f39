"""Arrow files with the face of Parquet files: streams, as `datasets` saves them, and files with a footer.

Record batches that lie side by side are a row group. A file that is cut off is not read at all, since
it does not say how many rows are missing.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import pyarrow as pa

from curator_engine.errors import DamagedFileError, OtherFormatError
from curator_engine.files.paths import is_remote

_GROUP_BYTES, _GROUP_ROWS = 32 << 20, 1 << 16
"""Batches of `datasets` have a thousand rows, which are too few for a task or a row group."""
_MAGIC = b"ARROW1\0\0"
_AT_END = -1
"""Of a stream; nothing follows."""
type _Batches = Iterator[pa.RecordBatch]


@dataclass(frozen=True, kw_only=True)
class RowGroup:
    """Some batches of a file."""

    first: int
    """Number of the first batch."""
    batches: int
    num_rows: int
    total_byte_size: int


@dataclass(frozen=True, kw_only=True)
class _Metadata:
    groups: list[RowGroup]

    @property
    def num_rows(self) -> int:
        return sum(group.num_rows for group in self.groups)

    def row_group(self, number: int) -> RowGroup:
        return self.groups[number]


class ArrowFile:
    """An Arrow file, read as `pyarrow.parquet.ParquetFile` reads."""

    def __init__(self, raw: BinaryIO, path: str) -> None:
        """Count the rows; of a file on this machine, nothing else of it is read.

        Raises:
            DamagedFileError: It is no Arrow file, or is cut off.
            OtherFormatError: It has a type that Parquet, which is written of it, does not have.
        """
        self._path, self._raw = path, raw
        self._position, self._reader = 0, self._open()
        self.schema_arrow: pa.Schema = self._reader.schema
        check_types(self.schema_arrow, path)
        self.metadata = _Metadata(groups=list(_groups(self._all())))
        self.num_row_groups = len(self.metadata.groups)
        self._position = _AT_END

    def _open(self) -> Any:
        source: Any = self._raw
        if is_remote(self._path):
            self._raw.seek(0)
            source = io.BytesIO(self._raw.read())
        else:
            source = pa.memory_map(self._path)
        ipc: Any = pa.ipc
        try:
            is_file = source.read(len(_MAGIC)) == _MAGIC
            source.seek(0)
            self._position = 0
            return ipc.open_file(source) if is_file else ipc.open_stream(source)
        except pa.ArrowInvalid as error:
            raise DamagedFileError(
                f"{self._path} is not readable as Arrow: {_said(error)}"
            ) from error

    def _all(self) -> _Batches:
        try:
            yield from _batches_of(self._reader)
        except (pa.ArrowInvalid, OSError) as error:
            if isinstance(error, OSError) and error.errno:
                raise
            raise DamagedFileError(f"{self._path} is cut off or damaged: {_said(error)}") from error

    def iter_batches(
        self,
        batch_size: int,
        *,
        row_groups: Sequence[int] | None = None,
        columns: Sequence[str] | None = None,
        use_threads: bool = False,
    ) -> _Batches:
        """Batches of at most so many rows."""
        del use_threads
        numbers = range(self.num_row_groups) if row_groups is None else row_groups
        for group in map(self.metadata.row_group, numbers):
            for batch in self._batches(group):
                chosen = batch if columns is None else batch.select(list(columns))
                for start in range(0, batch.num_rows, batch_size):
                    yield chosen.slice(start, batch_size)

    def read_row_group(self, number: int, **options: Any) -> pa.Table:
        """A row group as a table."""
        del options
        return pa.Table.from_batches(
            list(self._batches(self.metadata.row_group(number))), self.schema_arrow
        )

    def _batches(self, group: RowGroup) -> _Batches:
        if hasattr(self._reader, "get_batch"):
            for number in range(group.first, group.first + group.batches):
                yield self._checked(self._reader.get_batch(number))
            return
        # A stream is read from its beginning; in order, that is once.
        if self._position != group.first:
            self._reader = self._open()
            for _ in range(group.first):
                self._reader.read_next_batch()
        for number in range(group.first, group.first + group.batches):
            batch = self._reader.read_next_batch()
            self._position = number + 1
            yield self._checked(batch)

    def _checked(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch, if it is sound: Arrow reads from where a damaged one says, and ends the process."""
        try:
            batch.validate(full=True)
        except pa.ArrowInvalid as error:
            raise DamagedFileError(f"{self._path} is damaged: {_said(error)}") from error
        return batch


def _batches_of(reader: Any) -> _Batches:
    if hasattr(reader, "get_batch"):
        for number in range(reader.num_record_batches):
            yield reader.get_batch(number)
    else:
        yield from reader


def _groups(batches: _Batches) -> Iterator[RowGroup]:
    first = count = rows = size = 0
    for batch in batches:
        if rows and (size + batch.nbytes > _GROUP_BYTES or rows + batch.num_rows > _GROUP_ROWS):
            yield RowGroup(first=first, batches=count, num_rows=rows, total_byte_size=size)
            first, count, rows, size = first + count, 0, 0, 0
        count, rows, size = count + 1, rows + batch.num_rows, size + batch.nbytes
    if count:
        yield RowGroup(first=first, batches=count, num_rows=rows, total_byte_size=size)


def check_types(schema: pa.Schema, path: str) -> None:
    """Make sure that Parquet has all types of a file that becomes Parquet.

    Raises:
        OtherFormatError: It lacks one.
    """
    from curator_engine.stages.parquet_schema import fits_parquet

    for field in schema:
        if not fits_parquet(field.type):
            raise OtherFormatError(
                f"{path} has the column {field.name!r} of the type {field.type}, which Parquet, "
                "that is written of it, does not have; cast it."
            )


def _said(error: Exception) -> str:
    return " ".join(str(error).split())
