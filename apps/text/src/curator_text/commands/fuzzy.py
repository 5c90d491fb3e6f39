"""The command `curator-text fuzzy`: from settings to a run, and what is said about it."""

from dataclasses import dataclass
from typing import Any

from curator_engine.commands.run_into_folder import DryRun
from curator_engine.counted import counted
from curator_engine.resources import usable_cpus
from curator_engine.stages.files import parse_size
from curator_text.commands.dedup_job import DedupJob
from curator_text.commands.indexed_job import IndexedJob
from curator_text.commands.step_plans import step_plans
from curator_text.fuzzy.lsh import candidate_probability
from curator_text.pipelines.fuzzy import FuzzyWorkflow
from curator_text.settings import FuzzySettings
from curator_text.signatures.estimate import estimate


@dataclass(kw_only=True)
class Fuzzy(IndexedJob[FuzzySettings, FuzzyWorkflow], DedupJob[FuzzySettings, FuzzyWorkflow]):
    """Near-duplicates by MinHash, compared exactly."""

    of = FuzzyWorkflow

    def dry_run(self) -> DryRun:
        """Signing is tried on the beginnings of a few files."""
        settings, workers = self.settings, self.workers()
        bands, rows = self.workflow.bands
        guess = estimate(
            self.files,
            text_field=settings.text_field,
            method=settings.method,
            num_bands=bands,
            num_hashes=bands * rows,
            workers=workers or usable_cpus(),
            memory=None if settings.memory is None else parse_size(settings.memory),
            limit=settings.limit,
        )
        curve = ", ".join(
            f"{s:.2f}: {candidate_probability(s, num_bands=bands, minhashes_per_band=rows):.4f}"
            for s in (0.6, 0.7, 0.8, 0.9)
        )
        return DryRun(
            lines=[
                *step_plans(settings, self.files, num_bands=bands, workers=workers),
                f"bands: {bands} x {rows}; probability of comparing a pair, by similarity: {curve}",
                f"input: {counted(guess.files, 'files')}, {guess.input_bytes / 1e6:,.1f} MB, about {counted(guess.documents, 'documents')}",
                *self.against_lines(),
            ],
            seconds=guess.seconds,
            memory_bytes=guess.memory_bytes,
            disk_bytes=guess.disk_bytes,
            summary={
                "files": guess.files,
                "input_bytes": guess.input_bytes,
                "documents": guess.documents,
                "num_bands": bands,
                "minhashes_per_band": rows,
                "indexed": self.indexed,
            },
        )

    def more(self, facts: dict[str, Any]) -> dict[str, Any]:
        """How many pairs were looked at."""
        return super().more(facts) | {
            "candidate_pairs": facts["pairs"],
            "exact_checks": facts["checks"],
            "capped": facts["capped"],
        }

    def after(self, facts: dict[str, Any]) -> list[str]:
        """What was not compared, and the index."""
        lines: list[str] = []
        if facts["capped"]:
            lines.append(
                f"{counted(facts['capped'], 'documents')} had more candidates than are compared (max_checks)"
            )
        return [*lines, *super().after(facts)]
