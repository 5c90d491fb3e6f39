"""What tasks are to text: a batch of documents, and fragments of a Lance dataset."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from curator_engine.positional import positional
from curator_engine.task import TableTask, Task, short_hash

if TYPE_CHECKING:
    import pyarrow as pa


def _no_documents() -> pa.Table:
    import pyarrow as pa

    return pa.table({})


@positional("dataset_name", "data", "_stage_perf", "_metadata")
@dataclass(kw_only=True)
class DocumentBatch(TableTask):
    """Documents as an Arrow table: a row per document, its text in one column, all else beside it."""

    data: pa.Table = field(default_factory=_no_documents)
    """No documents unless given."""


@positional("dataset_name", "_stage_perf", "_metadata", "data")
@dataclass(kw_only=True)
class LanceReadTask(Task[list[int]]):
    """Fragments of a version of a Lance dataset.

    Example:
        >>> LanceReadTask(path="pages.lance", version=3, data=[0, 1]).num_items
        2
    """

    data: list[int] = field(default_factory=list[int])
    """Their numbers."""
    path: str
    """Folder or URL of the dataset."""
    version: int
    """Of the dataset, which stays as it is whatever is written later."""

    @property
    def num_items(self) -> int:
        """The number of fragments."""
        return len(self.data)

    def validate(self) -> bool:
        """Whether it names fragments."""
        return bool(self.data)

    def source_key(self) -> str:
        """12 hexadecimal digits of the path and the fragments."""
        return short_hash(self.path, *map(str, self.data))

    def content_stamp(self) -> str:
        """The version."""
        return str(self.version)
