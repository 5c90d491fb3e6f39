"""The command `curator-text filter`: from settings to a run, and what is said about it."""

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
from curator_text.commands.removal_job import RemovalJob
from curator_text.commands.step_plans import plan_lines
from curator_text.filters.recipe import Recipe
from curator_text.pipelines.filter import FilterWorkflow
from curator_text.read.preflight import extrapolate
from curator_text.removal.remove_documents import RemoveDocuments
from curator_text.scoring.decide import DecideDocuments
from curator_text.scoring.score_documents import ScoreDocuments
from curator_text.settings import FilterSettings

_RULES_SHOWN = 12
_PLACE_BYTES, _SCORE_BYTES = 80, 16
"""Disk per document, and per score of it: once in the cache, once compressed in `scores/`."""


@dataclass(kw_only=True)
class Filter(RemovalJob[FilterSettings, FilterWorkflow]):
    """Documents that fail a rule of a recipe."""

    of = FilterWorkflow

    def dry_run(self) -> DryRun:
        """Scoring is tried on the beginnings of a few files."""
        settings, files, workers = self.settings, self.files, self.workers()
        recipe = self.workflow.recipe
        extent = extrapolate(
            files,
            field=settings.text_field,
            work=len if settings.scores else recipe.scores,
            limit=settings.limit,
        )
        total, count = sum(file.size for file in files), extent.documents
        processes = workers or usable_cpus()
        names = ", ".join(each.name for each in recipe.filters)
        return DryRun(
            lines=[
                *_step_plans(settings, recipe, files, workers),
                f"recipe {recipe.name}, {len(recipe.filters)} rules: {names}",
                recipe.words,
                f"input: {counted(len(files), 'files')}, {total / 1e6:,.1f} MB, about {counted(count, 'documents')}",
            ],
            seconds=round(extent.seconds / processes + 1, 1),
            memory_bytes=processes * (400 << 20),
            disk_bytes=count * (_PLACE_BYTES + _SCORE_BYTES * len(recipe.filters))
            + (0 if settings.score_only else extent.input_bytes),
            summary={"files": len(files), "input_bytes": total, "documents": count},
        )

    def after(self, facts: dict[str, Any]) -> list[str]:
        """How many documents each rule drops, the worst first."""
        if self.settings.score_only and facts["num_removed"]:
            lines = [f"with --score-only all stay; {facts['num_removed']:,} fail a rule:"]
        else:
            lines = []
        rules, documents = facts["rules"], facts["num_documents"]
        shown = list(rules.items())[:_RULES_SHOWN]
        lines += [f"  {rule}: {count:,} ({count / documents:.1%})" for rule, count in shown]
        if left := len(rules) - len(shown):
            lines.append(f"  and {left} more rules: see report.html")
        return lines

    def removed(self, facts: dict[str, Any]) -> int:
        """Documents that went: none if they were only scored."""
        return 0 if self.settings.score_only else facts["num_removed"]

    def more(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Documents by the rule that they fail first."""
        return {"rules": facts["rules"]}

    def tables(self) -> list[str]:
        """As of every job, and the scores."""
        written = [] if self.settings.score_only else ["data/", "removed/"]
        return ["report.html", *written, "scores/", "run.json"]


def _step_plans(
    settings: FilterSettings, recipe: Recipe, files: list[FileInfo], workers: int | None
) -> list[str]:
    """The plan of each step as an executor would run it, as lines to print."""
    executor = make_executor(settings.executor, workers=workers, policy=COMMAND_POLICY)
    block = parse_size(FilterWorkflow.input_blocksize)
    source = FilePartitioner(
        file_paths=settings.inputs, file_format=settings.format, blocksize=block
    )
    blocks = sum(max(1, -(-file.size // block)) for file in files)
    common: dict[str, Any] = {"cache": "", "corpus_key": "", "output": ""}
    decide = DecideDocuments(**common, recipe=recipe, where=settings.where)
    steps: dict[str, tuple[list[AnyStage], int | None]] = {
        "score": ([source, ScoreDocuments(path="", recipe=recipe, recipe_key="")], None),
        "decide": ([decide], blocks),
    }
    if not settings.score_only:
        steps["remove"] = ([RemoveDocuments(**common)], len(files))
    return plan_lines(steps, executor)
