"""The command `curator-text langid`: from settings to a run, and what is said about it."""

from dataclasses import dataclass
from typing import Any

from curator_engine.commands.run_into_folder import DryRun
from curator_text.commands.removal_job import RemovalJob
from curator_text.commands.text_job import StepPlans
from curator_text.content_settings import LangidSettings
from curator_text.language.codes import UNDETERMINED
from curator_text.language.decide_languages import DecideLanguages
from curator_text.pipelines.langid import LangidWorkflow
from curator_text.removal.rewrite_documents import RewriteDocuments

_LANGUAGES_SHOWN = 12
_PLACE_BYTES = 120
"""Disk per document in the cache."""


@dataclass(kw_only=True)
class Langid(RemovalJob[LangidSettings, LangidWorkflow]):
    """The language of each document."""

    of = LangidWorkflow

    def dry_run(self) -> DryRun:
        """Languages are told of the beginnings of a few files."""
        settings, keep = self.settings, self.workflow.keep
        detect = self.workflow.detect_stage()
        extent = self.tried(detect.found)
        common: dict[str, Any] = {"cache": "", "corpus_key": "", "output": ""}
        steps: StepPlans = {
            "detect": ([self.workflow.source(), detect], None),
            "decide": ([DecideLanguages(**common, keep=keep)], self.blocks),
            "remove": ([RewriteDocuments(**common)], len(self.files)),
        }
        kept = ", ".join(keep) or "all languages"
        return self.planned(
            steps,
            extent,
            lines=[f"{settings.model or settings.detector}; kept: {kept}"],
            seconds=extent.seconds / self.processes,
            disk_bytes=extent.documents * _PLACE_BYTES + extent.input_bytes,
        )

    def after(self, facts: dict[str, Any]) -> list[str]:
        """Documents of each language, the most first; what was not determined, and what is of several."""
        languages = facts["languages"]
        documents = max(1, facts["num_documents"])
        shown = list(languages.items())[:_LANGUAGES_SHOWN]
        lines = [
            f"  {name}: {each['documents']:,} ({each['documents'] / documents:.1%})"
            + (f", {each['removed']:,} removed" if each["removed"] else "")
            for name, each in shown
        ]
        if left := len(languages) - len(shown):
            lines.append(f"  and {left} more languages: see report.html")
        unknown = sum(
            each["documents"]
            for name, each in languages.items()
            if name.partition("_")[0] == UNDETERMINED
        )
        several = sum(each["several"] for each in languages.values())
        return [*lines, f"  not determined (und): {unknown:,}; in several languages: {several:,}"]

    def more(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Documents by language."""
        return {"languages": facts["languages"]}

    def tables(self) -> list[str]:
        """As of every job, and the languages."""
        return ["report.html", "data/", "removed/", "languages/", "run.json"]
