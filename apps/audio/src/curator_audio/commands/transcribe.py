"""The command `curator-audio transcribe`: what is said in recordings."""

from dataclasses import dataclass
from typing import Any

from curator_audio.commands.segment_job import SegmentJob
from curator_audio.models.recognisers import DRAFT
from curator_audio.pipelines.transcribe import TranscribeWorkflow
from curator_audio.settings import TranscribeSettings
from curator_engine.commands.cli import JobResult
from curator_engine.counted import counted

_FACTS = (
    *("recogniser", "words", "languages", "without_transcript", "with_signs"),
    *("compared", "reference_words", "wer", "cer"),
)


@dataclass(kw_only=True)
class Transcribe(SegmentJob[TranscribeSettings, TranscribeWorkflow]):
    """Recordings into transcripts."""

    of = TranscribeWorkflow

    def result(self, facts: dict[str, Any]) -> JobResult:
        """Words, by what, how many may be invented, and how far they are from given texts."""
        by = f" by {facts['recogniser']}" if facts["recogniser"] else ""
        draft = ", a draft: for a first look" if self.settings.model == DRAFT else ""
        found = [
            f"{counted(facts['words'], 'words')} in {counted(facts['kept'], 'segments')}{by}{draft}"
        ]
        if languages := facts["languages"]:
            said = ", ".join(f"{name} {count:,}" for name, count in languages.items())
            found.append(f"languages of segments: {said}")
        if facts["with_signs"]:
            found.append(
                f"{facts['with_signs']:,} segments show signs that nobody said what was written: column signs"
            )
        if facts["without_transcript"]:
            found.append(
                f"{facts['without_transcript']:,} segments have no transcript: column errors"
            )
        if facts["compared"]:
            found.append(
                f"word errors {facts['wer']:.1%}, character errors {facts['cer']:.1%} of "
                f"{counted(facts['compared'], 'recordings')} with a text ({counted(facts['reference_words'], 'words')})"
            )
        files = (
            "transcripts.jsonl, segments.parquet, manifest.jsonl, cuts.jsonl, report.html, run.json"
        )
        return self.said(facts, found, files=files, more=_FACTS)
