"""Turns: who speaks from when to when; and the windows in which voices are compared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

type Span = tuple[float, float]
"""Start and end in seconds."""

WINDOW_S, HOP_S = 1.5, 0.75
"""Length of the windows in which a voice is recognised, and the distance of their starts."""
LONGEST_PAUSE_S = 0.3
"""Pause over which two turns of one speaker are joined."""


@dataclass(frozen=True, kw_only=True, order=True)
class Turn:
    """A span in which one speaker speaks; turns of several may overlap."""

    start_s: float
    end_s: float
    speaker: str

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.end_s - self.start_s


def voice_windows(spans: Iterable[Span]) -> list[Span]:
    """Windows over spans of speech; the last of a span ends with it, and a short span is one window.

    Example:
        >>> voice_windows([(0.0, 1.0), (2.0, 4.5)])
        [(0.0, 1.0), (2.0, 3.5), (2.75, 4.25), (3.0, 4.5)]
    """
    windows: list[Span] = []
    for start, end in spans:
        at = start
        while at + WINDOW_S < end:
            windows.append((at, at + WINDOW_S))
            at += HOP_S
        windows.append((max(start, end - WINDOW_S), end))
    return windows


def turns_of(windows: Sequence[Span], speakers: Sequence[int]) -> list[Turn]:
    """Turns from the speakers of overlapping windows, which are in order.

    Where two windows of different speakers overlap, the change is in the middle of what they share.
    """
    turns: list[Turn] = []
    for i, ((start, end), speaker) in enumerate(zip(windows, speakers, strict=True)):
        if i and windows[i - 1][1] > start:
            start = (windows[i - 1][1] + start) / 2
        if i + 1 < len(windows) and windows[i + 1][0] < end:
            end = (windows[i + 1][0] + end) / 2
        if end <= start:
            continue
        name = f"speaker_{speaker}"
        last = turns[-1] if turns else None
        if last and last.speaker == name and start - last.end_s <= LONGEST_PAUSE_S:
            turns[-1] = Turn(start_s=last.start_s, end_s=end, speaker=name)
        else:
            turns.append(Turn(start_s=start, end_s=end, speaker=name))
    return turns


def main_speaker(turns: Iterable[Turn]) -> tuple[str, float]:
    """Who speaks longest, and the share of all speech that is theirs; nobody and 0 without turns."""
    seconds: dict[str, float] = {}
    for turn in turns:
        seconds[turn.speaker] = seconds.get(turn.speaker, 0.0) + turn.seconds
    if not seconds:
        return "", 0.0
    longest = max(seconds, key=lambda name: seconds[name])
    return longest, seconds[longest] / sum(seconds.values())


def turns_within(turns: Iterable[Turn], span: Span) -> list[Turn]:
    """The parts of turns that lie in a span, with times of the recording."""
    found = [
        Turn(
            start_s=max(turn.start_s, span[0]), end_s=min(turn.end_s, span[1]), speaker=turn.speaker
        )
        for turn in turns
    ]
    return [turn for turn in found if turn.end_s > turn.start_s]
