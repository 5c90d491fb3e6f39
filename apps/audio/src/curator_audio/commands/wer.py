"""The command `curator-audio wer`: how far transcripts are from references."""

from dataclasses import dataclass
from typing import Any

from curator_audio.pipelines.wer import WerWorkflow
from curator_audio.report.wer_page import notes_of, percent
from curator_audio.settings import WerSettings
from curator_engine.commands.cli import JobResult
from curator_engine.commands.workflow_job import WorkflowJob
from curator_engine.counted import counted
from curator_engine.files.listing import Listing
from curator_engine.running.lost_rows import lost_lines


@dataclass(kw_only=True)
class Wer(WorkflowJob[WerSettings, WerWorkflow]):
    """Transcripts into error rates."""

    of = WerWorkflow

    def listed(self) -> Listing:
        """The input, listed; folders of runs stand for their transcripts."""
        return WerWorkflow(settings=self.settings).listed()

    def result(self, facts: dict[str, Any]) -> JobResult:
        """The rates, what they leave out, and where the result is."""
        output, seconds = self.settings.output, facts["total_time"]
        kinds = ", ".join(
            counted(facts[n], n) for n in ("substitutions", "deletions", "insertions")
        )
        lines = [
            f"word errors {percent(facts['wer'])} of {counted(facts['words'], 'words')} ({kinds})",
            f"character errors {percent(facts['cer'])} of {facts['characters']:,} characters",
            f"agreement {percent(facts['agreement'])}, the same both ways round: for two recognisers",
            f"{facts['without_errors']:,} of {counted(facts['items'], 'texts')} without an error",
            *notes_of(facts | {"notes": []}),
            *lost_lines(facts, output),
            f"{seconds:.1f} s",
            f"result in {output}: errors.parquet, groups.parquet, report.html, run.json",
        ]
        names = ("items", "words", "substitutions", "deletions", "insertions", "wer", "characters")
        more = (
            "cer",
            "agreement",
            "without_errors",
            "not_compared",
            "unused_references",
            "quarantined",
            "notes",
        )
        return JobResult(
            summary={
                **{n: facts.get(n) for n in (*names, *more)},
                "seconds": seconds,
                "output": output,
            },
            lines=lines,
            exit_code=3 if facts["quarantined"] else 0,
        )
