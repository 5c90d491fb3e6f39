"""Stages on entries of manifests, with NeMo Curator's names and parameters: length, channels, rate, bandwidth.

An entry says where its recording is; samples stay in the file. NeMo Curator puts a waveform into the entry
here and there; stages of this app read the file, unless an entry carries samples.
"""

import math
import operator
from dataclasses import dataclass, field
from typing import Any, Literal

from curator_audio.read.audio_error import AudioError
from curator_audio.read.decode import Recording, blocks, open_audio, read_span
from curator_audio.read.entry_recording import entry_recording
from curator_audio.read.entry_span import entry_span, segment_entry
from curator_audio.scores.band_predictor import Band, BandPredictor
from curator_audio.scores.spectrum import Bandwidth
from curator_audio.task import AudioTask
from curator_engine.errors import SettingsError, UnreadableFileError
from curator_engine.positional import positional
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage

_OPERATORS = {name: getattr(operator, name) for name in ("lt", "le", "eq", "ne", "ge", "gt")}
_NARROW = 4_000.0
"""Hz: where the band of a telephone ends."""
_UNKNOWN = -1.0


def get_audio_duration(audio_filepath: str) -> float:
    """The length of a recording in seconds, by counted samples; -1 if it cannot be decoded.

    Example:
        >>> get_audio_duration("speech.flac")
        11.66
    """
    try:
        return open_audio(audio_filepath).seconds
    except UnreadableFileError:
        return _UNKNOWN


@positional("name", "audio_filepath_key", "duration_key")
@dataclass(kw_only=True)
class GetAudioDurationStage(ProcessingStage[AudioTask, AudioTask]):
    """Set the length of a recording in seconds, by counted samples; -1 if it cannot be decoded."""

    name: str = "GetAudioDurationStage"
    audio_filepath_key: str = "audio_filepath"
    """The key of the recording's path."""
    duration_key: str = "duration"
    """The key of the length."""

    def inputs(self) -> tuple[list[str], list[str]]:
        """A path."""
        return ["data"], [self.audio_filepath_key]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The length."""
        return ["data"], [self.duration_key]

    def process(self, task: AudioTask) -> AudioTask:
        """Decode and count."""
        task.data[self.duration_key] = get_audio_duration(str(task.data[self.audio_filepath_key]))
        return task


@positional("input_value_key", "target_value", "operator")
@dataclass(kw_only=True)
class PreserveByValueStage(ProcessingStage[AudioTask, AudioTask]):
    """Keep entries whose value compares with another as asked.

    Raises:
        SettingsError: There is no such operator.

    Example:
        >>> PreserveByValueStage("duration", 2.0, "ge")
    """

    name: str = "PreserveByValueStage"
    input_value_key: str
    """The key of the value."""
    target_value: Any
    """What it is compared with."""
    operator: str = "eq"
    """lt, le, eq, ne, ge or gt."""

    def __post_init__(self) -> None:
        if self.operator not in _OPERATORS:
            raise SettingsError(
                f"operator={self.operator!r} is none; give one of {', '.join(_OPERATORS)}."
            )

    def inputs(self) -> tuple[list[str], list[str]]:
        """The value."""
        return ["data"], [self.input_value_key]

    def process(self, task: AudioTask) -> AudioTask | None:
        """Keep it or not."""
        if _OPERATORS[self.operator](task.data[self.input_value_key], self.target_value):
            return task
        self.count_drops({self.input_value_key: 1})
        return None


@positional(
    *("output_sample_rate", "audio_filepath_key", "strict_sample_rate", "name"),
    *("batch_size", "resources"),
)
@dataclass(kw_only=True)
class MonoConversionStage(ProcessingStage[AudioTask, AudioTask]):
    """Look at a recording's rate and length; stages that read it after this take the mean of its channels.

    Raises:
        SettingsError: The rate is below 1.
    """

    name: str = "MonoConversion"
    output_sample_rate: int = 48_000
    """The rate that recordings must have, in Hz."""
    audio_filepath_key: str = "audio_filepath"
    """The key of the recording's path."""
    strict_sample_rate: bool = True
    """Drop recordings of other rates; else they stay as they are."""

    def __post_init__(self) -> None:
        if self.output_sample_rate < 1:
            raise SettingsError(f"output_sample_rate={self.output_sample_rate} is below 1.")

    def inputs(self) -> tuple[list[str], list[str]]:
        """A path."""
        return ["data"], [self.audio_filepath_key]

    def outputs(self) -> tuple[list[str], list[str]]:
        """Rate and length."""
        return ["data"], ["sample_rate", "is_mono", "duration", "num_samples"]

    def process(self, task: AudioTask) -> AudioTask | None:
        """Set rate and length.

        Raises:
            AudioError: The recording cannot be decoded.
        """
        recording = open_audio(str(task.data[self.audio_filepath_key]))
        if self.strict_sample_rate and recording.rate != self.output_sample_rate:
            self.count_drops({"sample rate": 1})
            return None
        task.data.update(
            sample_rate=recording.rate,
            is_mono=True,
            duration=recording.seconds,
            num_samples=recording.samples,
        )
        return task


@positional("model_path", "cache_dir", "band_value", "name", "batch_size", "resources")
@dataclass(kw_only=True)
class BandFilterStage(ProcessingStage[AudioTask, AudioTask]):
    """Keep recordings of a full band, or of a telephone's, by the bandwidth of their spectrum.

    NeMo Curator asks a forest of trees, which is in no package. Without `model_path` this stage looks whether
    anything is above 4,000 Hz within 50 dB of the strongest. Of an entry with `segments` these are kept or
    not, and the entry with them; samples that an entry or a segment carries (`waveform`, `sample_rate`) come
    before its file.

    Raises:
        SettingsError: The band is none.
    """

    name: str = "BandFilter"
    model_path: str | None = None
    """File with a forest, as `BandPredictor` reads it."""
    cache_dir: str | None = None
    """Not used: nothing is downloaded."""
    band_value: Literal["full_band", "narrow_band"] = "full_band"
    """Which band stays."""
    audio_filepath_key: str = "audio_filepath"
    """The key of the recording's path."""
    batch_size: int | None = 1
    resources: Resources = field(default_factory=Resources)
    _forest: BandPredictor | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.band_value not in ("full_band", "narrow_band"):
            raise SettingsError(
                f"band_value={self.band_value!r} is none; give full_band or narrow_band."
            )

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Read the forest, if there is one.

        Raises:
            InputError: The file holds none.
        """
        if self.model_path is not None:
            self._forest = BandPredictor(self.model_path)

    def teardown(self) -> None:
        """Let the forest go."""
        self._forest = None

    def outputs(self) -> tuple[list[str], list[str]]:
        """The band."""
        return ["data"], ["band_prediction"]

    def process(self, task: AudioTask) -> AudioTask | None:
        """Set the band, and keep the recording if it is the right one.

        Raises:
            AudioError: The recording cannot be decoded.
        """
        entry = task.data
        if "segments" not in entry:
            return task if self._keeps(entry, entry) else None
        entry["segments"] = [row for row in entry["segments"] if self._keeps(entry, row)]
        return task if entry["segments"] else None

    def _keeps(self, entry: dict[str, Any], row: dict[str, Any]) -> bool:
        key = self.audio_filepath_key
        band = self._band(segment_entry(entry, row, audio_filepath_key=key))
        row["band_prediction"] = band
        if band != self.band_value:
            self.count_drops({band: 1})
        return band == self.band_value

    def _band(self, entry: dict[str, Any]) -> Band:
        recording, start, end = entry_recording(entry, audio_filepath_key=self.audio_filepath_key)
        if self._forest is None:
            return "full_band" if _bandwidth(recording, start, end) > _NARROW else "narrow_band"
        last, rate = min(end, recording.seconds), recording.rate
        samples = read_span(recording.source, start, last, rate, recording=recording)
        return self._forest.predict_audio(samples, rate)


@positional(
    *("n_fft", "stride_seconds", "top_db", "frequency_threshold", "audio_filepath_key"),
    *("segments_key", "name"),
)
@dataclass(kw_only=True)
class BandwidthEstimationStage(ProcessingStage[AudioTask, AudioTask]):
    """Set `metrics.bandwidth` in Hz, of each segment of an entry, or of the entry if it has none.

    Raises:
        SettingsError: A value is out of its range.
    """

    name: str = "BandwidthEstimation"
    n_fft: int = 512
    """Samples of a window."""
    stride_seconds: float = 0.01
    """From one window to the next."""
    top_db: float = 100.0
    """Levels further below the strongest than this are taken for this."""
    frequency_threshold: float = -50.0
    """dB: what is this much below the strongest frequency is not there."""
    audio_filepath_key: str = "audio_filepath"
    """The key of the recording's path."""
    segments_key: str = "segments"
    """The key of the list of segments, with `start` and `end` in seconds."""

    def __post_init__(self) -> None:
        if self.n_fft < 2 or self.n_fft % 2:
            raise SettingsError(f"n_fft={self.n_fft} is no even number above 0.")
        if not self.stride_seconds > 0:
            raise SettingsError(f"stride_seconds={self.stride_seconds} is not above 0.")
        if not -self.top_db <= self.frequency_threshold < 0:
            raise SettingsError(
                f"frequency_threshold={self.frequency_threshold} is not below 0 and at least "
                f"-top_db={-self.top_db}."
            )

    def inputs(self) -> tuple[list[str], list[str]]:
        """A path."""
        return ["data"], [self.audio_filepath_key]

    def process(self, task: AudioTask) -> AudioTask:
        """Set the bandwidth.

        Raises:
            AudioError: The recording cannot be decoded, or a segment has no times.
        """
        path, start, end = entry_span(task.data, audio_filepath_key=self.audio_filepath_key)
        if self.segments_key not in task.data:
            self._set(task.data, path, start, end)
            return task
        for segment in task.data[self.segments_key]:
            if "start" not in segment or "end" not in segment:
                raise AudioError(path, "a segment has no start and end, in seconds")
            self._set(segment, path, segment["start"], segment["end"])
        return task

    def _set(self, row: dict[str, Any], path: str, start: float, end: float) -> None:
        if row.get("speaker") == "no-speaker" or str(row.get("text", "x")).strip() == "":
            return
        hertz = _bandwidth(
            *(open_audio(path), start, end),
            window=self.n_fft,
            stride_s=self.stride_seconds,
            below_peak=-self.frequency_threshold,
        )
        row["metrics"] = {**row.get("metrics", {}), "bandwidth": int(hertz)}


def _bandwidth(recording: Recording, start: float, end: float, **how: Any) -> float:
    """Bandwidth of a part of a recording, in Hz; 0 if there is no sound in it."""
    bandwidth = Bandwidth(rate=recording.rate, channels=recording.channels, **how)
    if math.isinf(end):
        for block in blocks(recording, start_s=start):
            bandwidth.add(block)
    else:
        rate = recording.rate
        bandwidth.add(
            read_span(recording.source, start, end, rate, mono=False, recording=recording)
        )
    return bandwidth.hertz() or 0.0
