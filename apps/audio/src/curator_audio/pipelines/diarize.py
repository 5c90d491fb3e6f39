"""Who speaks when in recordings, and how far that is from the truth, if it is given.

rttm/                   a file per recording: turns of speakers
speakers.jsonl          a line per recording: speakers, turns, overlaps, and the error rate
segments.parquet        a row per stretch of speech, as that of `curate`, with its speaker
manifest.jsonl          the same as NeMo's manifest; it names the input's files and spans
cuts.jsonl              the same as cuts of lhotse
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from curator_audio import __version__
from curator_audio.pipelines.segment_workflow import SegmentWorkflow
from curator_audio.recordings.by_recording import Row, by_recording, kept, names_of, place_of
from curator_audio.recordings.write_rttm import turns_in, write_rttm
from curator_audio.settings import CurateSettings, DiarizeSettings
from curator_audio.speakers.diarization_error import DiarizationError, diarization_error
from curator_audio.speakers.rttm import parse_rttm
from curator_audio.speakers.turns import Turn
from curator_engine.errors import InputError
from curator_engine.files.paths import join
from curator_engine.files.storage import open_atomic

SPEAKERS = "speakers.jsonl"


@dataclass(kw_only=True)
class DiarizeWorkflow(SegmentWorkflow[DiarizeSettings]):
    """Find out who speaks when; `curator-audio diarize` in Python.

    Example:
        >>> settings = DiarizeSettings(inputs=["meetings"], output="turns", rttm="truth")
        >>> DiarizeWorkflow(settings=settings).run().metadata["error_rate"]
        0.043
    """

    job, version = "diarize", __version__
    _truth: dict[str, list[Turn]] = field(default_factory=dict[str, list[Turn]], init=False)

    def recipe(self) -> CurateSettings:
        """No segment is dropped, and none is written."""
        given = self.settings
        return CurateSettings(
            inputs=given.inputs,
            output=given.output,
            vad_threshold=given.vad_threshold,
            max_pause=given.max_pause,
            max_segment=given.max_segment,
            output_format="none",
            speakers=True,
            max_speakers=given.max_speakers,
            device=given.device,
        )

    def check(self) -> None:
        """Look at the models and the true turns."""
        super().check()
        self._truth = read_truth(self.settings.rttm) if self.settings.rttm else {}

    def finish(self, table: pa.Table, facts: dict[str, Any]) -> None:
        """Write turns and speakers; add the number of speakers and the error rate."""
        recordings = by_recording(table)
        names = names_of(recordings)
        turns = {name: turns_in(kept(rows)) for name, rows in zip(names, recordings, strict=True)}
        write_rttm(self.settings.output, turns)
        errors: list[DiarizationError] = []
        counts: list[int] = []
        with open_atomic(join(self.settings.output, SPEAKERS)) as file:
            for name, rows in zip(names, recordings, strict=True):
                line = _line(name, rows, turns[name])
                counts.append(line["num_speakers"])
                if (truth := self._truth_of(name, rows)) is not None:
                    error = diarization_error(truth, turns[name])
                    errors.append(error)
                    line |= {"error_rate": round(error.rate, 6), "errors": _rounded(error)}
                file.write(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        facts |= {
            "speakers": {str(n): counts.count(n) for n in sorted(set(counts))},
            "compared": len(errors),
        }
        if errors:
            total = _sum(errors)
            facts |= {"error_rate": round(total.rate, 6), "errors": _rounded(total)}

    def _truth_of(self, name: str, rows: Sequence[Row]) -> list[Turn] | None:
        """The true turns of a recording, by its name or that of its file."""
        for each in (name, Path(place_of(rows[0])).stem):
            if each in self._truth:
                return self._truth[each]
        return None


def read_truth(folder: str) -> dict[str, list[Turn]]:
    """The turns of all RTTM files in a folder, by the names of recordings.

    Raises:
        InputError: There is no such folder, or no RTTM file in it.
        UnreadableFileError: A file is damaged.
    """
    paths = sorted(Path(folder).glob("*.rttm"))
    if not paths:
        raise InputError(f"--rttm {folder} holds no .rttm file; give the folder of the true turns.")
    found: dict[str, list[Turn]] = {}
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{path} cannot be read ({error}); check it.") from error
        for name, turns in parse_rttm(text, where=str(path)).items():
            found.setdefault(name, []).extend(turns)
    return found


def _line(name: str, rows: list[Row], turns: Sequence[Turn]) -> Row:
    """What is known of a recording; times are seconds from its first sample."""
    seconds: dict[str, float] = {}
    for turn in turns:
        seconds[turn.speaker] = seconds.get(turn.speaker, 0.0) + turn.seconds
    overlaps = [span for row in kept(rows) for span in json.loads(row["overlaps"] or "[]")]
    return {
        "name": name,
        "audio_filepath": place_of(rows[0]),
        "duration": rows[0]["recording_s"],
        "num_speakers": len(seconds),
        "speaker_seconds": _three(seconds),
        "diar_segments": [
            {"start": each.start_s, "end": each.end_s, "speaker": each.speaker} for each in turns
        ],
        "overlap_segments": [{"start": start, "end": end} for start, end in overlaps],
    }


def _sum(errors: Sequence[DiarizationError]) -> DiarizationError:
    parts = [asdict(each) for each in errors]
    return DiarizationError(**{name: sum(part[name] for part in parts) for name in parts[0]})


def _rounded(error: DiarizationError) -> dict[str, float]:
    return _three(asdict(error))


def _three(seconds: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in seconds.items()}
