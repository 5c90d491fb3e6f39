"""The command `curator-text filter`: from settings to a run, and what is said about it."""

from dataclasses import dataclass
from typing import Any

from curator_engine.commands.run_into_folder import DryRun
from curator_engine.stage import AnyStage
from curator_text.commands.removal_job import RemovalJob
from curator_text.commands.text_job import StepPlans
from curator_text.pipelines.filter import FilterWorkflow
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
        settings, recipe = self.settings, self.workflow.recipe
        extent = self.tried(len if settings.scores else recipe.scores)
        names = ", ".join(each.name for each in recipe.filters)
        rewritten = 0 if settings.score_only else extent.input_bytes
        return self.planned(
            self._steps(),
            extent,
            lines=[
                f"recipe {recipe.name}, {len(recipe.filters)} rules: {names}",
                recipe.words,
            ],
            seconds=extent.seconds / self.processes,
            disk_bytes=extent.documents * (_PLACE_BYTES + _SCORE_BYTES * len(recipe.filters))
            + rewritten,
        )

    def _steps(self) -> StepPlans:
        recipe = self.workflow.recipe
        common: dict[str, Any] = {"cache": "", "corpus_key": "", "output": ""}
        decide = DecideDocuments(**common, recipe=recipe, where=self.settings.where)
        score = ScoreDocuments(path="", recipe=recipe, recipe_key="")
        steps: dict[str, tuple[list[AnyStage], int | None]] = {
            "score": ([self.workflow.source(), score], None),
            "decide": ([decide], self.blocks),
        }
        if not self.settings.score_only:
            steps["remove"] = ([RemoveDocuments(**common)], len(self.files))
        return steps

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
