"""Write a span of a recording as a file, block by block: FLAC or WAV, every sample as it was decoded; Opus or Vorbis."""

from dataclasses import dataclass
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from curator_audio.read.decode import RateChange, Recording, as_mono
from curator_audio.recordings.hear import span_blocks
from curator_audio.recordings.opus_file import MOST_CHANNELS, OpusFile, opus_rate
from curator_engine.files.storage import open_atomic

type AudioFormat = Literal["flac", "wav", "opus"]
type FileFormat = AudioFormat | Literal["ogg"]
"""Also Vorbis in Ogg, which NeMo Curator's stages write; its bytes differ from one time to the next."""
_FRACTIONS = ("opus", "ogg")
"""Formats that take fractions, no whole numbers."""
_DEEP = ("PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ALAC_24", "ALAC_32")
"""Codecs with more than 16 bits of a sample."""
_FLAC_CHANNELS = 8


@dataclass(frozen=True, kw_only=True)
class Written:
    """A file that was written."""

    ending: str
    rate: int
    channels: int
    samples: int
    """Of each channel."""


def ending_for(recording: Recording, audio_format: FileFormat, *, mono: bool) -> str:
    """The ending of the file: Opus is for up to two channels, FLAC for eight, more become WAV."""
    channels = 1 if mono else recording.channels
    if channels > _FLAC_CHANNELS:
        return "wav"
    return "flac" if audio_format == "opus" and channels > MOST_CHANNELS else audio_format


def cut_file(
    recording: Recording,
    path: str,
    span: tuple[float, float | None],
    *,
    audio_format: FileFormat = "flac",
    rate: int | None = None,
    mono: bool = False,
) -> Written:
    """Write a span; of 24 bits if the recording has more than 16, else of 16, and as Opus of 32 kbit/s per channel.

    Args:
        recording: As `open_audio` gives it.
        path: Of the file, with the ending of `ending_for`.
        span: First and last second; None for the end of the recording.
        audio_format: As `ending_for` takes it.
        rate: Samples per second of the file; those of the recording unless given; Opus has rates of its own.
        mono: Whether channels are averaged.

    Raises:
        AudioError: It cannot be decoded.
        StorageError: The file cannot be written.
    """
    ending = ending_for(recording, audio_format, mono=mono)
    channels = 1 if mono else recording.channels
    new = rate or recording.rate
    new = opus_rate(new) if ending == "opus" else new
    change = RateChange(recording.rate, new, channels=channels)
    deep = recording.codec in _DEEP
    count = 0
    with open_atomic(path) as file, _target(file, ending, new, channels, deep=deep) as target:
        like: NDArray[np.float32] | None = None
        for block in span_blocks(recording, *span):
            like = as_mono(block)[:, None] if mono else block
            made = change.feed(like)
            target.write(made if ending in _FRACTIONS else whole_numbers(made, deep=deep))
            count += len(made)
        made = change.finish(like)
        target.write(made if ending in _FRACTIONS else whole_numbers(made, deep=deep))
        count += len(made)
    return Written(ending=ending, rate=new, channels=channels, samples=count)


def _target(file: BinaryIO, ending: str, rate: int, channels: int, *, deep: bool) -> Any:
    """What takes the samples: whole numbers, or for Opus fractions."""
    import soundfile

    if ending == "opus":
        return OpusFile(file, rate=rate, channels=channels)
    subtype = "VORBIS" if ending == "ogg" else "PCM_24" if deep else "PCM_16"
    return soundfile.SoundFile(
        file, "w", samplerate=rate, channels=channels, format=ending.upper(), subtype=subtype
    )


def whole_numbers(samples: NDArray[np.float32], *, deep: bool) -> NDArray[Any]:
    """Samples as the whole numbers that were decoded: 16 bits, or 24 in the upper part of 32."""
    bits = 23 if deep else 15
    full = 2.0**bits
    # In 64 bits: of 24-bit samples, 32-bit fractions leave no room for rounding.
    numbers = np.clip(np.rint(samples.astype(np.float64) * full), -full, full - 1)
    return (numbers.astype(np.int32) << 8) if deep else numbers.astype(np.int16)
