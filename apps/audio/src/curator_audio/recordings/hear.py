"""Listen to a recording once: all measures of it, and where speech is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curator_audio.models.silero import SileroVad
from curator_audio.read.decode import Recording, SpeechTrack, blocks
from curator_audio.scores.measure import Levels, Measures


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


def hear(recording: Recording, *, vad: SileroVad | None = None) -> Heard:
    """Decode a recording once, block by block, for everything that is measured on all of it.

    Args:
        recording: As `open_audio` gives it.
        vad: Finds speech; None to leave that out.

    Raises:
        AudioError: It cannot be decoded.
        UnreadableFileError: The file has gone.
        StorageError: The environment fails.

    Example:
        >>> heard = hear(open_audio("talk.flac"), vad=SileroVad())
        >>> speech_spans(heard.speech, heard.seconds)
    """
    measures = Measures(rate=recording.rate, channels=recording.channels)
    track = SpeechTrack(recording.rate)
    stream = vad.stream() if vad else None
    speech: list[NDArray[np.float32]] = []
    for block in blocks(recording):
        measures.add(block)
        if stream:
            speech.append(stream.add(track.feed(block)))
    if stream:
        speech += [stream.add(track.finish()), stream.finish()]
    scores = measures.scores()
    return Heard(
        seconds=scores["duration_s"],
        scores=scores,
        levels=measures.levels(),
        speech=np.concatenate(speech) if speech else np.zeros(0, np.float32),
    )
