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


@dataclass(kw_only=True)
class Wer(WorkflowJob[WerSettings, WerWorkflow]):
    """Transcripts into error rates."""

    of = WerWorkflow

    def listed(self) -> Listing:
        """The input, listed; folders of runs stand for their transcripts."""
        return WerWorkflow(settings=self.settings).listed()

    def result(self, facts: dict[str, Any]) -> JobResult:
        """The rates, what they leave out, and where the result is."""
        kinds = ", ".join(
            counted(facts[n], n) for n in ("substitutions", "deletions", "insertions")
        )
        rates = [
            f"word errors {percent(facts['wer'])} of {counted(facts['words'], 'words')} ({kinds})",
            f"character errors {percent(facts['cer'])} of {facts['characters']:,} characters",
            f"agreement {percent(facts['agreement'])}, the same both ways round: for two recognisers",
            f"{facts['without_errors']:,} of {counted(facts['items'], 'texts')} without an error",
        ]
        lines = [
            *(rates if facts["items"] else ["no texts were compared"]),
            *notes_of(facts | {"notes": []}),
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
        return self.told(
            facts,
            lines,
            {name: facts.get(name) for name in (*names, *more)},
            files="errors.parquet, groups.parquet, report.html, run.json",
            pace=f"{facts['total_time']:.1f} s",
        )
