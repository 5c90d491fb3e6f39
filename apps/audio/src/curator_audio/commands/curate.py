"""The command `curator-audio curate`: from settings to a run, and what is said about it."""

from dataclasses import dataclass
from typing import Any

from curator_audio.commands.segment_job import SegmentJob
from curator_audio.pipelines.curate import CurateWorkflow
from curator_audio.settings import CurateSettings
from curator_engine.commands.cli import JobResult
from curator_engine.counted import counted


@dataclass(kw_only=True)
class Curate(SegmentJob[CurateSettings, CurateWorkflow]):
    """Recordings into segments."""

    of = CurateWorkflow

    def result(self, facts: dict[str, Any]) -> JobResult:
        """Segments, what was dropped and why."""
        by = ", ".join(f"{count:,} {stage}" for stage, count in facts["dropped_by"].items())
        found = (
            f"{counted(facts['segments'], 'segments')}: {facts['kept']:,} kept ({facts['kept_s']:,.1f} s), "
            f"{facts['dropped']:,} dropped" + (f" ({by})" if by else "")
        )
        files = "report.html, segments.parquet, manifest.jsonl, cuts.jsonl, run.json"
        data = "" if self.settings.output_format == "none" else ", data/"
        return self.said(facts, [found], files=files + data)
