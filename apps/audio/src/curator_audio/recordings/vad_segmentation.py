"""Segments of speech as entries of their own, with NeMo Curator's names and parameters.

An entry keeps the path of its recording and says from when to when; samples stay in the file. Of an entry
that carries its samples, a segment carries its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from curator_audio.models.silero import SileroVad
from curator_audio.read.entry_recording import entry_recording
from curator_audio.read.entry_span import segment_span
from curator_audio.recordings.hear import hear
from curator_audio.segments.fit_segments import SegmentRule, fit_segments
from curator_audio.segments.speech_spans import Span, SpeechRule, speech_spans
from curator_audio.task import AudioTask, Entry
from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage

_OF_THE_FILE = ("start_ms", "end_ms", "segment_num", "offset", "segments", "waveform")


@positional(
    *("min_interval_ms", "min_duration_sec", "max_duration_sec", "threshold", "speech_pad_ms"),
    *("waveform_key", "sample_rate_key", "nested", "name", "batch_size", "resources"),
)
@dataclass(kw_only=True)
class VADSegmentationStage(ProcessingStage[AudioTask, AudioTask]):
    """Find speech with Silero's model and give an entry for each segment; a recording without speech is gone.

    Of an entry of one speaker, as `SpeakerSeparationStage` gives it (`speaker_id` and `segments`), speech in
    these segments counts.

    Raises:
        SettingsError: A value is out of its range.

    Example:
        >>> stage = VADSegmentationStage(min_duration_sec=1.0, max_duration_sec=30.0)
    """

    fan_out: ClassVar[bool] = True
    name: str = "VADSegmentation"
    min_interval_ms: int = 500
    """Pauses that are shorter do not end a segment."""
    min_duration_sec: float = 2.0
    """Shorter segments are left out."""
    max_duration_sec: float = 60.0
    """Longer ones are cut at the quietest place."""
    threshold: float = 0.5
    """Least probability of speech."""
    speech_pad_ms: int = 300
    """Added before and after speech."""
    waveform_key: str = "waveform"
    """The key of samples, which come before the file; shape (samples,) or (channels, samples)."""
    sample_rate_key: str = "sample_rate"
    """The key of their rate."""
    nested: bool = False
    """Keep one entry per recording, with a list of its segments."""
    audio_filepath_key: str = "audio_filepath"
    """The key of the recording's path."""
    segments_key: str = "segments"
    """The key of the list, with `nested`."""
    _vad: SileroVad | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self._rules()

    def _rules(self) -> tuple[SpeechRule, SegmentRule]:
        pause = self.min_interval_ms / 1000
        if self.min_duration_sec < 0:
            raise SettingsError(f"min_duration_sec={self.min_duration_sec} is below 0.")
        if not self.max_duration_sec > self.min_duration_sec:
            raise SettingsError(
                f"max_duration_sec={self.max_duration_sec} is not above min_duration_sec="
                f"{self.min_duration_sec}."
            )
        speech = SpeechRule(
            threshold=self.threshold, min_silence_s=pause, pad_s=self.speech_pad_ms / 1000
        )
        least = min(max(self.min_duration_sec, 0.1), self.max_duration_sec / 2)
        return speech, SegmentRule(min_s=least, max_s=self.max_duration_sec, max_pause_s=None)

    def outputs(self) -> tuple[list[str], list[str]]:
        """The place of the segment in its recording."""
        if self.nested:
            return ["data"], [self.segments_key]
        return ["data"], ["start_ms", "end_ms", "segment_num", "duration"]

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model."""
        self._vad = SileroVad()

    def process(self, task: AudioTask) -> AudioTask | list[AudioTask] | None:
        """The segments of a recording."""
        rows = [
            self._row(task.data, number, segment)
            for number, segment in enumerate(self._segments(task.data))
        ]
        if not rows:
            self.count_drops({"no speech": 1})
            return None
        if self.nested:
            task.data[self.segments_key] = rows
            return task
        return [_with(task, row) for row in rows]

    def _segments(self, entry: dict[str, Any]) -> Iterator[Span]:
        recording, start, end = entry_recording(
            entry,
            audio_filepath_key=self.audio_filepath_key,
            waveform_key=self.waveform_key,
            sample_rate_key=self.sample_rate_key,
        )
        speech, lengths = self._rules()
        heard = hear(recording, vad=self._vad)
        spans = speech_spans(heard.speech, heard.seconds, rule=speech)
        meant = self._own_times(entry) or [(start, end)]
        inside = [
            Span(max(start, a), min(end, b))
            for start, end in meant
            for a, b in spans
            if a < end and b > start
        ]
        for segment in fit_segments(inside, heard.levels.energies, rule=lengths):
            if segment.seconds >= self.min_duration_sec:
                yield segment

    def _own_times(self, entry: dict[str, Any]) -> list[tuple[float, float]]:
        """When the speaker of an entry speaks, joined over short pauses; nothing if it is of no speaker."""
        if not entry.get("speaker_id"):
            return []
        joined: list[tuple[float, float]] = []
        for start, end in sorted(segment_span(row) for row in entry.get(self.segments_key) or []):
            if joined and start - joined[-1][1] <= self.min_interval_ms / 1000:
                joined[-1] = joined[-1][0], max(joined[-1][1], end)
            else:
                joined.append((start, end))
        return joined

    def _row(self, entry: dict[str, Any], number: int, segment: Span) -> Entry:
        left_out = {*_OF_THE_FILE, self.waveform_key}
        kept = {key: value for key, value in entry.items() if key not in left_out}
        first, last = int(segment.start_s * 1000), int(segment.end_s * 1000)
        path = entry.get(self.audio_filepath_key, "unknown")
        row = Entry(
            kept,
            start_ms=first,
            end_ms=last,
            segment_num=number,
            duration=(last - first) / 1000,
            original_file=entry.get("original_file", path),
        )
        waveform = entry.get(self.waveform_key)
        if waveform is None:
            row["offset"] = first / 1000
        else:
            rate = int(entry[self.sample_rate_key])
            row[self.waveform_key] = waveform[..., first * rate // 1000 : last * rate // 1000]
        return row

    def teardown(self) -> None:
        """Let the model go."""
        self._vad = None


def _with(task: AudioTask, entry: Entry) -> AudioTask:
    twin = task.fork()
    twin.data = entry
    return twin
