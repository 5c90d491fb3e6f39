"""NeMo Curator's readers of Lance datasets with the rows of documents of texts and pictures."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curator_engine.errors import InputError, SettingsError
from curator_engine.positional import positional
from curator_engine.stage import AnyStage
from curator_text.interleaved.documents import InterleavedBatch
from curator_text.read.lance_reader import LanceReaderStage, Options, ReadsFragments
from curator_text.task import LanceReadTask

_GROUP = "sample_id"
_compute: Any = pc


@positional(
    *("_generate_ids", "_assign_ids", "fields", "read_kwargs", "include_lance_metadata"),
    *("allow_empty", "max_batch_bytes", "max_batch_rows", "name"),
)
@dataclass(kw_only=True)
class InterleavedLanceReaderStage(LanceReaderStage):
    """Read rows of documents out of the fragments of each task; a document is never cut within its task.

    Rows of a document stand together, in one fragment or in fragments of one task.

    Example:
        >>> InterleavedLanceReaderStage(max_batch_bytes=64 << 20)
    """

    name: str = "interleaved_lance_reader"
    max_batch_bytes: int | None = None
    """Bytes of a batch, unless one document has more; what a scan gives unless given."""
    max_batch_rows: int | None = None
    """Rows of it, likewise."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self._state:
            raise SettingsError("rows of documents have their sample_id; leave ids out.")
        needed = sorted(InterleavedBatch.REQUIRED_COLUMNS)
        if self.fields is not None and not set(needed) <= set(self.fields):
            raise SettingsError(f"fields lacks one of {', '.join(needed)}, which all rows need.")
        for name in ("max_batch_bytes", "max_batch_rows"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise SettingsError(f"{name}={value} is below 1.")

    def process(self, task: LanceReadTask) -> Iterator[Any]:
        """The documents of the task's fragments.

        Raises:
            InputError: The dataset has other rows, or none and `allow_empty` is not set.
        """
        about: dict[str, Any] = {**task._metadata, "source_files": [task.path]}
        count = 0
        for table in self._within_limits(_whole_documents(self.tables(task, about))):
            count += table.num_rows
            yield InterleavedBatch(
                data=table, dataset_name=task.dataset_name, _metadata=dict(about)
            )
        if not count and not self.allow_empty:
            raise InputError(
                f"{task.path} gave no rows; allow_empty=True passes over such fragments."
            )

    def tables(self, task: LanceReadTask, about: dict[str, Any]) -> Iterator[pa.Table]:
        """As of every reader, if they have the columns that are needed."""
        for table in super().tables(task, about):
            if missing := sorted(InterleavedBatch.REQUIRED_COLUMNS - set(table.column_names)):
                raise InputError(
                    f"{task.path} has no column {missing[0]}; its rows are no texts and pictures of documents."
                )
            yield table

    def _within_limits(self, documents: Iterable[list[pa.Table]]) -> Iterator[pa.Table]:
        """Documents joined while they are within the limits together; without limits, those of a scan."""
        for scanned in documents:
            waiting, rows, size = list[pa.Table](), 0, 0
            for table in scanned:
                if waiting and self._is_above(rows + table.num_rows, size + table.nbytes):
                    yield pa.concat_tables(waiting)
                    waiting, rows, size = [], 0, 0
                waiting.append(table)
                rows, size = rows + table.num_rows, size + table.nbytes
            if waiting:
                yield pa.concat_tables(waiting)

    def _is_above(self, rows: int, size: int) -> bool:
        limits = ((rows, self.max_batch_rows), (size, self.max_batch_bytes))
        return any(most is not None and value > most for value, most in limits)


def _whole_documents(tables: Iterable[pa.Table]) -> Iterator[list[pa.Table]]:
    """Of each table of a scan, the documents that end in it; the last one may go on in the next."""
    rest: pa.Table | None = None
    for table in tables:
        joined = table if rest is None else pa.concat_tables([rest, table])
        *whole, rest = _documents(joined) if joined.num_rows else [joined]
        if whole:
            yield whole
    if rest is not None and rest.num_rows:
        yield [rest]


def _documents(table: pa.Table) -> list[pa.Table]:
    """The table cut where the document changes."""
    ids = table.column(_GROUP).combine_chunks()
    changes = _compute.not_equal(ids.slice(1), ids.slice(0, len(ids) - 1)).fill_null(True)
    starts = [0, *(place + 1 for place in _compute.indices_nonzero(changes).to_pylist())]
    ends = [*starts[1:], table.num_rows]
    return [table.slice(start, end - start) for start, end in zip(starts, ends, strict=True)]


@positional(
    *("path", "fragments_per_partition", "fields", "max_batch_bytes", "max_batch_rows"),
    *("read_kwargs", "include_lance_metadata", "fragment_ids", "name"),
)
@dataclass(kw_only=True)
class InterleavedLanceReader(ReadsFragments[InterleavedBatch]):
    """Read documents of texts and pictures from a Lance dataset; needs the extra `lance`.

    Example:
        >>> InterleavedLanceReader("mint.lance", max_batch_bytes=64 << 20)
    """

    name: str = "interleaved_lance_reader"
    fragments_per_partition: int = 1
    """Fragments of a task; a document whose rows are in two tasks comes in two parts."""
    max_batch_bytes: int | None = None
    """Bytes of a batch, unless one document has more."""
    max_batch_rows: int | None = None
    """Rows of it, likewise."""

    def reader(self, options: Options) -> AnyStage:
        """That of documents of texts and pictures."""
        return InterleavedLanceReaderStage(
            fields=self.fields,
            max_batch_bytes=self.max_batch_bytes,
            max_batch_rows=self.max_batch_rows,
            read_kwargs=options,
            include_lance_metadata=self.include_lance_metadata,
        )
