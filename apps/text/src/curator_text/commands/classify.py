"""The command `curator-text classify`: from settings to a run, and what is said about it."""

from dataclasses import dataclass
from typing import Any

from curator_engine.commands.run_into_folder import DryRun
from curator_engine.counted import counted
from curator_engine.executors.choice import make_executor
from curator_engine.failures import COMMAND_POLICY
from curator_engine.resources import usable_cpus
from curator_engine.stage import AnyStage
from curator_engine.stages.files import parse_size
from curator_text.classifier_settings import ClassifySettings
from curator_text.commands.removal_job import RemovalJob
from curator_text.commands.step_plans import plan_lines
from curator_text.pipelines.classify import ClassifyWorkflow
from curator_text.read.preflight import extrapolate
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
        settings, files, workers = self.settings, self.files, self.workers()
        stage, judge = self.workflow.classify_stage(), self.workflow.judge
        asked = 0

        def ask(texts: Any) -> None:
            nonlocal asked
            shown = texts.slice(0, _TRIED) if judge.is_heavy else texts
            asked += len(texts) - len(shown)
            stage.answers(shown)

        extent = extrapolate(files, field=settings.text_field, work=ask, limit=settings.limit)
        total, processes = sum(file.size for file in files), workers or usable_cpus()
        executor = make_executor(settings.executor, workers=workers, policy=COMMAND_POLICY)
        block = parse_size(ClassifyWorkflow.input_blocksize)
        blocks = sum(max(1, -(-file.size // block)) for file in files)
        common: dict[str, Any] = {"cache": "", "corpus_key": "", "output": ""}
        steps: dict[str, tuple[list[AnyStage], int | None]] = {
            "classify": ([self.workflow.source(), stage], None),
            "decide": ([self.workflow.decide_stage()], blocks),
            "remove": ([RewriteDocuments(**common)], len(files)),
        }
        kept = ", ".join(settings.filter_by) or "all labels"
        shares = 1 if judge.is_heavy else processes
        note = ["a network was tried on a few texts only: expect more seconds"] if asked else []
        return DryRun(
            lines=[
                *plan_lines(steps, executor),
                f"{settings.classifier or settings.model}; kept: {kept}; rows get {', '.join(judge.fields)}",
                *note,
                f"input: {counted(len(files), 'files')}, {total / 1e6:,.1f} MB, about {counted(extent.documents, 'documents')}",
            ],
            seconds=round(extent.seconds / shares + 1, 1),
            memory_bytes=processes * (400 << 20),
            disk_bytes=extent.documents * _PLACE_BYTES + extent.input_bytes,
            summary={"files": len(files), "input_bytes": total, "documents": extent.documents},
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
