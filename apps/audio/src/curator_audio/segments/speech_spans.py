"""Spans of speech from probabilities of windows, as Silero's own package finds them.

A span begins where the probability reaches the threshold, and ends where it has been lower than a little
below that for long enough. Times are seconds from the start of the recording.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from curator_audio.models.silero import RATE, WINDOW
from curator_engine.errors import SettingsError

_HYSTERESIS = 0.15
"""By how much speech that has begun may be less likely than what begins it."""
_LEAST_EXIT = 0.01


class Span(NamedTuple):
    """From one second to another."""

    start_s: float
    end_s: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end_s - self.start_s


@dataclass(frozen=True, kw_only=True)
class SpeechRule:
    """What counts as speech.

    Silero's package has pauses of 0.1 seconds and pads of 0.03; edges are then so tight that ends of words
    are lost.

    Raises:
        SettingsError: A value is out of its range.
    """

    threshold: float = 0.5
    """Least probability that begins speech, above 0 and below 1."""
    min_speech_s: float = 0.25
    """Shorter speech is none."""
    min_silence_s: float = 0.3
    """Shorter pauses do not end speech."""
    pad_s: float = 0.1
    """Added before and after speech, at most half of the pause there."""

    def __post_init__(self) -> None:
        if not 0 < self.threshold < 1:
            raise SettingsError(f"threshold={self.threshold} is not between 0 and 1.")
        for name in ("min_speech_s", "min_silence_s", "pad_s"):
            if not getattr(self, name) >= 0:
                raise SettingsError(f"{name}={getattr(self, name)} is below 0.")


def speech_spans(
    probabilities: NDArray[np.float32], seconds: float, *, rule: SpeechRule | None = None
) -> list[Span]:
    """Spans of speech in order, without overlap.

    Args:
        probabilities: Of windows of 32 ms, shape (windows,).
        seconds: Length of the recording.
        rule: What counts as speech.

    Example:
        >>> speech_spans(np.repeat(np.float32([0, 1, 0]), 31), 2.976)
        [Span(start_s=0.892, end_s=2.084)]
    """
    rule = rule or SpeechRule()
    total = round(seconds * RATE)
    found = [
        (start, end)
        for start, end in _runs(probabilities, total, rule)
        if end - start > rule.min_speech_s * RATE
    ]
    pad = rule.pad_s * RATE
    before = [0.0, *(_margin(end, start, pad) for (_, end), (start, _) in _pairs(found))]
    after = [*(_margin(end, start, pad) for (_, end), (start, _) in _pairs(found)), pad]
    if found:
        before[0] = min(pad, found[0][0])
    return [
        Span((start - early) / RATE, min(float(total), end + late) / RATE)
        for (start, end), early, late in zip(found, before, after, strict=False)
    ]


def _pairs(spans: list[tuple[int, int]]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    return list(pairwise(spans))


def _margin(end: int, start: int, pad: float) -> float:
    """What is added on both sides of a pause."""
    return min(pad, (start - end) // 2)


def _runs(
    probabilities: NDArray[np.float32], total: int, rule: SpeechRule
) -> list[tuple[int, int]]:
    """First sample of speech and first behind it, for each run of speech."""
    leave = max(rule.threshold - _HYSTERESIS, _LEAST_EXIT)
    wait = rule.min_silence_s * RATE
    found: list[tuple[int, int]] = []
    start = quiet = -1
    # All other windows change nothing.
    for window in np.flatnonzero((probabilities >= rule.threshold) | (probabilities < leave)):
        at = int(window) * WINDOW
        if probabilities[window] >= rule.threshold:
            start, quiet = (at if start < 0 else start), -1
        elif start >= 0:
            quiet = at if quiet < 0 else quiet
            if at - quiet >= wait:
                found.append((start, quiet))
                start = quiet = -1
    if start >= 0:
        found.append((start, total))
    return found
