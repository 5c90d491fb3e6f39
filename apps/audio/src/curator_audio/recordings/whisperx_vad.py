"""Segments of speech by whisperx, or by Silero's model instead, with NeMo Curator's name and parameters."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from curator_audio.models.silero import RATE, SileroVad
from curator_audio.models.whisperx_vad import OFFSET, ONSET, WhisperXVADModel
from curator_audio.read.decode import as_mono, open_audio, read_span, resample
from curator_audio.read.entry_span import entry_span
from curator_audio.segments.speech_spans import Span, SpeechRule, speech_spans
from curator_audio.task import AudioTask
from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage

MIN_LENGTH, MAX_LENGTH = 0.5, 40.0
"""Seconds of a segment unless given, here and where pauses cut turns of speakers."""

type VadModel = Literal["whisperx", "silero"]


class SileroSegments:
    """Segments of speech by Silero's model, which lies in our packages, where whisperx is asked for elsewhere.

    Example:
        >>> SileroSegments().get_vad_segments(samples[None], merge_max_length=30.0)
        [{'start': 0.29, 'end': 10.9}]
    """

    def __init__(self, *, vad_onset: float = ONSET) -> None:
        self._vad, self._rule = SileroVad(), SpeechRule(threshold=vad_onset)

    def get_vad_segments(
        self, audio: NDArray[Any], merge_max_length: float, sample_rate: int = RATE
    ) -> list[dict[str, Any]]:
        """As `WhisperXVADModel.get_vad_segments`; speech that is longer by itself is cut."""
        heard = resample(as_mono(np.asarray(audio, np.float32).T), sample_rate, RATE)
        spans = speech_spans(self._vad.probabilities(heard), len(heard) / RATE, rule=self._rule)
        return [{"start": a, "end": b} for a, b in merged(spans, most_s=merge_max_length)]


def merged(spans: list[Span], *, most_s: float) -> list[Span]:
    """Neighbours as one as long as they fit into a length; what is longer by itself in equal parts.

    Example:
        >>> merged([Span(0, 2), Span(3, 4), Span(4.5, 9)], most_s=5)
        [Span(start_s=0, end_s=4), Span(start_s=4.5, end_s=9)]
    """
    found: list[Span] = []
    for start, end in spans:
        if found and end - found[-1].start_s <= most_s:
            found[-1] = Span(found[-1].start_s, end)
            continue
        parts = max(1, int(np.ceil((end - start) / most_s)))
        edges = np.linspace(start, end, parts + 1).tolist()
        found += [Span(a, b) for a, b in pairwise(edges)]
    return found


def open_vad(model: VadModel, *, gpu: bool, onset: float, offset: float) -> Any:
    """Open a model of voice activity.

    Raises:
        ResourceError: What it needs is not installed.
    """
    if model == "silero":
        return SileroSegments(vad_onset=onset)
    return WhisperXVADModel("cuda" if gpu else "cpu", onset, offset)


@positional(
    *("min_length", "max_length", "vad_onset", "vad_offset", "segments_key"),
    *("audio_filepath_key", "name", "resources", "_vad_model"),
)
@dataclass(kw_only=True)
class WhisperXVADStage(ProcessingStage[AudioTask, AudioTask]):
    """Set where somebody speaks in an entry, as segments with `start` and `end` in seconds of the recording.

    whisperx is not in our lock: with it this stage has not run. `vad_model="silero"` takes the model that is
    there.

    Raises:
        SettingsError: A value is out of its range.

    Example:
        WhisperXVADStage(audio_filepath_key="audio_filepath", vad_model="silero")
    """

    name: str = "WhisperXVAD"
    min_length: float = MIN_LENGTH
    """Seconds; a shorter recording has no segments."""
    max_length: float = MAX_LENGTH
    """Most seconds of a segment."""
    vad_onset: float = ONSET
    """Least probability that begins speech."""
    vad_offset: float = OFFSET
    """Probability below which it ends; Silero's ends 0.15 below the onset."""
    segments_key: str = "vad_segments"
    audio_filepath_key: str = "resampled_audio_filepath"
    vad_model: VadModel = "whisperx"
    """Whose model."""
    resources: Resources = field(default_factory=Resources)
    _vad_model: Any = None

    def __post_init__(self) -> None:
        check_lengths(self.min_length, self.max_length)
        if not 0 < self.vad_offset <= self.vad_onset < 1:
            raise SettingsError(
                f"vad_onset={self.vad_onset} and vad_offset={self.vad_offset} must be between 0 and 1, and "
                "the offset not above the onset."
            )

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model.

        Raises:
            ResourceError: What it needs is not installed.
        """
        if self._vad_model is None:
            gpu = self.resources.requires_gpu
            onset, offset = self.vad_onset, self.vad_offset
            self._vad_model = open_vad(self.vad_model, gpu=gpu, onset=onset, offset=offset)

    def inputs(self) -> tuple[list[str], list[str]]:
        """A path."""
        return [], [self.audio_filepath_key]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The segments."""
        return [], [self.segments_key]

    def process(self, task: AudioTask) -> AudioTask:
        """Set the segments.

        Raises:
            AudioError: The recording cannot be decoded.
        """
        path, start, end = entry_span(task.data, audio_filepath_key=self.audio_filepath_key)
        recording = open_audio(path)
        last = min(end, recording.seconds)
        found: list[dict[str, Any]] = []
        if last - start >= self.min_length:
            heard = read_span(path, start, last, RATE, recording=recording)
            found = self._vad_model.get_vad_segments(heard[None], self.max_length, RATE)
        task.data[self.segments_key] = [
            {**each, "start": start + each["start"], "end": start + each["end"]} for each in found
        ]
        return task


def check_lengths(min_length: float, max_length: float) -> None:
    """Look whether lengths of segments can be.

    Raises:
        SettingsError: They cannot.
    """
    if not 0 <= min_length < max_length:
        raise SettingsError(
            f"min_length={min_length} is below 0, or not below max_length={max_length}."
        )
