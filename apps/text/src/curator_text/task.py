"""What a task is to text: a batch of documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from curator_engine.positional import positional
from curator_engine.task import TableTask

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
