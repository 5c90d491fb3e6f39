"""What a task is to text: a batch of documents."""

from dataclasses import dataclass

from curator_engine.task import TableTask


@dataclass(kw_only=True)
class DocumentBatch(TableTask):
    """Documents as an Arrow table: a row per document, its text in one column, all else beside it."""
