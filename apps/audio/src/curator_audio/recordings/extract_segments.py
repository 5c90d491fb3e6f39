"""Write the segments of entries as files, with NeMo Curator's names, parameters and names of files.

An entry says by `original_start_ms` and `original_end_ms`, or by `diar_segments`, what is cut out of its
`original_file`, as `TimestampMapperStage` leaves it. Files are numbered by their place in the recording,
so they are the same whatever the order in which entries came.
"""

import csv
import io
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar, Literal, NamedTuple

from curator_audio.read.audio_error import AudioError
from curator_audio.read.decode import Recording, open_audio
from curator_audio.recordings.cut_file import cut_file
from curator_audio.recordings.entry_journal import EntryJournal
from curator_audio.segments.original_times import NEVER, spoken_turns
from curator_audio.task import AudioTask
from curator_engine.errors import InputError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.files.list_rows import list_rows
from curator_engine.files.output_folder import take
from curator_engine.files.paths import join
from curator_engine.files.storage import (
    link_or_copy,
    list_names,
    open_atomic,
    remove,
    remove_tree,
    write_atomic,
)
from curator_engine.pipeline import Pipeline
from curator_engine.positional import positional
from curator_engine.stage import Produced
from curator_engine.task import short_hash

type SegmentFormat = Literal["wav", "flac", "ogg"]
_FORMATS = ("wav", "flac", "ogg")
_TABLE, _SUMMARY = "metadata.csv", "extraction_summary.json"
_PARTS = ".segments"
"""Folder of the sounds under names that do not depend on other entries; the numbered files are links."""
_BY_TIMES, _BY_TURNS, _BY_TIMES_OF_SPEAKER = 2, 3, 4
"""NeMo Curator's numbers."""
_LONGEST_STEM = 120
"""Bytes of a recording's name in those of its segments; file systems end at 255."""
_PLACE = frozenset(
    {"filename", "original_file", "original_start_ms", "original_end_ms", "duration_ms"}
    | {"start_sec", "end_sec", "duration", "segment_index", "speaker_id", "num_speakers"}
    | {"speaking_duration", "diar_segments"}
)
"""Keys of an entry that are no scores."""


class _Span(NamedTuple):
    start_ms: int
    end_ms: int
    speaker: str | None
    number: int
    """Among the spans of the entry, of one speaker."""


@positional("name", "output_dir", "output_format", "batch_size", "resources")
@dataclass(kw_only=True)
class SegmentExtractionStage(EntryJournal):
    """Write the sound of each entry as a file, and a table of all of them, `metadata.csv`.

    Files are called `NAME_segment_000.wav`, or `NAME_speaker_0_segment_000.wav` where the speaker is
    known: of an entry with `diar_segments` and a speaker there is one for each turn. Entries pass as they
    are. Sounds have the rate and the channels of their recording.

    Raises:
        SettingsError: There is no folder, or no such format.

    Example:
        SegmentExtractionStage(output_dir="segments", output_format="flac")
    """

    name: str = "SegmentExtraction"
    output_path: str = field(default="", init=False)
    """Of the table."""
    output_dir: str = ""
    """Folder of the files."""
    output_format: SegmentFormat = "wav"
    """wav, flac, or ogg, which is Vorbis."""
    batch_size: int | None = 64
    writes_to: ClassVar[tuple[str, ...]] = ("output_dir",)
    _combo: int | None = field(default=None, init=False, repr=False)
    """How all entries say what is cut; each for itself unless set."""
    _is_ready: bool = field(default=False, init=False, repr=False)
    _by_hand: bool = field(default=False, init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.output_dir:
            raise SettingsError(f"{self.name} needs output_dir, the folder to write into.")
        if self.output_format not in _FORMATS:
            raise SettingsError(
                f"output_format={self.output_format!r} is none of {', '.join(_FORMATS)}."
            )
        self.output_path = join(self.output_dir, _TABLE)
        super().__post_init__()

    def inputs(self) -> tuple[list[str], list[str]]:
        """The recording from which an entry comes."""
        return [], ["original_file"]

    def ready_folder(self, job: str, *, goes_on: bool) -> None:
        """Begin anew, unless a run goes on: what an earlier run has made is removed.

        Raises:
            InputError: There is a table that no such stage has made.
        """
        earlier = [] if goes_on else [join(self.output_dir, name) for name, _ in self.named()]
        super().ready_folder(job, goes_on=goes_on)
        self._is_ready = True
        parts = join(self.output_dir, _PARTS)
        if not goes_on and (earlier or list_names(parts)):
            with take(self.output_dir, job=job, mode="share"):
                for path in [*earlier, self.output_path]:
                    remove(path)
                remove_tree(parts)

    def process(self, task: AudioTask) -> AudioTask:
        """Write the sound of an entry; called by hand, the table as well.

        Raises:
            AudioError: The recording cannot be decoded, or the entry has no span.
            StorageError: A file cannot be written.
        """
        self.process_batch([task])
        return task

    def process_batch(self, tasks: list[AudioTask]) -> list[Produced]:
        """Write the sounds of some entries."""
        if not self._is_ready:
            self.ready_folder(self.name, goes_on=False)
            self._by_hand = True
        with take(self.output_dir, job=self.name, mode="share") if self._by_hand else nullcontext():
            for task in tasks:
                super().process(task)
            if self._by_hand:
                self.teardown()
        return list(tasks)

    def extract_from_manifest(self, input_path: str) -> None:
        """Write the segments of a manifest, or of those in a folder; see `extract_segments`."""
        extract_segments(input_path, self.output_dir, self.output_format)

    def line(self, task: AudioTask) -> dict[str, Any] | None:
        """What is written of an entry: its sounds, with a row of the table for each."""
        original = str(task.data["original_file"])
        recording = open_audio(original)
        combo = self._combo or detect_combo([task.data])
        rows = [self._write(task, recording, span) for span in _spans(task.data, original, combo)]
        self.log_metric("segments", len(rows))
        return {"segments": rows} if rows else None

    def _write(self, task: AudioTask, recording: Recording, span: _Span) -> dict[str, Any]:
        label = short_hash(recording.where, f"{tuple(span)}", task.task_id)
        part = join(_PARTS, f"{label}.{self.output_format}")
        path, start, end = join(self.output_dir, part), span.start_ms / 1000, span.end_ms / 1000
        written = cut_file(recording, path, (start, end), audio_format=self.output_format)
        seconds = written.samples / written.rate
        about: dict[str, Any] = {
            "original_file": recording.where,
            "segment_index": span.number,
            "start_sec": round(start, 3),
            "end_sec": round(start + seconds, 3),
            "duration": round(seconds, 3),
        }
        speakers = {"speaker_id": span.speaker, "num_speakers": task.data.get("num_speakers")}
        about |= {key: value for key, value in speakers.items() if value is not None}
        about |= _scores(task.data)
        return {"part": part, "span": [span.start_ms, span.end_ms], "about": about}

    def write(self, rows: Iterator[dict[str, Any]]) -> None:
        """Give the sounds their numbers, and write the table."""
        named = self.named()
        for name, row in named:
            link_or_copy(join(self.output_dir, row["part"]), join(self.output_dir, name))
        if named:
            with open_atomic(self.output_path) as file:
                file.write(_table([{"filename": name, **row["about"]} for name, row in named]))

    def named(self) -> list[tuple[str, dict[str, Any]]]:
        """What is known of all sounds, with the names of their files, by recording, speaker and time."""
        found, used, counts = list[tuple[str, dict[str, Any]]](), set[str](), Counter[str]()
        for row in sorted((row for line in self.rows() for row in line["segments"]), key=_place):
            head, name = _head(row["about"]), ""
            while not name or name in used:
                name = f"{head}_segment_{counts[head]:03d}.{self.output_format}"
                counts[head] += 1
            used.add(name)
            found.append((name, row))
        return found


def _spans(entry: Mapping[str, Any], original: str, combo: int) -> Iterator[_Span]:
    """What an entry is to be cut into.

    Raises:
        AudioError: It has times that are no span.
    """
    speaker = entry.get("speaker_id")
    if combo == _BY_TURNS:
        numbers = Counter[str | None]()
        for start, end, turn in spoken_turns(entry.get("diar_segments") or ()):
            own = turn.get("speaker") if isinstance(turn, Mapping) else None
            who = speaker if own is None else str(own)
            yield _Span(int(start * 1000), int(end * 1000), who, numbers[who])
            numbers[who] += 1
        return
    start, end = entry.get("original_start_ms", 0), entry.get("original_end_ms", 0)
    if not 0 <= start < end:
        raise AudioError(original, f"from {start} to {end} ms there is nothing to cut out")
    who = None if combo == _BY_TIMES or speaker is None else str(speaker)
    yield _Span(int(start), int(end), who, 0)


def _scores(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What else an entry says, with numbers of four decimals."""
    kept = {key: value for key, value in entry.items() if key not in _PLACE | NEVER}
    return {
        key: round(value, 4) if isinstance(value, float) else value for key, value in kept.items()
    }


def _head(about: Mapping[str, Any]) -> str:
    """How names of a recording's files begin, of one speaker where that is known."""
    stem = PurePosixPath(about["original_file"]).stem
    if len(os.fsencode(stem)) > _LONGEST_STEM:
        stem = f"{stem[: _LONGEST_STEM // 4]}-{short_hash(stem)}"
    if "speaker_id" not in about:
        return stem
    speaker = re.sub(r"[^\w.-]+", "_", about["speaker_id"].replace("speaker_", ""))
    return f"{stem}_speaker_{speaker[: _LONGEST_STEM // 4]}"


def _place(row: Mapping[str, Any]) -> tuple[str, str, list[int]]:
    about = row["about"]
    return about["original_file"], about.get("speaker_id", ""), row["span"]


def _table(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Rows as CSV, with the columns of all of them."""
    text = io.StringIO(newline="")
    columns = list(dict.fromkeys(key for row in rows for key in row))
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({key: _cell(value) for key, value in row.items()})
    return text.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> Any:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value


def detect_combo(entries: Sequence[Mapping[str, Any]]) -> int:
    """How entries say what is cut, by the first of them, in NeMo Curator's numbers.

    Returns:
        2 for times, 3 for turns of a speaker (`diar_segments`), 4 for times of a speaker.

    Example:
        >>> detect_combo([{"speaker_id": "speaker_0", "original_start_ms": 0}])
        4
    """
    first = entries[0] if entries else {}
    turns = first.get("diar_segments")
    has_speaker = "speaker_id" in first or any(
        isinstance(turn, Mapping) and turn.get("speaker") is not None for turn in turns or ()
    )
    if not has_speaker:
        return _BY_TIMES
    return _BY_TURNS if "diar_segments" in first else _BY_TIMES_OF_SPEAKER


def load_manifest(manifest_path: str) -> list[dict[str, Any]]:
    """The entries of a manifest of JSON lines.

    Raises:
        InputError: A line is no object.
        UnreadableFileError: The file is not there or may not be read.
    """
    rows: list[dict[str, Any]] = []
    for number, row in enumerate(list_rows(manifest_path), start=1):
        if row is None:
            raise InputError(
                f"{manifest_path}: line {number} is no JSON object; mend or remove it."
            )
        if row:
            rows.append(row)
    return rows


def load_manifests(input_path: str, output_dir: str = "") -> list[dict[str, Any]]:
    """The entries of a manifest, or of all `.jsonl` files of a folder, by name.

    Args:
        input_path: The file or folder.
        output_dir: Not used: NeMo Curator writes a copy of all entries there.

    Raises:
        InputError: There is no such file, or none in the folder.
    """
    path = Path(input_path)
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    if not files or not files[0].is_file():
        raise InputError(f"{input_path} is no manifest, and no folder with one (*.jsonl).")
    return [row for file in files for row in load_manifest(str(file))]


def extract_segments(
    input_path: str, output_dir: str, output_format: SegmentFormat = "wav"
) -> None:
    """Write the segments of a manifest, or of those in a folder, and `extraction_summary.json`.

    Raises:
        InputError: There is no manifest, or files of others are in the way.
        StageError: A segment cannot be cut out.
        StorageError: A file cannot be written.

    Example:
        extract_segments("run/manifest.jsonl", "segments", "flac")
    """
    count, seconds, speakers, _ = _extracted(load_manifests(input_path), output_dir, output_format)
    summary: dict[str, Any] = {
        "manifest_path": input_path,
        "output_dir": output_dir,
        "total_segments": count,
        "total_duration_sec": round(seconds, 2),
        "output_format": output_format,
        **({"segments_by_speaker": speakers} if speakers else {}),
    }
    with take(output_dir, job="extract_segments", mode="share"):
        write_atomic(join(output_dir, _SUMMARY), json.dumps(summary, indent=2).encode())


type Extracted = tuple[int, float, dict[str, int], list[dict[str, Any]]]
"""Files, seconds of all, files by speaker, and the rows of `metadata.csv`."""


def extract_segments_by_timestamps(
    entries: Sequence[dict[str, Any]], output_dir: str, output_format: SegmentFormat
) -> Extracted:
    """Write the segments of entries by their times, whoever speaks; raises as `extract_segments`."""
    return _extracted(entries, output_dir, output_format, _BY_TIMES)


def extract_speaker_diar_segments(
    entries: Sequence[dict[str, Any]], output_dir: str, output_format: SegmentFormat
) -> Extracted:
    """Write each turn of the speakers of entries (`diar_segments`); raises as `extract_segments`."""
    return _extracted(entries, output_dir, output_format, _BY_TURNS)


def extract_speaker_segments_by_timestamps(
    entries: Sequence[dict[str, Any]], output_dir: str, output_format: SegmentFormat
) -> Extracted:
    """Write the segments of entries by their times, with the speakers in the names; raises as `extract_segments`."""
    return _extracted(entries, output_dir, output_format, _BY_TIMES_OF_SPEAKER)


def _extracted(
    entries: Sequence[dict[str, Any]],
    output_dir: str,
    output_format: SegmentFormat,
    combo: int | None = None,
) -> Extracted:
    stage = SegmentExtractionStage(output_dir=output_dir, output_format=output_format)
    stage._combo = combo
    tasks: list[Any] = [AudioTask(data=entry) for entry in entries]
    Pipeline("extract_segments", stages=[stage]).run(LocalExecutor(), initial_tasks=tasks)
    rows: list[dict[str, Any]] = [{"filename": name, **row["about"]} for name, row in stage.named()]
    speakers = Counter(row["speaker_id"] for row in rows if "speaker_id" in row)
    return len(rows), sum(row["duration"] for row in rows), dict(speakers), rows
