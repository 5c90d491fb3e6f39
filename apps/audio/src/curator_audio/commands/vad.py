"""The command `curator-audio vad`: where somebody speaks."""

from dataclasses import dataclass
from typing import Any

from curator_audio.commands.segment_job import SegmentJob
from curator_audio.pipelines.vad import VadWorkflow
from curator_audio.settings import VadSettings
from curator_engine.commands.cli import JobResult


@dataclass(kw_only=True)
class Vad(SegmentJob[VadSettings, VadWorkflow]):
    """Recordings into stretches of speech."""

    of = VadWorkflow

    def result(self, facts: dict[str, Any]) -> JobResult:
        """How much of the recordings is speech."""
        share = facts["kept_s"] / facts["recordings_s"] if facts["recordings_s"] else 0.0
        found = f"{facts['kept']:,} stretches of speech, {facts['kept_s']:,.1f} s ({share:.0%})"
        files = "rttm/, segments.parquet, manifest.jsonl, cuts.jsonl, report.html, run.json"
        return self.said(facts, [found], files=files)
