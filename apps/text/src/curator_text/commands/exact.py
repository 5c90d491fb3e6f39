"""The command `curator-text exact`: from settings to a run, and what is said about it."""

from dataclasses import dataclass, replace
from typing import Any

from curator_engine.commands.run_into_folder import DryRun
from curator_text.commands.dedup_job import DedupJob
from curator_text.commands.indexed_job import IndexedJob
from curator_text.commands.text_job import StepPlans
from curator_text.exact.hash_documents import HashDocuments
from curator_text.exact.same_text import FindSameText, partition_bits
from curator_text.pipelines.exact import ExactWorkflow
from curator_text.read.keep import parse_keep
from curator_text.read.normalize import normalized
from curator_text.removal.remove_documents import RemoveDocuments
from curator_text.removal.text_hashes import hash_texts
from curator_text.settings import ExactSettings

_CACHE_BYTES_PER_DOCUMENT = 60
"""Measured; ids come on top."""


@dataclass(kw_only=True)
class Exact(IndexedJob[ExactSettings, ExactWorkflow], DedupJob[ExactSettings, ExactWorkflow]):
    """Documents with the same text."""

    of = ExactWorkflow

    def dry_run(self) -> DryRun:
        """Hashing is tried on the beginnings of a few files."""
        normalize = self.settings.normalize
        extent = self.tried(lambda texts: hash_texts(normalized(texts, normalize)))
        dry = self.planned(
            self._steps(extent.documents),
            extent,
            below=self.against_lines(),
            # Copying takes about as long as reading and hashing.
            seconds=2 * extent.seconds / self.processes,
            disk_bytes=extent.documents * _CACHE_BYTES_PER_DOCUMENT + extent.input_bytes,
        )
        return replace(dry, summary=dry.summary | {"indexed": self.indexed})

    def _steps(self, documents: int) -> StepPlans:
        keep = parse_keep(self.settings.keep)
        bits = partition_bits(documents, ExactWorkflow.partition_rows)
        common: dict[str, Any] = {"cache": "", "corpus_key": "", "output": ""}
        return {
            "hash": ([self.workflow.source(), HashDocuments(path="", keep=keep)], None),
            "find": ([FindSameText(**common, keep=keep, bits=bits)], 1 << bits),
            "remove": ([RemoveDocuments(**common)], len(self.files)),
        }
