"""Join the segments of a recording with silence between them, with NeMo Curator's name and parameters.

Where each part comes from stays in the task's metadata, so `TimestampMapperStage` turns times of the
joined recording into those of the original.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from curator_audio.read.decode import RateChange, as_mono, open_audio
from curator_audio.read.entry_recording import carried_samples
from curator_audio.read.entry_span import entry_span, segment_entry
from curator_audio.recordings.cut_file import whole_numbers
from curator_audio.recordings.hear import span_blocks
from curator_audio.segments.original_times import MAPPINGS, SegmentMapping
from curator_audio.task import AudioTask
from curator_engine.errors import PipelineError, SettingsError
from curator_engine.files.paths import join
from curator_engine.files.storage import open_atomic
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage
from curator_engine.task import short_hash

_TIMES = ("start_ms", "start", "offset")
"""Keys of where a segment begins."""

type Block = NDArray[np.float32]
"""Samples of shape (samples, channels)."""
type Write = Callable[[Block], Any]


@positional("silence_duration_sec", "name", "batch_size", "resources")
@dataclass(kw_only=True)
class SegmentConcatenationStage(ProcessingStage[AudioTask, AudioTask]):
    """Make one recording of the segments of an entry, in the order of their numbers.

    A segment has its samples in `waveform` (shape (channels, samples), with `sample_rate`), or a span of its
    own path or the entry's, as `VADSegmentationStage(nested=True)` gives it; of that the mean of the channels
    is taken.
    All become like the first in rate and channels. An entry without segments is gone.

    The joined samples are in the entry (`waveform`, numpy, shape (channels, samples)), as with NeMo
    Curator; with `output_dir` they are in a file of 16 bits instead, and memory holds seconds of them.

    Raises:
        SettingsError: The silence is shorter than nothing.

    Example:
        SegmentConcatenationStage(silence_duration_sec=0.5, output_dir="joined")
    """

    name: str = "SegmentConcatenation"
    silence_duration_sec: float = 0.5
    """Seconds of silence between two segments."""
    segments_key: str = "segments"
    """The key of the list of segments."""
    waveform_key: str = "waveform"
    """The key of samples, in segments and in the joined entry."""
    sample_rate_key: str = "sample_rate"
    """The key of their rate."""
    audio_filepath_key: str = "audio_filepath"
    """The key of paths, likewise."""
    output_dir: str = ""
    """Folder of joined files; without one the samples stay in the entry."""
    writes_to: ClassVar[tuple[str, ...]] = ("output_dir",)

    def __post_init__(self) -> None:
        if not self.silence_duration_sec >= 0:
            raise SettingsError(f"silence_duration_sec={self.silence_duration_sec} is below 0.")

    def outputs(self) -> tuple[list[str], list[str]]:
        """The joined recording."""
        where = self.audio_filepath_key if self.output_dir else self.waveform_key
        facts = ["original_file", "num_segments", "total_duration_sec"]
        return [], [where, self.sample_rate_key, *facts]

    def process(self, task: AudioTask) -> AudioTask | list[AudioTask]:
        """Join the segments of an entry.

        Raises:
            PipelineError: The entry has no list of segments.
            AudioError: A segment cannot be decoded.
            StorageError: The file cannot be written.
        """
        segments = task.data.get(self.segments_key)
        if segments is None:
            raise PipelineError(
                f"{self.name} found no {self.segments_key!r} in task {task.task_id}; "
                "VADSegmentationStage(nested=True) gives them."
            )
        found = (self._sound(task.data, each) for each in sorted(segments, key=_order))
        sounds = [sound for sound in found if sound]
        if not sounds:
            self.count_drops({"no segments": 1})
            return []
        return self._joined(task, sounds)

    def _sound(self, entry: Mapping[str, Any], segment: Mapping[str, Any]) -> "_Sound | None":
        """The sound of a segment; None if it has none."""
        waveform = segment.get(self.waveform_key)
        if waveform is None:
            key = self.audio_filepath_key
            placed = segment_entry(entry, segment, audio_filepath_key=key)
            # Without times of its own, all of the entry's recording would be meant.
            if not placed[key] or not {key, *_TIMES} & segment.keys():
                return None
            path, start, end = entry_span(placed, audio_filepath_key=key)
            recording = open_audio(path)
            span = span_blocks(recording, start, end if end < float("inf") else None)
            mono = (as_mono(block)[:, None] for block in span)
            return _Sound(
                segment=segment, rate=recording.rate, channels=1, blocks=mono, start=start
            )
        samples, rate = carried_samples(waveform, segment.get(self.sample_rate_key))
        if rate < 1 or not samples.size:
            return None
        return _Sound(segment=segment, rate=rate, channels=samples.shape[1], blocks=iter([samples]))

    def _joined(self, task: AudioTask, sounds: list["_Sound"]) -> AudioTask:
        rate, channels = sounds[0].rate, sounds[0].channels
        path = sounds[0].segment.get(self.audio_filepath_key)
        path = path or task.data.get(self.audio_filepath_key) or "unknown"
        original = str(sounds[0].segment.get("original_file") or path)
        about: dict[str, Any] = {self.sample_rate_key: rate, "original_file": original}
        parts: list[Block] = []
        if self.output_dir:
            name = f"{PurePosixPath(original).stem}_concat-{short_hash(original, task.task_id)}.wav"
            path = join(self.output_dir, name)
            with _wav(path, rate, channels) as write:
                mappings, count = self._lay(sounds, original, write)
            about = {self.audio_filepath_key: path, **about}
        else:
            mappings, count = self._lay(sounds, original, parts.append)
            about = {self.waveform_key: np.concatenate(parts).T, **about}
        twin = task.fork()
        twin.filepath_key = None
        twin.data = {
            **about,
            "num_segments": len(mappings),
            "total_duration_sec": count / rate,
        }
        twin._metadata[MAPPINGS] = mappings
        return twin

    def _lay(
        self, sounds: Iterable["_Sound"], original: str, write: Write
    ) -> tuple[list[dict[str, Any]], int]:
        """Write one sound after the other; gives where each came to lie, and all samples per channel."""
        mappings: list[dict[str, Any]] = []
        count, first = 0, None
        for sound in sounds:
            if first is None:
                first = sound
            else:
                silence = int(self.silence_duration_sec * first.rate)
                write(np.zeros((silence, first.channels), np.float32))
                count += silence
            begin = count
            for block in sound.like(first.rate, first.channels):
                write(block)
                count += len(block)
            mappings.append(_mapping(sound, original, (begin, count), first.rate, len(mappings)))
        return mappings, count


@dataclass(frozen=True, kw_only=True)
class _Sound:
    segment: Mapping[str, Any]
    rate: int
    channels: int
    blocks: Iterator[Block]
    start: float = 0.0
    """Its first second in the recording, where no `start_ms` says it."""

    def like(self, rate: int, channels: int) -> Iterator[Block]:
        """Its blocks, of that rate and so many channels."""
        change, last = RateChange(self.rate, rate, channels=self.channels), None
        for last in self.blocks:
            yield _with_channels(change.feed(last), channels)
        rest = change.finish(last)
        if len(rest):
            yield _with_channels(rest, channels)


def _with_channels(block: Block, channels: int) -> Block:
    if block.shape[1] == channels:
        return block
    return np.repeat(as_mono(block)[:, None], channels, axis=1)


def _mapping(
    sound: _Sound, original: str, lies: tuple[int, int], rate: int, number: int
) -> dict[str, Any]:
    begin, end = (int(1000 * each / rate) for each in lies)
    segment = sound.segment
    first = int(segment.get("start_ms", sound.start * 1000))
    last = int(segment.get("end_ms", 0))
    return SegmentMapping(
        original_file=original,
        original_start_ms=first,
        original_end_ms=last if last > first else first + end - begin,
        concat_start_ms=begin,
        concat_end_ms=end,
        segment_index=segment.get("segment_num", number),
    ).to_dict()


def _order(segment: Mapping[str, Any]) -> tuple[int, float]:
    start = segment.get("start_ms") or 1000 * float(segment.get("start") or 0.0)
    return int(segment.get("segment_num") or 0), float(start)


@contextmanager
def _wav(path: str, rate: int, channels: int) -> Generator[Write]:
    import soundfile

    with (
        open_atomic(path) as file,
        soundfile.SoundFile(file, "w", rate, channels, "PCM_16", format="WAV") as sound,
    ):
        yield lambda block: sound.write(whole_numbers(block, deep=False))
