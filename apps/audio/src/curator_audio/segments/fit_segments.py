"""Join and cut spans of speech to segments of a useful length.

Neighbours are joined over short pauses as long as they fit; what is too long is cut at the quietest
place. Times are seconds from the start of the recording.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curator_audio.segments.speech_spans import Span
from curator_engine.errors import SettingsError

_FRAMES = 100
"""Frames of energies per second."""
_SMOOTH = 10
"""Frames: a cut is in the middle of the quietest 100 ms."""


@dataclass(frozen=True, kw_only=True)
class SegmentRule:
    """How long segments are.

    Raises:
        SettingsError: A value is out of its range.
    """

    min_s: float = 2.0
    """Speech is cut so that no part is shorter; a span that is shorter by itself stays as it is."""
    max_s: float = 60.0
    """No segment is longer."""
    max_pause_s: float | None = 0.5
    """Spans are joined over pauses of at most this; None joins none."""

    def __post_init__(self) -> None:
        if not 0 < self.min_s <= self.max_s / 2:
            raise SettingsError(
                f"min_s={self.min_s} is not above 0 and at most half of max_s={self.max_s}."
            )
        if self.max_pause_s is not None and not self.max_pause_s >= 0:
            raise SettingsError(f"max_pause_s={self.max_pause_s} is below 0.")


def fit_segments(
    spans: Sequence[Span], energies: NDArray[np.floating], *, rule: SegmentRule | None = None
) -> list[Span]:
    """Segments of speech in order, without overlap; those below the least length are left to the caller.

    Args:
        spans: Of speech, in order, without overlap.
        energies: Of frames of 10 ms of the recording, shape (frames,): where it is quiet.
        rule: How long segments are.

    Example:
        >>> fit_segments([Span(0, 3), Span(3.4, 6), Span(9, 12)], np.ones(1200))
        [Span(start_s=0, end_s=6), Span(start_s=9, end_s=12)]
    """
    rule = rule or SegmentRule()
    segments: list[Span] = []
    for joined in _joined(spans, rule):
        rest = joined
        while rest.seconds > rule.max_s:
            cut = _quietest(energies, rest, rule)
            segments.append(Span(rest.start_s, cut))
            rest = Span(cut, rest.end_s)
        segments.append(rest)
    return segments


def _joined(spans: Sequence[Span], rule: SegmentRule) -> list[Span]:
    found: list[Span] = []
    for span in spans:
        last = found[-1] if found else None
        if (
            last is not None
            and rule.max_pause_s is not None
            and span.start_s - last.end_s <= rule.max_pause_s
            and span.end_s - last.start_s <= rule.max_s
        ):
            found[-1] = Span(last.start_s, span.end_s)
        else:
            found.append(span)
    return found


def _quietest(energies: NDArray[np.floating], span: Span, rule: SegmentRule) -> float:
    """Where to cut a span that is too long: in the second half of what is allowed, the quietest place."""
    earliest = span.start_s + max(rule.min_s, rule.max_s / 2)
    latest = min(span.start_s + rule.max_s, span.end_s - rule.min_s)
    first, last = round(earliest * _FRAMES), round(latest * _FRAMES)
    part = energies[max(0, first - _SMOOTH // 2) : last + _SMOOTH // 2]
    if len(part) < _SMOOTH:
        return latest
    sums = np.convolve(part, np.ones(_SMOOTH), "valid")
    middle = max(0, first - _SMOOTH // 2) + int(np.argmin(sums)) + _SMOOTH / 2
    return float(np.clip(middle / _FRAMES, earliest, latest))
