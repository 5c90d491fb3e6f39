"""The command `curator-text fuzzy`: from settings to a run, and what is said about it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.run_into_folder import DryRun, run_into_folder
from curator_engine.files.paths import join
from curator_engine.resources import usable_cpus
from curator_engine.stages.files import parse_size
from curator_engine.without_pandas import leave_pandas_out
from curator_text.commands.dedup_job import DedupJob
from curator_text.commands.step_plans import step_plans
from curator_text.fuzzy.lsh import candidate_probability, choose_bands
from curator_text.fuzzy.signed_bands import index_bands, signed_bands
from curator_text.pipelines.fuzzy_dedup import FuzzyDeduplicationWorkflow
from curator_text.read.preflight import check_text_field
from curator_text.settings import DEFAULT_RECALL, FuzzySettings
from curator_text.signatures.estimate import estimate, kernel_notice


def run(settings: FuzzySettings, console: Console) -> JobResult:
    """Deduplicate as the settings say.

    Raises:
        CuratorError: Bad input or options, a full disk, an exceeded budget.
    """
    if settings.executor == "local":
        leave_pandas_out()
    return run_into_folder(Fuzzy(settings=settings, console=console))


@dataclass(kw_only=True)
class Fuzzy(DedupJob[FuzzySettings]):
    """Near-duplicates by MinHash, compared exactly."""

    name = "fuzzy"

    def check(self) -> None:
        """Look for the fields and the indexes, and say if kernels have to be compiled."""
        check_text_field(self.files, self.settings.text_field)
        super().check()
        self.workflow.indexes.check()

    @cached_property
    def bands(self) -> tuple[int, int]:
        """Bands, and rows per band."""
        return bands_of(self.settings)

    @cached_property
    def workflow(self) -> FuzzyDeduplicationWorkflow:
        """The workflow of the settings."""
        return FuzzyDeduplicationWorkflow(
            cache_path=self.settings.cache,
            output_path=self.settings.output,
            input_path=self.settings.inputs,
            input_filetype=self.settings.format,
            text_field=self.settings.text_field,
            perform_removal=not self.settings.ids_only,
            mark=self.settings.mark,
            source_field=self.settings.source_field,
            seed=self.settings.seed,
            method=self.settings.method,
            char_ngrams=self.settings.char_ngrams,
            num_bands=self.bands[0],
            minhashes_per_band=self.bands[1],
            bands_per_iteration=min(5, self.bands[0]),
            threshold=self.settings.threshold,
            verify=self.settings.verify,
            keep=self.settings.keep,
            id_field=self.settings.id_field,
            memory=self.settings.memory,
            device=self.settings.device,
            limit=self.settings.limit,
            max_row=self.settings.max_row,
            against=self.settings.against,
            save_index=self.settings.save_index,
            max_removed_ratio=self.settings.max_removed_ratio,
            progress=self.console.progress(),
        )

    def dry_run(self) -> DryRun:
        """Signing is tried on the beginnings of a few files."""
        self._say_kernels()
        settings, workers = self.settings, self.workers()
        bands, rows = self.bands
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
        seen = self.workflow.indexes.seen("")
        against = (
            [f"against: {seen.path}, {seen.documents:,} documents, {seen.bytes / 1e6:,.1f} MB"]
            if seen
            else []
        )
        curve = ", ".join(
            f"{s:.2f}: {candidate_probability(s, num_bands=bands, minhashes_per_band=rows):.4f}"
            for s in (0.6, 0.7, 0.8, 0.9)
        )
        return DryRun(
            lines=[
                *step_plans(settings, self.files, num_bands=bands, workers=workers),
                f"bands: {bands} x {rows}; probability of comparing a pair, by similarity: {curve}",
                f"input: {guess.files:,} files, {guess.input_bytes / 1e6:,.1f} MB, about {guess.documents:,} documents",
                *against,
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
                "indexed": seen.documents if seen else 0,
            },
        )

    def is_current(self, facts: dict[str, Any]) -> bool:
        """Whether the indexes are as they were."""
        return self.workflow.indexes.is_current(facts)

    def run(self) -> dict[str, Any]:
        """Run the workflow."""
        self._say_kernels()
        facts = super().run()
        if facts.get("index", {}).get("stale"):
            self.console.warn(
                f"{self.settings.save_index} has this input from a run that kept other documents; it stays as it is."
            )
        return facts

    def _say_kernels(self) -> None:
        if notice := kernel_notice():
            self.console.say(notice)

    def more(self, facts: dict[str, Any]) -> dict[str, Any]:
        """How many pairs were looked at; the index."""
        return super().more(facts) | {
            "candidate_pairs": facts["pairs"],
            "exact_checks": facts["checks"],
            "capped": facts["capped"],
            "index": facts.get("index"),
        }

    def after(self, facts: dict[str, Any]) -> list[str]:
        """What was not compared, and the index."""
        lines: list[str] = []
        if facts["capped"]:
            lines.append(
                f"{facts['capped']:,} documents had more candidates than are compared (max_checks)"
            )
        if index := facts.get("index"):
            lines.append(
                f"index in {index['path']}: {index['documents']:,} documents, {index['bytes'] / 1e6:,.1f} MB"
            )
        return lines


def bands_of(settings: FuzzySettings) -> tuple[int, int]:
    """Bands and rows per band: those that were given, else those that reach the recall.

    An index, or a kept cache, that was signed with bands that reach it is used as it is.
    """
    if settings.num_bands is not None and settings.minhashes_per_band is not None:
        return settings.num_bands, settings.minhashes_per_band
    recall = settings.recall or DEFAULT_RECALL
    cache = settings.cache or (join(settings.output, ".cache") if settings.resume else None)
    wanted = {"threshold": settings.threshold, "recall": recall}
    for path in (settings.against, settings.save_index):
        if path and (bands := index_bands(path, **wanted)):
            return bands
    signed = signed_bands(cache, **wanted)
    return signed or choose_bands(settings.threshold, recall)
