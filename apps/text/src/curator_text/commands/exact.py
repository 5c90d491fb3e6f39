"""The command `curator-text exact`: from settings to a run, and what is said about it."""

from dataclasses import dataclass
from typing import Any

from curator_engine.commands.run_into_folder import DryRun
from curator_engine.counted import counted
from curator_engine.executors.choice import make_executor
from curator_engine.failures import COMMAND_POLICY
from curator_engine.files.listing import FileInfo
from curator_engine.resources import usable_cpus
from curator_engine.stage import AnyStage
from curator_engine.stages.files import FilePartitioner, parse_size
from curator_text.commands.dedup_job import DedupJob
from curator_text.commands.indexed_job import IndexedJob
from curator_text.commands.step_plans import plan_lines
from curator_text.dedup.index_use import IndexUse
from curator_text.exact.hash_documents import HashDocuments
from curator_text.exact.same_text import FindSameText, partition_bits
from curator_text.pipelines.exact import ExactWorkflow
from curator_text.read.keep import parse_keep
from curator_text.read.normalize import normalized
from curator_text.read.preflight import extrapolate
from curator_text.removal.remove_documents import RemoveDocuments
from curator_text.removal.text_hashes import hash_texts
from curator_text.settings import ExactSettings

_CACHE_BYTES_PER_DOCUMENT = 60
"""Measured; ids come on top."""


@dataclass(kw_only=True)
class Exact(IndexedJob[ExactSettings, ExactWorkflow], DedupJob[ExactSettings, ExactWorkflow]):
    """Documents with the same text."""

    of = ExactWorkflow

    @property
    def indexes(self) -> IndexUse:
        """As the workflow says."""
        return self.workflow.indexes

    def dry_run(self) -> DryRun:
        """Hashing is tried on the beginnings of a few files."""
        settings, files, workers = self.settings, self.files, self.workers()
        extent = extrapolate(
            files,
            field=settings.text_field,
            work=lambda texts: hash_texts(normalized(texts, settings.normalize)),
            limit=settings.limit,
        )
        total, count = sum(file.size for file in files), extent.documents
        processes = workers or usable_cpus()
        return DryRun(
            lines=[
                *_step_plans(settings, files, count, workers),
                f"input: {counted(len(files), 'files')}, {total / 1e6:,.1f} MB, about {counted(count, 'documents')}",
                *self.against_lines(),
            ],
            # Copying takes about as long as reading and hashing.
            seconds=round(2 * extent.seconds / processes + 1, 1),
            memory_bytes=processes * (400 << 20),
            disk_bytes=count * _CACHE_BYTES_PER_DOCUMENT + extent.input_bytes,
            summary={
                "files": len(files),
                "input_bytes": total,
                "documents": count,
                "indexed": self.indexed,
            },
        )


def _step_plans(
    settings: ExactSettings, files: list[FileInfo], documents: int, workers: int | None
) -> list[str]:
    """The plan of each step as an executor would run it, as lines to print."""
    executor = make_executor(settings.executor, workers=workers, policy=COMMAND_POLICY)
    keep = parse_keep(settings.keep)
    bits = partition_bits(documents, ExactWorkflow.partition_rows)
    common: dict[str, Any] = {"cache": "", "corpus_key": "", "output": ""}
    source = FilePartitioner(
        file_paths=settings.inputs,
        file_format=settings.format,
        blocksize=parse_size(ExactWorkflow.input_blocksize),
    )
    steps: dict[str, tuple[list[AnyStage], int | None]] = {
        "hash": ([source, HashDocuments(path="", keep=keep)], None),
        "find": ([FindSameText(**common, keep=keep, bits=bits)], 1 << bits),
        "remove": ([RemoveDocuments(**common)], len(files)),
    }
    return plan_lines(steps, executor)
