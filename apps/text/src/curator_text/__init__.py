"""Curate text: deduplicate documents on a laptop or a cluster."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from curator_text.version import __version__ as __version__

if TYPE_CHECKING:
    from curator_text.job_files import run_job
    from curator_text.pipelines.decontaminate import DecontaminateWorkflow
    from curator_text.pipelines.download import DownloadWorkflow
    from curator_text.pipelines.duplicates_removal import TextDuplicatesRemovalWorkflow
    from curator_text.pipelines.exact_dedup import ExactDeduplicationWorkflow
    from curator_text.pipelines.extract import ExtractWorkflow
    from curator_text.pipelines.filter import FilterWorkflow
    from curator_text.pipelines.fuzzy_dedup import FuzzyDeduplicationWorkflow
    from curator_text.pipelines.langid import LangidWorkflow
    from curator_text.pipelines.repeats import LinesWorkflow, SubstringWorkflow
    from curator_text.pipelines.semantic_dedup import TextSemanticDeduplicationWorkflow
    from curator_text.read.documents import JsonlReader, JsonlWriter, ParquetReader, ParquetWriter
    from curator_text.task import DocumentBatch

__all__ = [
    "DecontaminateWorkflow",
    "DocumentBatch",
    "DownloadWorkflow",
    "ExactDeduplicationWorkflow",
    "ExtractWorkflow",
    "FilterWorkflow",
    "FuzzyDeduplicationWorkflow",
    "JsonlReader",
    "JsonlWriter",
    "LangidWorkflow",
    "LinesWorkflow",
    "ParquetReader",
    "ParquetWriter",
    "SubstringWorkflow",
    "TextDuplicatesRemovalWorkflow",
    "TextSemanticDeduplicationWorkflow",
    "run_job",
]

_HOMES = {
    "DecontaminateWorkflow": "pipelines.decontaminate",
    "DocumentBatch": "task",
    "DownloadWorkflow": "pipelines.download",
    "ExactDeduplicationWorkflow": "pipelines.exact_dedup",
    "ExtractWorkflow": "pipelines.extract",
    "FilterWorkflow": "pipelines.filter",
    "FuzzyDeduplicationWorkflow": "pipelines.fuzzy_dedup",
    "JsonlReader": "read.documents",
    "JsonlWriter": "read.documents",
    "LangidWorkflow": "pipelines.langid",
    "LinesWorkflow": "pipelines.repeats",
    "ParquetReader": "read.documents",
    "ParquetWriter": "read.documents",
    "SubstringWorkflow": "pipelines.repeats",
    "TextDuplicatesRemovalWorkflow": "pipelines.duplicates_removal",
    "TextSemanticDeduplicationWorkflow": "pipelines.semantic_dedup",
    "run_job": "job_files",
}


def __getattr__(name: str) -> Any:
    # Looked up when used, so that importing the package loads nothing heavy.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
