"""Read every recording of some files once: its measures, where speech is, and the scores of each segment."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from curator_audio.read.audio_error import AudioError
from curator_audio.read.decode import Recording, blocks, open_audio
from curator_audio.read.stored import StoredAudio, stored_audio
from curator_audio.recordings.segment_table import id_of
from curator_audio.task import AudioBatch, Segment
from curator_engine.errors import UnreadableFileError
from curator_engine.items.limit import Limit
from curator_engine.redaction import redacted
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.stages.small_files import files_of
from curator_engine.task import FileGroupTask

READ, SPEECH = "read", "speech"
"""What drops a recording that cannot be read, and one in which nobody speaks."""
PASSED_OVER = "passed_over: "
"""What names of metrics begin with that count what a file holds beside recordings, by reason."""
_BLOCK_S = 10.0
_ROUNDED = 3
"""Decimals of seconds: a millisecond is the least that a table tells."""

type Cut = Literal["speech", "whole"]


@dataclass(kw_only=True)
class MeasureRecordings(ProcessingStage[FileGroupTask, AudioBatch]):
    """Decode each recording once, measure it, and cut it into segments; no samples are passed on.

    A recording that cannot be decoded goes to quarantine with the reason, and has a row too, as has one
    without speech. Rows of lists that name a span of a recording are segments as they are.

    Example:
        >>> stage = MeasureRecordings(cut="whole")
        >>> [batch] = stage.process(FileGroupTask(data=["talk.flac"]))
        >>> batch.data[0].scores["loudness"]
        -23.4
    """

    cut: Cut = "speech"
    """Into what: stretches of speech, or none."""
    limits: list[Limit] = field(default_factory=list[Limit])
    """On scores; segments that break one are dropped."""

    def process(self, task: FileGroupTask) -> Iterator[AudioBatch]:
        """The segments of each recording of a task."""
        count, tally = 0, Counter[str]()
        for file in files_of(task):
            for position, stored in enumerate(stored_audio(file.data[0], tally=tally)):
                count += 1
                segments = self._segments(file, stored, position)
                yield AudioBatch(data=segments, dataset_name=task.dataset_name)
        self.count_rows(count)
        for reason, number in tally.items():
            self.log_metric(PASSED_OVER + reason, number)

    def _segments(self, file: FileGroupTask, stored: StoredAudio, position: int) -> list[Segment]:
        about = _about(file, stored, position)
        try:
            if stored.problem:
                raise AudioError(stored.place, stored.problem)
            about["sha256"] = stored.sha256
            recording = open_audio(stored.source)
            heard = self._hear(recording, stored)
        except UnreadableFileError as error:
            return [self._lost(file, stored, about, error)]
        about |= {
            "recording": id_of(str(about["place"]), stored.sha256),
            "format": recording.format,
            "codec": recording.codec,
            "rate": recording.rate,
            "channels": recording.channels,
            "recording_s": round(heard.seconds, _ROUNDED),
        }
        segments = [
            self._segment(stored, about, heard, start, end) for start, end in heard.spans
        ] or [self._silent(stored, about, heard)]
        for segment in segments:
            segment.errors |= {READ: "; ".join(recording.notes)} if recording.notes else {}
        self.log_metric("seconds", heard.seconds)
        return segments

    def _hear(self, recording: Recording, stored: StoredAudio) -> "_Heard":
        """Decode a recording, or a span of it, once.

        Raises:
            UnreadableFileError: It cannot be decoded.
        """
        from curator_audio.scores.measure import Measures

        measures = Measures(rate=recording.rate, channels=recording.channels)
        for block in span_blocks(recording, stored.start_s, stored.end_s):
            measures.add(block)
        scores = measures.scores()
        length = scores.pop("duration_s")
        start = stored.start_s
        return _Heard(
            seconds=length,
            scores=scores,
            levels=measures.levels(),
            spans=[(start, start + length)],
            start_s=start,
        )

    def _segment(
        self, stored: StoredAudio, about: dict[str, Any], heard: "_Heard", start: float, end: float
    ) -> Segment:
        start, end = round(start, _ROUNDED), round(end, _ROUNDED)
        segment = Segment(
            uuid=id_of(about["recording"], f"{start:.3f}", f"{end:.3f}"),
            path=stored.source if isinstance(stored.source, str) else stored.path,
            start_s=start,
            end_s=end,
            text=stored.text,
            about=about,
        )
        own = heard.levels.scores(start - heard.start_s, end - heard.start_s)
        segment.scores = {**heard.scores, **own, "duration_s": segment.seconds}
        for limit in self.limits:
            if why := limit.broken_by(segment.scores):
                segment.drop(limit.group, why)
        return segment

    def _silent(self, stored: StoredAudio, about: dict[str, Any], heard: "_Heard") -> Segment:
        """A row for a recording without speech."""
        end = heard.start_s + heard.seconds
        segment = self._segment(stored, about, heard, heard.start_s, end)
        segment.drop_stage = segment.drop_reason = ""
        segment.drop(SPEECH, "no speech")
        return segment

    def _lost(
        self, file: FileGroupTask, stored: StoredAudio, about: dict[str, Any], error: Exception
    ) -> Segment:
        reason = redacted(error.reason if isinstance(error, AudioError) else str(error))
        segment = Segment(uuid=id_of(str(about["place"])), path=stored.path, about=about)
        segment.drop(READ, reason)
        segment.errors[READ] = reason
        rest = stored.place == stored.path and bool(stored.problem)
        self.reject(Rejection(file=stored.place, reason=reason, rest=rest))
        return segment


@dataclass(kw_only=True)
class _Heard:
    """What is known of a recording once it has been decoded."""

    seconds: float
    scores: dict[str, float]
    levels: Any
    spans: Sequence[tuple[float, float]]
    """Of segments, in seconds of the recording."""
    start_s: float
    """Where the decoded part begins."""


def span_blocks(
    recording: Recording, start_s: float = 0.0, end_s: float | None = None
) -> Iterator[NDArray[np.float32]]:
    """The samples of a span in blocks, shape (samples, channels); all of them to the end without one.

    Raises:
        AudioError: Not one sample can be decoded.
    """
    left = (
        None if end_s is None else round(end_s * recording.rate) - round(start_s * recording.rate)
    )
    source = blocks(recording, _BLOCK_S, start_s=start_s)
    first = next(source, None)
    if first is None:
        raise AudioError(recording.where, f"has no sound at {start_s:g} s")
    for block in chain([first], source):
        if left is not None and len(block) >= left:
            yield block[:left]
            return
        yield block
        left = None if left is None else left - len(block)


def _about(file: FileGroupTask, stored: StoredAudio, position: int) -> dict[str, Any]:
    """What is known of a recording before it is decoded."""
    path = file.data[0]
    name = str(file._metadata.get("name") or path)
    fields = json.dumps(stored.fields, ensure_ascii=False, default=str) if stored.fields else None
    place = stored.place
    return {
        "source": name,
        "file": path,
        "stamp": file.stamp,
        "member": stored.member,
        "place": name + place[len(path) :] if place.startswith(path) else place,
        "position": position,
        "fields": fields,
    }
