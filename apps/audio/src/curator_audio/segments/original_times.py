"""Where an entry lies in the recording it came from, as lists of segments say it; a stage of NeMo Curator's."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from curator_audio.task import AudioTask
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage

type Row = dict[str, Any]
PASSED = (
    *("speaker_id", "num_speakers", "speaking_duration", "sample_rate", "utmos_mos"),
    *("sigmos_noise", "sigmos_ovrl", "sigmos_sig", "sigmos_col", "sigmos_disc"),
    *("sigmos_loud", "sigmos_reverb", "band_prediction"),
)
"""Keys that an entry keeps unless others are asked for."""
NEVER = frozenset({"waveform", "audio", "audio_data", "audio_array", "segments"})
"""Keys of samples and of lists of segments."""
_NEEDED = {"concat_start_ms", "concat_end_ms", "original_file", "original_start_ms"}
"""Keys without which a mapping places nothing."""
_STORED = 1e-6
"""Milliseconds by which 1.001 seconds, as they are stored, may miss a whole one."""
MAPPINGS = "segment_mappings"
"""Key in a task's metadata of where parts of a joined recording come from."""


@dataclass(frozen=True, kw_only=True)
class SegmentMapping:
    """A part of a joined recording, in milliseconds, and where it comes from.

    Example:
        SegmentMapping(original_file="a.wav", original_start_ms=5000, original_end_ms=6000,
                       concat_start_ms=0, concat_end_ms=1000, segment_index=0).to_dict()
    """

    original_file: str
    original_start_ms: int
    original_end_ms: int
    concat_start_ms: int
    concat_end_ms: int
    segment_index: int

    def to_dict(self) -> Row:
        """As the metadata of a task has it."""
        return dict(self.__dict__)


@positional("passthrough_keys", "name", "batch_size", "resources")
@dataclass(kw_only=True)
class TimestampMapperStage(ProcessingStage[AudioTask, AudioTask]):
    """Say of an entry from when to when it lies in its recording, and keep few other keys.

    The times come from `start_ms` and `end_ms`, else from `diar_segments` or a speaker's `segments`, else from
    `duration`. A task whose metadata has
    `segment_mappings` is of a joined recording: its times are turned into those of the recording from
    which the part came; an entry that lies in several parts, or in none, is dropped.

    Example:
        TimestampMapperStage(["speaker_id", "text"])
    """

    name: str = "TimestampMapper"
    passthrough_keys: list[str] | None = None
    """Keys that stay; `PASSED` unless given. Samples never do."""
    _kept: tuple[str, ...] = field(default=PASSED, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.passthrough_keys is not None:
            self._kept = tuple(self.passthrough_keys)

    def outputs(self) -> tuple[list[str], list[str]]:
        """The place."""
        times = ["original_start_ms", "original_end_ms", "duration_ms", "duration"]
        return [], ["original_file", *times]

    def process(self, task: AudioTask) -> AudioTask | None:
        """Set the place of an entry."""
        mappings: Sequence[Row] = task._metadata.get(MAPPINGS) or ()
        placed = _mapped(task.data, mappings) if mappings else _placed(task.data)
        if isinstance(placed, str):
            self.count_drops({placed: 1})
            return None
        kept = {key: task.data.get(key) for key in self._kept if key not in NEVER}
        known = {key: value for key, value in kept.items() if value is not None}
        task.data = {**known, **placed}
        return task


def _placed(entry: Mapping[str, Any]) -> Row:
    """The place of an entry whose times are of its recording."""
    file = entry.get("original_file", entry.get("audio_filepath", "unknown"))
    start, end = entry.get("start_ms"), entry.get("end_ms")
    if start is not None and end is not None and end > start:
        return _row(file, int(start), int(end), (end - start) / 1000)
    spoken = spoken_turns(_turns(entry))
    if spoken:
        first, last = _thousandths(spoken[0][0], max(end for _, end, _ in spoken))
        row = _row(file, first, last, (last - first) / 1000)
        row["speaking_duration"] = round(sum(end - start for start, end, _ in spoken), 3)
        row["diar_segments"] = [_like(each, start, end) for start, end, each in spoken]
        return row
    seconds = max(0.0, float(entry.get("duration") or 0.0))
    return _row(file, 0, int(seconds * 1000), seconds)


def _turns(entry: Mapping[str, Any]) -> Iterable[Any]:
    """When the speaker of an entry speaks."""
    return entry.get("diar_segments") or (entry.get("speaker_id") and entry.get("segments")) or ()


def _mapped(entry: Mapping[str, Any], mappings: Sequence[Row]) -> Row | str:
    """The place of an entry whose times are of a joined recording, or why it has none."""
    start, end = entry.get("start_ms"), entry.get("end_ms")
    if start is None and end is None:
        return _mapped_turns(_turns(entry), mappings)
    found = _originals(mappings, int(start or 0), int(end or 0))
    if len(found) != 1:
        return "in several parts" if found else "in no part"
    file, first, last = found[0]
    return _row(file, first, last, (last - first) / 1000)


def _mapped_turns(turns: Iterable[Any], mappings: Sequence[Row]) -> Row | str:
    found = [
        (place, each)
        for start, end, each in spoken_turns(turns)
        for place in _originals(mappings, *_thousandths(start, end))
    ]
    files = {file for (file, _, _), _ in found}
    if len(files) != 1:
        return "in several recordings" if files else "in no part"
    first, last = min(start for (_, start, _), _ in found), max(end for (_, _, end), _ in found)
    row = _row(files.pop(), first, last, (last - first) / 1000)
    row["diar_segments"] = [
        _like(each, start / 1000, end / 1000) for (_, start, end), each in found
    ]
    row["speaking_duration"] = round(sum(end - start for (_, start, end), _ in found) / 1000, 3)
    return row


def _originals(mappings: Sequence[Row], start: int, end: int) -> list[tuple[str, int, int]]:
    """Where a span of a joined recording comes from: recordings with first and last millisecond."""
    found: list[tuple[str, int, int]] = []
    for each in mappings:
        if not each.keys() >= _NEEDED:
            continue
        low, high = max(start, each["concat_start_ms"]), min(end, each["concat_end_ms"])
        if low < high:
            shift = each["original_start_ms"] - each["concat_start_ms"]
            found.append((each["original_file"], low + shift, high + shift))
    return found


def _thousandths(start: float, end: float) -> tuple[int, int]:
    """The milliseconds in which a turn lies: at least one, and no more for how fractions are stored."""
    return math.floor(start * 1000 + _STORED), math.ceil(end * 1000 - _STORED)


def spoken_turns(turns: Iterable[Any]) -> list[tuple[float, float, Any]]:
    """Turns as (start, end) or as dicts, that have times, in order: start, end, and the turn itself."""
    found: list[tuple[float, float, Any]] = []
    for each in turns:
        try:
            pair = (each["start"], each["end"]) if isinstance(each, Mapping) else (each[0], each[1])
            start, end = float(pair[0]), float(pair[1])
        except (TypeError, ValueError, KeyError, IndexError):
            continue
        if 0 <= start < end < float("inf"):
            found.append((start, end, each))
    return sorted(found, key=lambda row: row[:2])


def _like(turn: Any, start: float, end: float) -> Any:
    """A turn of the same form with other times."""
    times = round(start, 3), round(end, 3)
    return {**turn, "start": times[0], "end": times[1]} if isinstance(turn, Mapping) else [*times]


def _row(file: str, start: int, end: int, seconds: float) -> Row:
    return {
        "original_file": file,
        "original_start_ms": start,
        "original_end_ms": end,
        "duration_ms": end - start,
        "duration": seconds,
    }
