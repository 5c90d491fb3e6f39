"""Cut long recordings into files at pauses, and join what was found in each, with NeMo Curator's names.

Times of words are shifted back to those of the whole recording.
"""

import math
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any, ClassVar

from curator_audio.read.decode import open_audio
from curator_audio.recordings.cut_file import cut_file
from curator_audio.task import AudioTask
from curator_audio.transcripts.align_stage import (
    ALIGNMENT,
    PART_FILES,
    PARTS,
    RESAMPLED,
    shifted,
)
from curator_engine.errors import SettingsError
from curator_engine.files.manifest import root_of
from curator_engine.files.output_folder import take
from curator_engine.files.paths import join
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage

OFFSETS = "split_offsets"
"""Key of the seconds at which the parts begin."""


@positional("suggested_max_len", "min_len", "name")
@dataclass(kw_only=True)
class SplitLongAudioStage(ProcessingStage[AudioTask, AudioTask]):
    """Cut a recording that is too long into WAV files, each at the end of a segment.

    Unlike with NeMo Curator no second is lost: what is left at the end and too short for a part of its own
    belongs to the part before it, and a stretch without a pause stays whole, however long.

    Raises:
        SettingsError: A length is out of its range.

    Example:
        SplitLongAudioStage(suggested_max_len=1800.0, split_dir="parts")
    """

    name: str = "SplitLongAudio"
    suggested_max_len: float = 3600.0
    """Seconds; a recording that is shorter stays whole, and a part is longer only where there is no pause."""
    min_len: float = 1.0
    """Seconds of a part, more than which it must have."""
    split_dir: str = ""
    """Folder of the parts; beside the recording unless given."""
    writes_to: ClassVar[tuple[str, ...]] = ("split_dir",)

    def __post_init__(self) -> None:
        if not self.suggested_max_len > self.min_len >= 0:
            raise SettingsError(
                f"suggested_max_len={self.suggested_max_len} must be above min_len={self.min_len}, "
                "and that not below 0."
            )

    def inputs(self) -> tuple[list[str], list[str]]:
        """A recording of one rate, its length and where somebody speaks in it."""
        return [], ["duration", "segments", RESAMPLED]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The parts."""
        return [], [PART_FILES, PARTS, OFFSETS, "split_timestamps"]

    def get_split_points(self, metadata: Mapping[str, Any]) -> list[float]:
        """Where to cut, in seconds: at the end of the last segment before a part gets too long.

        Example:
            >>> stage = SplitLongAudioStage(suggested_max_len=40)
            >>> stage.get_split_points({"segments": [{"end": 20.0}, {"end": 40.0}, {"end": 60.0}]})
            [40.0]
        """
        points: list[float] = []
        begin = last = 0.0
        for segment in metadata.get("segments") or []:
            end = float(segment.get("end", 0.0))
            if end - begin > self.suggested_max_len and last > begin:
                points.append(last)
                begin = last
            last = end
        return points

    def process(self, task: AudioTask) -> AudioTask:
        """Cut a recording, if it is long.

        Raises:
            AudioError: It cannot be decoded.
            StorageError: A part cannot be written.
        """
        entry = task.data
        item, path = str(entry.get("audio_item_id", "unknown")), str(entry[RESAMPLED])
        points: list[float] = []
        spans = [(0.0, float(entry["duration"]))]
        if entry["duration"] >= self.suggested_max_len:
            points = self.get_split_points(entry)
            spans = self._spans(path, points)
        files = [path] if len(spans) == 1 else self._write(path, spans)
        ids = [item] if len(spans) == 1 else [f"{item}_{number}" for number in range(len(spans))]
        entry[PART_FILES] = files
        entry[PARTS] = [
            {"audio_item_id": each, RESAMPLED: file, "duration": end - start}
            for each, file, (start, end) in zip(ids, files, spans, strict=True)
        ]
        entry[OFFSETS] = [start for start, _ in spans]
        entry["split_timestamps"] = points or [0.0]
        return task

    def _spans(self, path: str, points: list[float]) -> list[tuple[float, float]]:
        """First and last second of each part, on samples; together they are the recording."""
        recording = open_audio(path)
        rate, least = recording.rate, self.min_len * recording.rate
        cuts, begin = [0], 0
        for point in points:
            cut = min(math.ceil(point * rate), recording.samples)
            if cut - begin > least and recording.samples - cut > least:
                cuts.append(cut)
                begin = cut
        edges = [*cuts, recording.samples]
        return [(a / rate, b / rate) for a, b in pairwise(edges)]

    def _write(self, path: str, spans: list[tuple[float, float]]) -> list[str]:
        """Write the parts; gives their paths."""
        folder = self.split_dir or path.rpartition("/")[0] or "."
        stem, recording, count = PurePosixPath(path).stem, open_audio(path), len(spans)
        files = [join(folder, f"{stem}.{k}_of_{count}.wav") for k in range(1, count + 1)]
        ours = root_of(folder) is not None
        with nullcontext() if ours else take(folder, job=self.name, mode="share"):
            for file, span in zip(files, spans, strict=True):
                cut_file(recording, file, span, audio_format="wav")
        return files


@positional("text_key", "name")
@dataclass(kw_only=True)
class JoinSplitAudioMetadataStage(ProcessingStage[AudioTask, AudioTask]):
    """Make one text and one list of words of those of a recording's parts, with times of the whole.

    An entry that was not cut passes as it is.

    Example:
        >>> part = {"text": "so", "alignment": [{"word": "so", "start": 0.5, "end": 1.0}]}
        >>> entry = {
        ...     "split_filepaths": ["a.wav"],
        ...     "split_metadata": [part],
        ...     "split_offsets": [60.0],
        ... }
        >>> JoinSplitAudioMetadataStage().process(AudioTask(data=entry)).data["alignment"]
        [{'word': 'so', 'start': 60.5, 'end': 61.0}]
    """

    name: str = "JoinSplitAudioMetadata"
    text_key: str = "text"
    """Key of what is said, in parts and in the entry."""

    def outputs(self) -> tuple[list[str], list[str]]:
        """The text and its words."""
        return [], [self.text_key, ALIGNMENT]

    def process(self, task: AudioTask) -> AudioTask:
        """Join what was found in the parts."""
        entry = task.data
        if PART_FILES not in entry:
            return task
        parts = entry.get(PARTS) or []
        if entry.pop(PART_FILES) is None or not parts:
            return task
        offsets = [*(entry.get(OFFSETS) or []), *[0.0] * len(parts)]
        entry[self.text_key] = " ".join(
            text for each in parts if (text := each.get(self.text_key, ""))
        )
        entry[ALIGNMENT] = [
            shifted(word, offset)
            for each, offset in zip(parts, offsets, strict=False)
            for word in each.get(ALIGNMENT) or []
        ]
        del entry[PARTS]
        return task
