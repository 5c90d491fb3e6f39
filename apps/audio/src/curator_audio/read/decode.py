"""Decode a recording: blocks of all of it, or one span; soundfile first, PyAV for the rest.

What a header says of the length is not trusted: samples are counted. Nothing here measures anything.
"""

import io
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from curator_audio.read.audio_error import AudioError
from curator_audio.read.av_audio import AvFacts, av_facts, av_pieces
from curator_audio.read.mpeg_frames import frames_broken
from curator_engine.files.paths import is_remote
from curator_engine.files.storage import input_errors, open_read

RATES = (1_000, 768_000)
"""Samples per second that are read; others come of damaged headers."""
MAX_CHANNELS = 64
SPEECH_RATE = 16_000
"""What models of speech take, in samples per second."""
LOUDEST = 1e10
"""Largest number that is taken for a sample: whole numbers of 32 bits that a file holds as fractions are below, and squares do not overflow."""
_FAR = 2.0
"""Times full scale from which samples are no mere overshoot of a lossy codec."""
_JOINED = ("MPEG_LAYER_I", "MPEG_LAYER_II", "MPEG_LAYER_III")
_FLOATS_PER_BLOCK = 1 << 23
"""Samples of all channels together in a block, at most: 32 MiB."""


@dataclass(kw_only=True)
class Recording:
    """A recording that can be decoded: facts on it, no open file and no samples.

    Example:
        >>> recording = open_audio("speech.flac")
        >>> recording.rate, recording.channels, recording.seconds
        (16000, 1, 11.66)
    """

    source: str | bytes
    rate: int
    """Samples per second."""
    channels: int
    format: str
    """Of the container, in the decoder's words: WAV, FLAC, OGG, mov."""
    codec: str
    """PCM_16, VORBIS, aac."""
    promised: int | None = None
    """Samples per channel by the header, where it says so; it may be wrong."""
    start_s: float = 0.0
    """When the first sample is heard, by the time stamps of a video."""
    notes: list[str] = field(default_factory=list[str])
    """What was amiss while blocks were read, though samples came."""
    _av: AvFacts | None = None
    """Set where PyAV decodes."""
    _counted: int | None = None

    @property
    def where(self) -> str:
        """The path, or "the audio" for bytes."""
        return self.source if isinstance(self.source, str) else "the audio"

    @property
    def samples(self) -> int:
        """Samples per channel, counted: the first time all is decoded, unless blocks were read to their end.

        Raises:
            AudioError: It cannot be decoded.
        """
        if self._counted is None:
            for _ in blocks(self):
                pass
        assert self._counted is not None
        return self._counted

    @property
    def seconds(self) -> float:
        """Length by counted samples."""
        return self.samples / self.rate


def open_audio(source: str | bytes) -> Recording:
    """Look at a recording.

    Args:
        source: A path, local or remote, or a file's bytes. What it is is known by its contents.

    Raises:
        AudioError: No audio, or none that can be decoded.
        UnreadableFileError: The file is not there or may not be read.
        StorageError: The environment fails.
    """
    where = source if isinstance(source, str) else "the audio"
    found = _by_soundfile(source) or _by_av(source, where)
    if not RATES[0] <= found.rate <= RATES[1]:
        raise AudioError(where, f"has a rate of {found.rate:,} Hz")
    if not 1 <= found.channels <= MAX_CHANNELS:
        raise AudioError(where, f"has {found.channels:,} channels; at most {MAX_CHANNELS} are read")
    return found


def blocks(
    recording: Recording, seconds: float = 10.0, *, start_s: float = 0.0
) -> Iterator[NDArray[np.float32]]:
    """All samples in order, in [-1, 1], shape (samples, channels); memory is bounded by a block.

    What is no number, or none of a sound, becomes silence, and damage that is passed over gets into `recording.notes`.

    Args:
        recording: As `open_audio` gives it.
        seconds: Of a block; of many channels at a high rate it is shorter.
        start_s: Where to begin.

    Raises:
        AudioError: Not one sample can be decoded.
        UnreadableFileError: The file has gone.
        StorageError: The environment fails.
    """
    size = max(1, min(round(seconds * recording.rate), _FLOATS_PER_BLOCK // recording.channels))
    first = round(start_s * recording.rate)
    count, broken, highest = first, 0, 0.0
    for block in _grouped(_pieces(recording, first, size), size):
        levels = np.abs(block)
        finite = levels <= LOUDEST
        if not finite.all():
            broken += int(block.size - np.count_nonzero(finite))
            block, levels = (np.where(finite, each, np.float32(0)) for each in (block, levels))
        highest = max(highest, float(levels.max(initial=0.0)))
        count += len(block)
        yield block
    if broken:
        _note(recording, f"{broken:,} samples are no numbers and were taken for silence")
    if highest > _FAR:
        _note(
            recording,
            f"its samples reach {highest:,.1f} times full scale: what is written is clipped",
        )
    if not first:
        _finish(recording, count)


def read_span(
    source: str | bytes,
    start_s: float,
    end_s: float,
    rate: int = SPEECH_RATE,
    *,
    mono: bool = True,
    recording: Recording | None = None,
) -> NDArray[np.float32]:
    """The samples of a span; shape (samples,), or (samples, channels) without `mono`.

    Args:
        source: A path or a file's bytes.
        start_s: First second, counted from the first sample.
        end_s: Last second; the span ends earlier where the recording does.
        rate: Samples per second of what is returned, by soxr.
        mono: Whether channels are averaged.
        recording: Of the source, where it has been opened.

    Raises:
        AudioError: No audio, or none that can be decoded.
        UnreadableFileError: The file is not there or may not be read.
        StorageError: The environment fails.
    """
    if recording is None:
        recording = open_audio(source)
    start_s = max(0.0, start_s)
    wanted = round(end_s * recording.rate) - round(start_s * recording.rate)
    parts: list[NDArray[np.float32]] = []
    for block in blocks(recording, min(10.0, max(0.1, end_s - start_s)), start_s=start_s):
        parts.append(as_mono(block) if mono else block)
        wanted -= len(block)
        if wanted <= 0:
            break
    if not parts:
        return np.zeros((0,) if mono else (0, recording.channels), np.float32)
    whole = np.concatenate(parts)
    return resample(whole[: len(whole) + wanted] if wanted < 0 else whole, recording.rate, rate)


def as_mono(block: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of the channels; shape (samples,)."""
    return block[:, 0] if block.shape[1] == 1 else block.mean(axis=1, dtype=np.float32)


def resample(samples: NDArray[np.float32], old: int, new: int) -> NDArray[np.float32]:
    """Bring samples to another rate, by soxr; time runs along the first axis."""
    if old == new:
        return samples
    import soxr

    return soxr.resample(samples, old, new).astype(np.float32, copy=False)


class RateChange:
    """Brings blocks to another rate as they come.

    Example:
        >>> change = RateChange(44_100, 16_000, channels=2)
        >>> parts = [change.feed(block) for block in blocks(recording)] + [change.finish()]
    """

    def __init__(self, old: int, new: int, *, channels: int = 1) -> None:
        """From one rate to another; of one channel, blocks may have the shape (samples,)."""
        self._stream: Any = None
        if old != new:
            import soxr

            self._stream = soxr.ResampleStream(old, new, channels, dtype="float32")

    def feed(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """What a block gives; soxr holds back some."""
        return block if self._stream is None else self._stream.resample_chunk(block)

    def finish(self, like: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """What was held back; `like` has the shape of blocks where that is not (samples,)."""
        nothing = np.zeros(0, np.float32) if like is None else like[:0]
        return nothing if self._stream is None else self._stream.resample_chunk(nothing, last=True)


class SpeechTrack(RateChange):
    """Turns blocks of a recording into one channel at 16,000 Hz, as they come.

    Example:
        >>> track = SpeechTrack(recording.rate)
        >>> parts = [track.feed(block) for block in blocks(recording)] + [track.finish()]
    """

    def __init__(self, rate: int) -> None:
        """Of blocks at a rate."""
        super().__init__(rate, SPEECH_RATE)

    def feed(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """What a block of shape (samples, channels) gives, shape (samples,)."""
        return super().feed(as_mono(block))


def _by_soundfile(source: str | bytes) -> Recording | None:
    """Facts by soundfile; None where it reads nothing of the file."""
    import soundfile

    try:
        with _file(source) as file, _intact(file) as sound:
            if not sound.frames:
                # A recorder that was killed leaves a header of no samples; PyAV reads what is behind it.
                return None
            return Recording(
                source=source,
                rate=sound.samplerate,
                channels=sound.channels,
                format=sound.format,
                codec=sound.subtype,
                promised=sound.frames if sound.frames < 1 << 62 else None,
            )
    except (soundfile.LibsndfileError, TypeError, ValueError):
        return None


def _intact(file: BinaryIO) -> Any:
    """The open file, if it is none of MPEG audio with damage.

    Raises:
        ValueError: It is one.
    """
    import soundfile

    if frames_broken(file):
        raise ValueError("frames are missing")
    return soundfile.SoundFile(file)


def _by_av(source: str | bytes, where: str) -> Recording:
    with _file(source) as file:
        if not file.read(1):
            raise AudioError(where, "it is empty")
        file.seek(0)
        facts = av_facts(_for_av(source, file), where)
    return Recording(
        source=source,
        rate=facts.rate,
        channels=facts.channels,
        format=facts.format,
        codec=facts.codec,
        promised=facts.promised,
        start_s=facts.start_s,
        _av=facts,
    )


@contextmanager
def _file(source: str | bytes) -> Generator[BinaryIO]:
    if isinstance(source, bytes):
        yield io.BytesIO(source)
        return
    with input_errors(source), open_read(source) as file:
        yield file


def _for_av(source: str | bytes, file: BinaryIO) -> BinaryIO | str:
    """A local path, which FFmpeg reads faster than a file of Python, with nothing before it to take for a protocol."""
    return f"file:{source}" if isinstance(source, str) and not is_remote(source) else file


def _pieces(recording: Recording, first: int, size: int) -> Iterator[NDArray[np.float32]]:
    """Samples from one on, in pieces of any length."""
    done = first
    if recording._av is None:
        reason = ""
        for piece in _by_soundfile_from(recording, first, size):
            if isinstance(piece, str):
                reason = piece
                break
            done += len(piece)
            yield piece
        if not reason:
            return
        # FFmpeg goes on behind damage, and may read what is before it.
        _note(recording, f"is damaged at {done / recording.rate:.2f} s: {reason}")
    yield from _by_av_from(recording, done)


def _by_soundfile_from(
    recording: Recording, first: int, size: int
) -> Iterator[NDArray[np.float32] | str]:
    """Pieces; a text at last if it cannot be read on."""
    import soundfile

    try:
        with _file(recording.source) as file, soundfile.SoundFile(file) as sound:
            if first:
                # A frame of MP3 may need bits of the frames before it, which are decoded and let go.
                early = min(first, recording.rate // 2) if recording.codec in _JOINED else 0
                sound.seek(min(first, sound.frames) - early)
                sound.read(early)
            while len(piece := np.asarray(sound.read(size, dtype="float32", always_2d=True))):
                yield piece.astype(np.float32, copy=False)
    except (soundfile.LibsndfileError, TypeError, ValueError) as error:
        yield str(error).rstrip(": ") or type(error).__name__


def _by_av_from(recording: Recording, first: int) -> Iterator[NDArray[np.float32]]:
    where = recording.where
    with _file(recording.source) as file:
        opened = _for_av(recording.source, file)
        try:
            facts = recording._av or av_facts(opened, where)
            if facts is not recording._av:
                file.seek(0)
            if (facts.rate, facts.channels) != (recording.rate, recording.channels):
                return
            yield from av_pieces(opened, where, facts, first=first)
        except AudioError as error:
            _note(recording, error.reason)


def _grouped(pieces: Iterator[NDArray[np.float32]], size: int) -> Iterator[NDArray[np.float32]]:
    """Pieces joined and cut to blocks of one length."""
    waiting: list[NDArray[np.float32]] = []
    count = 0
    for piece in pieces:
        waiting.append(piece)
        count += len(piece)
        while count >= size:
            whole = waiting[0] if len(waiting) == 1 else np.concatenate(waiting)
            yield whole[:size]
            waiting, count = [whole[size:]], count - size
    if count:
        yield waiting[0] if len(waiting) == 1 else np.concatenate(waiting)


def _finish(recording: Recording, count: int) -> None:
    recording._counted = count
    if not count:
        reason = recording.notes[0] if recording.notes else "it has no samples"
        raise AudioError(recording.where, reason)
    promised = recording.promised
    # Padding of encoders is counted by some headers: the tenth of a second that it is at most says nothing.
    if promised is not None and promised - count > recording.rate / 10:
        _note(
            recording,
            f"is cut: {count / recording.rate:.2f} s of {promised / recording.rate:.2f} s",
        )


def _note(recording: Recording, text: str) -> None:
    if text not in recording.notes:
        recording.notes.append(text)
