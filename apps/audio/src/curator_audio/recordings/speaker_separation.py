"""Entries of one speaker each, with NeMo Curator's names and parameters."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from curator_audio.read.decode import as_mono, blocks, open_audio
from curator_audio.read.entry_recording import entry_recording
from curator_audio.recordings.diarizers import open_diarizer, spans_by_speaker, turns_from
from curator_audio.speakers.separate import Spans, cut_at_overlaps, joined, without_overlaps
from curator_audio.task import AudioTask
from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage

_MODEL = "nvidia/diar_sortformer_4spk-v1"
_LEAST_S = 0.1
"""Seconds below which somebody is no speaker."""


class SpeakerResult(NamedTuple):
    """What one speaker says in a recording."""

    audio: NDArray[np.float32]
    """As long as the recording and silent while others speak, shape (samples,)."""
    duration: float
    """Seconds of speech."""
    segments: list[tuple[float, float]]
    """Where it is, in seconds."""


class SpeakerSeparator:
    """Says which times of a recording are one speaker's alone.

    Args:
        model_name: "campplus" for our own model, a .nemo file, or a hub id of Sortformer's, for which NeMo must be
            installed; `speaker_model_path` of `config` without one.
        config: Values of `speaker_gap_threshold`, `speaker_exclude_overlaps`, `speaker_min_duration`,
            `speaker_buffer_time` and `use_gpu`.
        diar_model: A model that is loaded already, with a method `diarize`.

    Raises:
        InputError: There is no such model.
        ResourceError: What it needs is not installed.

    Example:
        >>> SpeakerSeparator("campplus").process_audio("talk.wav", exclude_overlaps=True)
        {'speaker_0': [(0.31, 4.2)], 'speaker_1': [(4.2, 7.9)]}
    """

    def __init__(
        self,
        model_name: str | None = None,
        config: Mapping[str, Any] | None = None,
        *,
        diar_model: Any = None,
    ) -> None:
        self.config = dict(config or {})
        self.model_name = model_name or str(self.config.get("speaker_model_path") or _MODEL)
        gpu = bool(self.config.get("use_gpu", False))
        self.diar_model = diar_model or open_diarizer(self.model_name, gpu=gpu)

    def exclude_overlapping_segments(
        self, speaker_segments: Mapping[str, Sequence[Any]], buffer_time: float | None = None
    ) -> Spans:
        """The times in which nobody else speaks, less a buffer beside each overlap."""
        buffer = self._value("speaker_buffer_time", buffer_time, 0.5)
        return without_overlaps(speaker_segments, buffer_s=buffer)

    def clean_cut_overlapping_segments(
        self, speaker_segments: Mapping[str, Sequence[Any]]
    ) -> Spans:
        """Each moment as one speaker's: who began last of those that speak."""
        return cut_at_overlaps(speaker_segments)

    def filter_short_segments(
        self, speaker_segments: Mapping[str, Sequence[Any]], min_duration: float | None = None
    ) -> Spans:
        """Without what is shorter, in seconds."""
        least = self._value("speaker_min_duration", min_duration, 2.0)
        return {
            speaker: [(start, end) for start, end in spans if end - start >= least]
            for speaker, spans in speaker_segments.items()
        }

    def merge_adjacent_segments(
        self, segments: Sequence[Any], gap_threshold: float | None = None
    ) -> list[tuple[float, float]]:
        """In order, as one where they are at most so many seconds apart."""
        gap = self._value("speaker_gap_threshold", gap_threshold, 0.1)
        return joined(segments, gap_s=gap)

    def get_speaker_segments(self, predicted_segments: Sequence[Any]) -> Spans:
        """The times of each speaker, of what a model says of one file."""
        nested = predicted_segments and isinstance(predicted_segments[0], list)
        return spans_by_speaker(turns_from(predicted_segments[0] if nested else predicted_segments))

    def diarize_audio(self, audio: Any, sample_rate: int | None = None) -> Any:
        """What the model says of a file, or of samples, shape (samples,) or (channels, samples).

        Raises:
            SettingsError: Samples without their rate.
        """
        if isinstance(audio, str):
            return self.diar_model.diarize(audio=[audio], batch_size=1)
        import soundfile

        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "samples.wav")
            soundfile.write(path, _mono(audio), _known(sample_rate), subtype="FLOAT")
            return self.diar_model.diarize(audio=[path], batch_size=1)

    def process_audio(
        self,
        audio: Any,
        sample_rate: int | None = None,
        gap_threshold: float | None = None,
        *,
        exclude_overlaps: bool | None = None,
        min_duration: float | None = None,
        buffer_time: float | None = None,
    ) -> Spans:
        """The times of each speaker that are left, of a file or of samples."""
        said = self.get_speaker_segments(self.diarize_audio(audio, sample_rate))
        if self._value("speaker_exclude_overlaps", exclude_overlaps, default=False):
            said = self.exclude_overlapping_segments(said, buffer_time)
        else:
            said = self.clean_cut_overlapping_segments(said)
        merged = {
            who: self.merge_adjacent_segments(spans, gap_threshold) for who, spans in said.items()
        }
        kept = self.filter_short_segments(merged, min_duration)
        return {who: spans for who, spans in kept.items() if spans}

    def get_speaker_audio_data(
        self, audio: Any, sample_rate: int | None = None, **settings: Any
    ) -> dict[str, SpeakerResult]:
        """What each speaker says, of a file or of samples.

        Args:
            audio: A path, or samples, shape (samples,) or (channels, samples).
            sample_rate: Of samples.
            settings: As `process_audio` has them.
        """
        spans = self.process_audio(audio, sample_rate, **settings)
        if isinstance(audio, str):
            recording = open_audio(audio)
            samples, rate = np.concatenate([*map(as_mono, blocks(recording))]), recording.rate
        else:
            samples, rate = _mono(audio), _known(sample_rate)
        found: dict[str, SpeakerResult] = {}
        for who, own in spans.items():
            seconds = sum(end - start for start, end in own)
            if seconds < _LEAST_S:
                continue
            heard = np.zeros_like(samples)
            for start, end in own:
                part = slice(round(start * rate), round(end * rate))
                heard[part] = samples[part]
            found[who] = SpeakerResult(heard, seconds, own)
        return found

    def _value(self, key: str, given: Any, default: Any) -> Any:
        return self.config.get(key, default) if given is None else given


@positional(
    *("model_path", "exclude_overlaps", "min_duration", "gap_threshold", "buffer_time"),
    *("name", "batch_size", "resources"),
)
@dataclass(kw_only=True)
class SpeakerSeparationStage(ProcessingStage[AudioTask, AudioTask]):
    """Give an entry for each speaker of a recording, with the times at which nobody else speaks as its `segments`.

    NeMo Curator's entries carry samples that are silent while others speak; here they stay in the file, or as the
    entry carries them (`waveform`, `sample_rate`), and later stages look at the segments. `model_path="campplus"` takes our own model; Sortformer needs NeMo,
    with which this stage has not run.

    Raises:
        SettingsError: A value is below 0.

    Example:
        SpeakerSeparationStage("campplus", min_duration=1.5)
    """

    fan_out: ClassVar[bool] = True
    name: str = "SpeakerSeparation"
    model_path: str = _MODEL
    """Hub id, .nemo file or "campplus"."""
    exclude_overlaps: bool = True
    """Leave out what two say at once; else it is given to who began last."""
    min_duration: float = 0.8
    """Seconds; what is shorter is left out."""
    gap_threshold: float = 0.1
    """Seconds over which two parts of one speaker are joined."""
    buffer_time: float = 0.5
    """Seconds that are left out beside each overlap."""
    audio_filepath_key: str = "audio_filepath"
    segments_key: str = "segments"
    diar_model: Any = None
    """A model that is loaded already, with a method `diarize`."""
    batch_size: int | None = 1
    resources: Resources = field(default_factory=Resources)
    _separator: SpeakerSeparator | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("min_duration", "gap_threshold", "buffer_time"):
            if not getattr(self, name) >= 0:
                raise SettingsError(f"{name}={getattr(self, name)} is below 0.")

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model.

        Raises:
            CuratorError: It cannot be loaded.
        """
        config = {"use_gpu": self.resources.requires_gpu}
        self._separator = SpeakerSeparator(self.model_path, config, diar_model=self.diar_model)

    def teardown(self) -> None:
        """Let the model go."""
        self._separator = None

    def outputs(self) -> tuple[list[str], list[str]]:
        """Who speaks, and where."""
        return ["data"], ["speaker_id", "num_speakers", "duration_sec", self.segments_key]

    def process(self, task: AudioTask) -> list[AudioTask] | None:
        """The speakers of a recording.

        Raises:
            AudioError: It cannot be decoded.
        """
        assert self._separator is not None
        recording, first, last = entry_recording(
            task.data, audio_filepath_key=self.audio_filepath_key
        )
        last = min(last, recording.seconds)
        is_file = isinstance(recording.source, str)
        spans = self._separator.process_audio(
            recording.source if is_file else task.data["waveform"],
            None if is_file else recording.rate,
            gap_threshold=self.gap_threshold,
            exclude_overlaps=self.exclude_overlaps,
            min_duration=self.min_duration,
            buffer_time=self.buffer_time,
        )
        inside = {
            who: [(max(a, first), min(b, last)) for a, b in own if a < last and b > first]
            for who, own in spans.items()
        }
        kept = self._separator.filter_short_segments(inside, self.min_duration)
        speakers = {who: own for who, own in kept.items() if own}
        if not speakers:
            self.count_drops({"no speaker": 1})
            return None
        return [self._of(task, who, own, len(speakers)) for who, own in speakers.items()]

    def _of(self, task: AudioTask, who: str, own: list[Any], speakers: int) -> AudioTask:
        twin = task.fork()
        twin.data |= {
            "speaker_id": who,
            "num_speakers": speakers,
            "duration_sec": sum(end - start for start, end in own),
            self.segments_key: [{"start": a, "end": b, "speaker": who} for a, b in own],
        }
        return twin


def load_audio(audio_path: str) -> tuple[NDArray[np.float32], int]:
    """The samples of a file, shape (channels, samples), and how many a second has.

    Raises:
        AudioError: It cannot be decoded.
    """
    recording = open_audio(audio_path)
    return np.concatenate([*blocks(recording)]).T, recording.rate


def _mono(samples: Any) -> NDArray[np.float32]:
    found = np.asarray(samples, np.float32)
    return found if found.ndim == 1 else found.mean(axis=0, dtype=np.float32)


def _known(sample_rate: int | None) -> int:
    if not sample_rate:
        raise SettingsError("samples need sample_rate=; give it, or a path.")
    return sample_rate
