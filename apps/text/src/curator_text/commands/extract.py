"""The command `curator-text extract`: from pages to documents."""

from dataclasses import dataclass
from typing import Any

from curator_engine.commands.cli import JobResult
from curator_engine.commands.workflow_job import WorkflowJob
from curator_engine.counted import counted
from curator_text.pipelines.extract import ExtractWorkflow
from curator_text.source_settings import ExtractSettings

_SHOWN = 6


@dataclass(kw_only=True)
class Extract(WorkflowJob[ExtractSettings, ExtractWorkflow]):
    """Pages into documents."""

    of, without_pandas = ExtractWorkflow, True

    @property
    def extensions(self) -> list[str] | None:
        """As the workflow has them."""
        return ExtractWorkflow(settings=self.settings).extensions

    def result(self, facts: dict[str, Any]) -> JobResult:
        """Pages, documents, why pages gave none, and where the result is."""
        pages = facts["num_documents"]
        reasons = list(facts["removed_by"].items())
        lines = [
            f"{counted(pages, 'pages')}: {counted(facts['kept'], 'documents')}, {facts['text_bytes'] / 1e6:,.1f} MB of text; "
            f"{facts['num_removed']:,} without one",
            *(f"  {reason}: {count:,}" for reason, count in reasons[:_SHOWN]),
            *([f"  and {len(reasons) - _SHOWN:,} more reasons"] if len(reasons) > _SHOWN else []),
        ]
        summary = {
            "documents": pages,
            "kept": facts["kept"],
            "removed": facts["num_removed"],
            "rules": facts["removed_by"],
            "text_bytes": facts["text_bytes"],
            "lost_rows": facts.get("lost_rows", 0),
            "lost_files": facts.get("lost_files", 0),
            "quarantined": facts["quarantined"],
            "notes": facts["notes"],
        }
        return self.told(facts, lines, summary, files="report.html, data/, removed/, run.json")
