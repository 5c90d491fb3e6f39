"""Curate text: deduplicate documents on a laptop or a cluster."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from curator_text.pipelines.fuzzy_dedup import FuzzyDeduplicationWorkflow
    from curator_text.read_write import JsonlReader, JsonlWriter, ParquetReader, ParquetWriter
    from curator_text.task import DocumentBatch

__version__ = "0.1.0"
__all__ = [
    "DocumentBatch",
    "FuzzyDeduplicationWorkflow",
    "JsonlReader",
    "JsonlWriter",
    "ParquetReader",
    "ParquetWriter",
]

_HOMES = {
    "DocumentBatch": "task",
    "FuzzyDeduplicationWorkflow": "pipelines.fuzzy_dedup",
    "JsonlReader": "read_write",
    "JsonlWriter": "read_write",
    "ParquetReader": "read_write",
    "ParquetWriter": "read_write",
}


def __getattr__(name: str) -> Any:
    # Looked up when used, so that importing the package loads nothing heavy.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
