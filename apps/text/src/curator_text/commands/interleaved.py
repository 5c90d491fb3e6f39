"""The command `curator-text interleaved`: documents of texts and pictures."""

from dataclasses import dataclass
from typing import Any

from curator_engine.commands.cli import JobResult
from curator_engine.commands.workflow_job import WorkflowJob
from curator_engine.counted import counted
from curator_text.interleaved.result_tables import WITH_DOCUMENT
from curator_text.interleaved_settings import InterleavedSettings
from curator_text.pipelines.interleaved import InterleavedWorkflow

_SHOWN = 6


@dataclass(kw_only=True)
class Interleaved(WorkflowJob[InterleavedSettings, InterleavedWorkflow]):
    """Documents of texts and pictures, filtered."""

    of = InterleavedWorkflow

    @property
    def extensions(self) -> list[str] | None:
        """As the workflow has them."""
        return InterleavedWorkflow(settings=self.settings).extensions

    def result(self, facts: dict[str, Any]) -> JobResult:
        """What stayed, what went and why, and where the result is."""
        reasons = _reasons(facts)
        lines = [
            f"{counted(facts['num_documents'], 'documents')}: {facts['kept']:,} kept; of {counted(facts['images_in'], 'pictures')} "
            f"{facts['images_kept']:,} kept",
            *(f"  {reason}" for reason in reasons[:_SHOWN]),
            *([f"  and {len(reasons) - _SHOWN:,} more reasons"] if len(reasons) > _SHOWN else []),
            *_taken(facts),
        ]
        names = (
            "texts_in",
            "texts_kept",
            "images_in",
            "images_kept",
            "images_measured",
            "images_known",
            "images_removed_by",
        )
        summary = {
            "documents": facts["num_documents"],
            "kept": facts["kept"],
            "removed": facts["num_removed"],
            "rules": facts["removed_by"],
            **{name: facts[name] for name in names},
            "lost_rows": facts.get("lost_rows", 0),
            "lost_files": facts.get("lost_files", 0),
            "quarantined": facts["quarantined"],
            "notes": facts["notes"],
        }
        files = "report.html, data/, removed/, scores/, run.json"
        return self.told(facts, lines, summary, files=files)


def _taken(facts: dict[str, Any]) -> list[str]:
    """How many measures are those of an earlier run."""
    if not facts["images_known"]:
        return []
    return [
        f"measures of {counted(facts['images_known'], 'pictures')} taken from the earlier run, {facts['images_measured']:,} measured"
    ]


def _reasons(facts: dict[str, Any]) -> list[str]:
    """Why documents went, and why pictures of those that stayed did."""
    documents = [f"documents: {why}: {count:,}" for why, count in facts["removed_by"].items()]
    alone = {
        why: count
        for why, count in facts["images_removed_by"].items()
        if not why.startswith(WITH_DOCUMENT)
    }
    pictures = [f"pictures: {why}: {count:,}" for why, count in alone.items()]
    with_documents = sum(facts["images_removed_by"].values()) - sum(alone.values())
    more = [f"pictures: with their documents: {with_documents:,}"] if with_documents else []
    return [*documents, *pictures, *more]
