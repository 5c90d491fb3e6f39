"""The command `curator-image curate`: from settings to a run, and what is said about it."""

from dataclasses import dataclass
from typing import Any

from curator_engine.commands.cli import JobResult
from curator_engine.commands.workflow_job import WorkflowJob
from curator_engine.counted import counted
from curator_image.pipelines.curate import CurateWorkflow
from curator_image.settings import CurateSettings


@dataclass(kw_only=True)
class Curate(WorkflowJob[CurateSettings, CurateWorkflow]):
    """Pictures into a curated set."""

    of = CurateWorkflow
    has_kernels = True

    def result(self, facts: dict[str, Any]) -> JobResult:
        """Pictures, what was dropped and why, and where the result is."""
        by = ", ".join(f"{count:,} {stage}" for stage, count in facts["dropped_by"].items())
        lines = [
            f"{counted(facts['images'], 'images')}: {facts['kept']:,} kept, {facts['dropped']:,} dropped"
            + (f" ({by})" if by else "")
            + (f", {facts['unreadable']:,} unreadable" if facts["unreadable"] else ""),
        ]
        names = ("images", "kept", "dropped", "unreadable", "dropped_by", "quarantined", "notes")
        return self.told(
            facts,
            lines,
            {name: facts[name] for name in names},
            files="report.html, images.parquet, data/, run.json",
            pace=f"{facts['total_time']:.1f} s",
        )
