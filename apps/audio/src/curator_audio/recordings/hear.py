"""Listen to a recording once: all measures of it, where speech is, and where tones stand still."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from curator_audio.models.silero import SileroVad
from curator_audio.read.audio_error import AudioError
from curator_audio.read.decode import Recording, SpeechTrack, blocks
from curator_audio.scores.measure import Levels, Measures
from curator_audio.scores.steady_tones import SteadyTones

type Listener = Callable[[NDArray[np.float32]], None]


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What was found out about a recording."""

    seconds: float
    """Its length, counted."""
    scores: dict[str, float]
    """Measures of the whole of it."""
    levels: Levels
    """From which follow measures of any part of it."""
    speech: NDArray[np.float32]
    """Probability of speech in windows of 32 ms, shape (windows,); empty if it was not asked for."""
    tones: SteadyTones | None = None
    """Where tones stand still, if speech was asked for."""


def hear(
    recording: Recording,
    *,
    vad: SileroVad | None = None,
    start_s: float = 0.0,
    end_s: float | None = None,
    on_block: Sequence[Listener] = (),
    on_track: Sequence[Listener] = (),
) -> Heard:
    """Decode a recording, or a span of it, once, block by block, for everything that is measured on it.

    Args:
        recording: As `open_audio` gives it.
        vad: Finds speech; None to leave that out.
        start_s: First second.
        end_s: Last second; None for the end of the recording.
        on_block: What else takes the blocks, shape (samples, channels).
        on_track: What takes one channel at 16,000 Hz, shape (samples,).

    Raises:
        AudioError: It cannot be decoded.
        UnreadableFileError: The file has gone.
        StorageError: The environment fails.

    Example:
        >>> heard = hear(open_audio("talk.flac"), vad=SileroVad())
        >>> speech_spans(heard.speech, heard.seconds)
    """
    measures = Measures(rate=recording.rate, channels=recording.channels)
    track = SpeechTrack(recording.rate) if vad or on_track else None
    stream = vad.stream() if vad else None
    tones = SteadyTones() if vad else None
    speech: list[NDArray[np.float32]] = []

    def listen(samples: NDArray[np.float32]) -> None:
        for listener in on_track:
            listener(samples)
        if stream:
            speech.append(stream.add(samples))
        if tones:
            tones.add(samples)

    for block in span_blocks(recording, start_s, end_s):
        measures.add(block)
        for listener in on_block:
            listener(block)
        if track:
            listen(track.feed(block))
    if track:
        listen(track.finish())
    if stream:
        speech.append(stream.finish())
    scores = measures.scores()
    return Heard(
        seconds=scores["duration_s"],
        scores=scores,
        levels=measures.levels(),
        speech=np.concatenate(speech) if speech else np.zeros(0, np.float32),
        tones=tones,
    )


def span_blocks(
    recording: Recording, start_s: float = 0.0, end_s: float | None = None
) -> Iterator[NDArray[np.float32]]:
    """The samples of a span in blocks, shape (samples, channels); all of them to the end without one.

    Raises:
        AudioError: Not one sample can be decoded.
    """
    rate = recording.rate
    left = None if end_s is None else round(end_s * rate) - round(start_s * rate)
    source = blocks(recording, start_s=start_s)
    first = next(source, None)
    if first is None:
        raise AudioError(recording.where, f"has no sound at {start_s:g} s")
    for block in chain([first], source):
        if left is not None and len(block) >= left:
            yield block[:left]
            return
        yield block
        left = None if left is None else left - len(block)
