"""The command `curator-audio vad`: where somebody speaks."""

from dataclasses import dataclass
from typing import Any

from curator_audio.commands.segment_job import SegmentJob
from curator_audio.pipelines.vad import VadWorkflow
from curator_audio.settings import VadSettings
from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.run_into_folder import run_into_folder


def run(settings: VadSettings, console: Console) -> JobResult:
    """Find speech as the settings say.

    Raises:
        CuratorError: Bad input or options, a full disk, an exceeded budget.
    """
    return run_into_folder(Vad(settings=settings, console=console))


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
