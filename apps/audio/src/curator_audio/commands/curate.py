"""The command `curator-audio curate`: from settings to a run, and what is said about it."""

from dataclasses import dataclass
from typing import Any

from curator_audio.pipelines.curate import CurateWorkflow
from curator_audio.settings import CurateSettings
from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.run_into_folder import run_into_folder
from curator_engine.commands.workflow_job import WorkflowJob
from curator_engine.running.lost_rows import lost_lines

_FACTS = (
    *("recordings", "segments", "kept", "dropped", "unreadable", "without_speech", "dropped_by"),
    *("recordings_s", "segments_s", "kept_s", "quarantined", "notes"),
)


def run(settings: CurateSettings, console: Console) -> JobResult:
    """Curate as the settings say.

    Raises:
        CuratorError: Bad input or options, a full disk, an exceeded budget.
    """
    return run_into_folder(Curate(settings=settings, console=console))


@dataclass(kw_only=True)
class Curate(WorkflowJob[CurateSettings, CurateWorkflow]):
    """Recordings into segments."""

    of = CurateWorkflow

    def result(self, facts: dict[str, Any]) -> JobResult:
        """Recordings, segments, what was dropped and why, how fast, and where the result is."""
        output = self.settings.output
        by = ", ".join(f"{count:,} {stage}" for stage, count in facts["dropped_by"].items())
        seconds = facts["total_time"]
        heard = facts["recordings_s"]
        lines = [
            f"{facts['recordings']:,} recordings of {heard:,.1f} s"
            + (f", {facts['unreadable']:,} unreadable" if facts["unreadable"] else "")
            + (f", {facts['without_speech']:,} without speech" if facts["without_speech"] else ""),
            f"{facts['segments']:,} segments: {facts['kept']:,} kept ({facts['kept_s']:,.1f} s), "
            f"{facts['dropped']:,} dropped" + (f" ({by})" if by else ""),
            *lost_lines(facts, output),
            f"{seconds:.1f} s, {heard / max(seconds, 0.001):,.0f} x real time",
            f"result in {output}: report.html, segments.parquet, manifest.jsonl, cuts.jsonl, run.json"
            + ("" if self.settings.output_format == "none" else ", data/"),
        ]
        return JobResult(
            summary={
                **{name: facts[name] for name in _FACTS},
                "seconds": seconds,
                "output": output,
            },
            lines=lines,
            exit_code=3 if facts["quarantined"] else 0,
        )
