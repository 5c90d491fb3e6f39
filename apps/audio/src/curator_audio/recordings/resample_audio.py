"""Recordings as files of one rate and format, with NeMo Curator's name and parameters.

By soxr and soundfile, block by block; NeMo Curator calls sox and ffmpeg.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from curator_audio.read.audio_error import AudioError
from curator_audio.read.decode import as_mono, blocks, open_audio
from curator_audio.task import AudioTask
from curator_engine.errors import SettingsError
from curator_engine.files.paths import join
from curator_engine.files.storage import open_atomic
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage
from curator_engine.task import short_hash

_FORMATS = {"wav": "PCM_16", "flac": "PCM_16", "ogg": "VORBIS", "opus": "OPUS"}


@positional(
    *("resampled_audio_dir", "input_format", "target_sample_rate", "target_format"),
    *("target_nchannels", "audio_filepath_key", "resampled_audio_filepath_key"),
    *("duration_key", "audio_item_id_key", "name"),
)
@dataclass(kw_only=True)
class ResampleAudioStage(ProcessingStage[AudioTask, AudioTask]):
    """Write each recording at another rate, and its new path and length into the entry.

    The file's name is the entry's id and a hash of the recording's path: two recordings of one name
    do not take each other's place.

    Raises:
        SettingsError: A value is out of its range.
    """

    writes_to: ClassVar[tuple[str, ...]] = ("resampled_audio_dir",)
    name: str = "ResampleAudio"
    resampled_audio_dir: str
    """Folder of the new files."""
    input_format: str = "wav"
    """Not used: what a file is is known by its contents."""
    target_sample_rate: int = 16_000
    """Samples per second."""
    target_format: str = "wav"
    """wav, flac, ogg or opus."""
    target_nchannels: int = 1
    """1 takes the mean of the channels, 2 needs recordings of one or two."""
    audio_filepath_key: str = "audio_filepath"
    """The key of the recording's path."""
    resampled_audio_filepath_key: str = "resampled_audio_filepath"
    """The key of the new path."""
    duration_key: str = "duration"
    """The key of the length, in seconds."""
    audio_item_id_key: str = "audio_item_id"
    """The key of the id; the file's name without its ending where there is none."""

    def __post_init__(self) -> None:
        if self.target_format not in _FORMATS:
            raise SettingsError(
                f"target_format={self.target_format!r} is none of {', '.join(_FORMATS)}."
            )
        if not 1_000 <= self.target_sample_rate <= 768_000:
            raise SettingsError(
                f"target_sample_rate={self.target_sample_rate} is not in 1000 to 768000."
            )
        if self.target_nchannels not in (1, 2):
            raise SettingsError(f"target_nchannels={self.target_nchannels} is not 1 or 2.")

    def inputs(self) -> tuple[list[str], list[str]]:
        """A path."""
        return ["data"], [self.audio_filepath_key]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The new file."""
        keys = [self.audio_item_id_key, self.resampled_audio_filepath_key, self.duration_key]
        return ["data"], keys

    def process(self, task: AudioTask) -> AudioTask:
        """Write the file.

        Raises:
            AudioError: The recording cannot be decoded, or has too many channels.
            StorageError: The file cannot be written.
        """
        source = str(task.data[self.audio_filepath_key])
        item = str(task.data.get(self.audio_item_id_key) or PurePosixPath(source).stem)
        name = f"{item.replace('/', '_')}-{short_hash(source)}.{self.target_format}"
        path = join(self.resampled_audio_dir, name)
        samples = self._write(source, path)
        task.data[self.audio_item_id_key] = item
        task.data[self.resampled_audio_filepath_key] = path
        task.data[self.duration_key] = samples / self.target_sample_rate
        return task

    def _write(self, source: str, path: str) -> int:
        """How many samples per channel were written."""
        import soundfile
        import soxr

        recording = open_audio(source)
        stream: Any = soxr.ResampleStream(
            recording.rate, self.target_sample_rate, self.target_nchannels, dtype="float32"
        )
        kind = "OGG" if self.target_format == "opus" else self.target_format.upper()
        how: dict[str, Any] = {"format": kind, "subtype": _FORMATS[self.target_format]}
        count = 0
        with (
            open_atomic(path) as file,
            soundfile.SoundFile(
                file, "w", self.target_sample_rate, self.target_nchannels, **how
            ) as sound,
        ):
            for block in blocks(recording):
                part = stream.resample_chunk(self._channels(block, source))
                sound.write(part)
                count += len(part)
            rest = stream.resample_chunk(
                np.zeros((0, self.target_nchannels), np.float32), last=True
            )
            sound.write(rest)
        return count + len(rest)

    def _channels(self, block: NDArray[np.float32], source: str) -> NDArray[np.float32]:
        """A block with the channels that are asked for, shape (samples, channels)."""
        if self.target_nchannels == 1:
            return as_mono(block)[:, None]
        if block.shape[1] > 2:
            reason = f"has {block.shape[1]} channels; target_nchannels=1 takes their mean"
            raise AudioError(source, reason)
        return np.ascontiguousarray(np.broadcast_to(block, (len(block), 2)))
