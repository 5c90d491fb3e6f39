"""Lance datasets with the face of Parquet files: some rows of a fragment are a row group.

The newest version is read. Rows that were deleted are not there and have no number.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from curator_engine.errors import OtherFormatError
from curator_engine.files.lance_datasets import blob_names, open_lance, reason
from curator_engine.stages.arrow_files import check_types

_GROUP_BYTES, _GROUP_ROWS = 32 << 20, 1 << 16
"""A fragment has a million rows as Lance writes it, which are too many for a task."""
type _Batches = Iterator[pa.RecordBatch]


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """Some rows of a fragment."""

    fragment: Any
    first: int
    """Number of the first in the fragment, of those that are not deleted."""
    num_rows: int
    total_byte_size: int


@dataclass(frozen=True, kw_only=True)
class _Metadata:
    groups: list[_Rows]

    @property
    def num_rows(self) -> int:
        return sum(group.num_rows for group in self.groups)

    def row_group(self, number: int) -> _Rows:
        return self.groups[number]


class LanceFile:
    """A Lance dataset, read as `pyarrow.parquet.ParquetFile` reads."""

    def __init__(self, path: str) -> None:
        """Count the rows; nothing else of them is read.

        Raises:
            InputError: It cannot be read.
            OtherFormatError: It has blobs, or a type that Parquet, which is written of it, does not have.
            ResourceError: The package is missing.
        """
        dataset = open_lance(path)
        self.schema_arrow: pa.Schema = dataset.schema
        if blobs := blob_names(self.schema_arrow):
            raise OtherFormatError(
                f"{path} has the column {blobs[0]!r} of blobs, which only pipelines read; see docs/formats.md."
            )
        check_types(self.schema_arrow, path)
        fragments = sorted(dataset.get_fragments(), key=lambda each: each.fragment_id)
        groups = [group for fragment in fragments for group in _groups(fragment)]
        self.metadata = _Metadata(groups=groups)
        self.num_row_groups = len(groups)

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
        names = None if columns is None else list(columns)
        numbers = range(self.num_row_groups) if row_groups is None else row_groups
        for number in numbers:
            yield from self._batches(self.metadata.row_group(number), names, batch_size)

    def read_row_group(
        self, number: int, columns: Sequence[str] | None = None, **options: Any
    ) -> pa.Table:
        """A row group as a table."""
        del options
        group = self.metadata.row_group(number)
        names = None if columns is None else list(columns)
        return pa.Table.from_batches(list(self._batches(group, names, _GROUP_ROWS)))

    def _batches(self, group: _Rows, columns: list[str] | None, batch_size: int) -> _Batches:
        try:
            yield from group.fragment.to_batches(
                columns=columns, batch_size=batch_size, limit=group.num_rows, offset=group.first
            )
        except (ValueError, OSError) as error:
            if isinstance(error, OSError) and error.errno:
                raise
            raise pa.ArrowInvalid(reason(error)) from error


def _groups(fragment: Any) -> Iterator[_Rows]:
    rows: int = fragment.count_rows()
    size = sum(each.file_size_bytes or 0 for each in fragment.metadata.files)
    most = max(1, min(_GROUP_ROWS, rows * _GROUP_BYTES // max(size, 1)))
    for first in range(0, rows, most):
        count = min(most, rows - first)
        yield _Rows(
            fragment=fragment, first=first, num_rows=count, total_byte_size=size * count // rows
        )
