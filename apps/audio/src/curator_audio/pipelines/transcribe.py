"""Recordings into transcripts: what is said, when, and how far it is from the text that came along.

transcripts.jsonl       a line per recording: its transcript, words, segments, and error rates
segments.parquet        a row per stretch of speech, as that of `curate`
manifest.jsonl          the same as NeMo's manifest; it names the input's files and spans
cuts.jsonl              the same as cuts of lhotse
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from curator_audio import __version__
from curator_audio.pipelines.segment_workflow import SegmentWorkflow
from curator_audio.recordings.by_recording import Row, by_recording, kept, names_of, place_of
from curator_audio.recordings.transcribe_segments import STAGE
from curator_audio.settings import CurateSettings, TranscribeSettings
from curator_audio.transcripts.error_rate import ErrorRate, character_errors, word_errors
from curator_audio.transcripts.normalize import normalize
from curator_engine.files.paths import join
from curator_engine.files.storage import open_atomic

TRANSCRIPTS = "transcripts.jsonl"


@dataclass(kw_only=True)
class TranscribeWorkflow(SegmentWorkflow[TranscribeSettings]):
    """Write down what is said in recordings; `curator-audio transcribe` in Python.

    Example:
        >>> settings = TranscribeSettings(inputs=["recordings"], output="transcripts")
        >>> TranscribeWorkflow(settings=settings).run().metadata["words"]
        1840
    """

    job, version = "transcribe", __version__

    def recipe(self) -> CurateSettings:
        """No segment is dropped, and none is written."""
        given = self.settings
        return CurateSettings(
            inputs=given.inputs,
            output=given.output,
            cut=given.cut,
            vad_threshold=given.vad_threshold,
            max_pause=given.max_pause,
            max_segment=given.max_segment,
            output_format="none",
            transcribe=given.model,
            language=given.language,
            align=given.align,
            speakers=given.speakers,
            device=given.device,
        )

    def finish(self, table: pa.Table, facts: dict[str, Any]) -> None:
        """Write a line per recording; count words, errors and signs that nobody said what was written."""
        totals = {"wer": ErrorRate(), "cer": ErrorRate()}
        compared = 0
        recordings = by_recording(table)
        with open_atomic(join(self.settings.output, TRANSCRIPTS)) as file:
            for name, rows in zip(names_of(recordings), recordings, strict=True):
                line = _line(name, rows)
                if errors := self._errors(line):
                    compared += 1
                    totals = {key: totals[key] + errors[key] for key in totals}
                    line |= {key: each.rate for key, each in errors.items()}
                file.write(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        rows = table.filter(table.column("keep")).to_pylist()
        said = Counter(row["language"] for row in rows if row["transcript"])
        facts |= {
            "recogniser": next((row["recogniser"] for row in rows if row["recogniser"]), ""),
            "words": sum(len((row["transcript"] or "").split()) for row in rows),
            "languages": {name: count for name, count in said.most_common() if name},
            "without_transcript": sum(row["transcript"] is None for row in rows),
            "with_signs": sum(bool(row["signs"]) for row in rows),
            "compared": compared,
            "reference_words": totals["wer"].tokens,
            **{key: each.rate for key, each in totals.items()},
        }

    def _errors(self, line: Row) -> dict[str, ErrorRate]:
        """Of a recording with a text, if all of it was heard."""
        if not line.get("text") or "errors" in line:
            return {}
        language = self.settings.language or line.get("language") or "en"
        texts = [normalize(line[key], language=language) for key in ("text", "pred_text")]
        if not texts[0]:
            return {}
        return {"wer": word_errors(*texts), "cer": character_errors(*texts)}


def _line(name: str, rows: list[Row]) -> Row:
    """What is known of a recording; times are seconds from its first sample."""
    first, heard = rows[0], kept(rows)
    errors = [each for row in rows for each in row["errors"] if each.startswith(f"{STAGE}: ")]
    text = next((t for row in rows for t in (row["recording_text"], row["text"]) if t), None)
    found = {
        "name": name,
        "audio_filepath": place_of(first),
        "duration": first["recording_s"],
        "text": text,
        "pred_text": " ".join(row["transcript"] for row in heard if row["transcript"]),
        "language": next((row["language"] for row in heard if row["language"]), None),
        "recogniser": next((row["recogniser"] for row in heard if row["recogniser"]), None),
        "segments": [_segment(row) for row in heard if row["transcript"] is not None],
        "words": [word for row in heard for word in _words(row, "words")],
        "text_words": [word for row in heard for word in _words(row, "text_words")] or None,
        "errors": errors or None,
    }
    return {key: value for key, value in found.items() if value is not None}


def _segment(row: Row) -> Row:
    found = {"id": row["uuid"], "start": row["start_s"], "end": row["end_s"]}
    found |= {"text": row["transcript"], "speaker": row["speaker"], "signs": row["signs"]}
    return {key: value for key, value in found.items() if value is not None}


def _words(row: Row, name: str) -> Iterator[Row]:
    for word, start, end in json.loads(row[name] or "[]"):
        at = row["start_s"]
        yield {"word": word, "start": round(at + start, 3), "end": round(at + end, 3)}
