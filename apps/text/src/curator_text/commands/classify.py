"""The command `curator-text classify`: from settings to a run, and what is said about it."""

from dataclasses import dataclass
from typing import Any

from curator_engine.commands.run_into_folder import DryRun
from curator_text.classifier_settings import ClassifySettings
from curator_text.commands.removal_job import RemovalJob
from curator_text.commands.text_job import StepPlans
from curator_text.pipelines.classify import ClassifyWorkflow
from curator_text.removal.rewrite_documents import RewriteDocuments

_LABELS_SHOWN = 12
_TRIED = 32
"""Texts on which a network is tried for the estimate, of each file that is looked at."""
_PLACE_BYTES = 120
"""Disk per document in the cache."""


@dataclass(kw_only=True)
class Classify(RemovalJob[ClassifySettings, ClassifyWorkflow]):
    """The label of each document."""

    of = ClassifyWorkflow

    def dry_run(self) -> DryRun:
        """The beginnings of a few files are classified."""
        settings = self.settings
        stage, judge = self.workflow.classify_stage(), self.workflow.judge
        asked = 0

        def ask(texts: Any) -> None:
            nonlocal asked
            shown = texts.slice(0, _TRIED) if judge.is_heavy else texts
            asked += len(texts) - len(shown)
            stage.answers(shown)

        extent = self.tried(ask)
        rewrite = RewriteDocuments(cache="", corpus_key="", output="")
        steps: StepPlans = {
            "classify": ([self.workflow.source(), stage], None),
            "decide": ([self.workflow.decide_stage()], self.blocks),
            "remove": ([rewrite], len(self.files)),
        }
        kept = ", ".join(settings.filter_by) or "all labels"
        note = ["a network was tried on a few texts only: expect more seconds"] if asked else []
        return self.planned(
            steps,
            extent,
            lines=[
                f"{settings.classifier or settings.model}; kept: {kept}; rows get {', '.join(judge.fields)}",
                *note,
            ],
            seconds=extent.seconds / (1 if judge.is_heavy else self.processes),
            disk_bytes=extent.documents * _PLACE_BYTES + extent.input_bytes,
        )

    def after(self, facts: dict[str, Any]) -> list[str]:
        """Documents of each label, the most first."""
        labels, documents = facts["labels"], max(1, facts["num_documents"])
        lines = [
            f"  {name}: {each['documents']:,} ({each['documents'] / documents:.1%})"
            + (f", {each['removed']:,} removed" if each["removed"] else "")
            for name, each in list(labels.items())[:_LABELS_SHOWN]
        ]
        if (left := len(labels) - _LABELS_SHOWN) > 0:
            lines.append(f"  and {left} more labels: see report.html")
        if without := facts["no_text"]:
            lines.append(f"  without a text, so without a label: {without:,}; kept")
        return lines

    def more(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Documents by label."""
        return {"labels": facts["labels"]}

    def tables(self) -> list[str]:
        """As of every job, and the labels."""
        return ["report.html", "data/", "removed/", "labels/", "run.json"]
