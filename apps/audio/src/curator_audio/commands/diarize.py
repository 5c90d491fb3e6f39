"""The command `curator-audio diarize`: who speaks when."""

from dataclasses import dataclass
from typing import Any

from curator_audio.commands.segment_job import SegmentJob
from curator_audio.pipelines.diarize import DiarizeWorkflow
from curator_audio.settings import DiarizeSettings
from curator_engine.commands.cli import JobResult
from curator_engine.counted import counted


@dataclass(kw_only=True)
class Diarize(SegmentJob[DiarizeSettings, DiarizeWorkflow]):
    """Recordings into turns of speakers."""

    of = DiarizeWorkflow

    def result(self, facts: dict[str, Any]) -> JobResult:
        """How many speakers recordings have, and how far that is from the truth."""
        counts = ", ".join(
            f"{counted(int(n), 'speakers')} in {count:,}" for n, count in facts["speakers"].items()
        )
        found = [f"{facts['kept_s']:,.1f} s of speech; recordings by speakers: {counts or 'none'}"]
        if facts["compared"]:
            errors = facts["errors"]
            found.append(
                f"diarisation error rate {facts['error_rate']:.1%} of {counted(facts['compared'], 'recordings')} "
                f"({errors['speech_s']:,.1f} s of speech: missed {errors['missed_s']:,.1f} s, "
                f"false {errors['false_s']:,.1f} s, confused {errors['confused_s']:,.1f} s)"
            )
        elif self.settings.rttm:
            found.append("no recording has the name of one in --rttm, so there is no error rate")
        files = "rttm/, speakers.jsonl, segments.parquet, manifest.jsonl, cuts.jsonl, report.html, run.json"
        return self.said(
            facts, found, files=files, more=("speakers", "compared", "error_rate", "errors")
        )
