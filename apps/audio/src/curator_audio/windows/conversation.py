"""Windows of conversation: runs of neighbouring segments that last about as long as wanted.

A window begins at each segment in turn and grows as long as the segments are of good bandwidth, are
said by known and not too many speakers, and end in time. Windows therefore overlap; `overlaps.py`
chooses among them. Segments are entries of a manifest: start, end, speaker, words, metrics.bandwidth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

type Segment = dict[str, Any]

NO_SPEAKER = "no-speaker"
"""What a diarizer calls speech that it gives to nobody."""
LEAST_SEGMENTS = 2


@dataclass(frozen=True, kw_only=True)
class WindowLimits:
    """What makes a window."""

    target_s: float = 120.0
    """Seconds that a window should last."""
    tolerance: float = 0.1
    """Share of them by which it may be shorter or longer."""
    min_bandwidth: float = 8000.0
    """Least bandwidth of every segment, in Hz."""
    min_speakers: int = 2
    max_speakers: int = 5
    truncation: bool = True
    """Cut the last segment after the last word that ends in time; else leave it out."""

    @property
    def shortest_s(self) -> float:
        """Least seconds of a window."""
        return self.target_s - self.target_s * self.tolerance

    @property
    def longest_s(self) -> float:
        """Most seconds of a window."""
        return self.target_s + self.target_s * self.tolerance


@dataclass(frozen=True, kw_only=True)
class GrownWindow:
    """A window as far as it grew from its first segment."""

    segments: list[Segment]
    end_s: float
    stopped_at: int
    """Index of the segment at which it stopped: the last one taken, or the first one not taken."""
    is_cut: bool
    """Whether a segment was cut, even if it then said too much to be taken."""


def bandwidth_of(segment: Segment) -> float:
    """Bandwidth in Hz; 0 where it was not measured."""
    return segment.get("metrics", {}).get("bandwidth", 0)


def speaker_seconds(segments: Sequence[Segment]) -> dict[str, float]:
    """How long each speaker speaks; segments without a speaker are left out."""
    seconds: dict[str, float] = {}
    for each in segments:
        if speaker := each.get("speaker"):
            seconds[speaker] = seconds.get(speaker, 0) + (each["end"] - each["start"])
    return seconds


def grow_window(segments: Sequence[Segment], first: int, limits: WindowLimits) -> GrownWindow:
    """The window that begins at this segment, as long as it can become."""
    begin = segments[first]["start"]
    taken: list[Segment] = []
    speakers: set[str] = set()
    end, index = segments[first]["end"], first
    for index in range(first, len(segments)):
        segment, is_last = segments[index], False
        if bandwidth_of(segment) < limits.min_bandwidth:
            break
        if segment["end"] - begin > limits.longest_s:
            latest = begin + limits.longest_s
            if not limits.truncation or segment["start"] >= latest:
                break
            segment, is_last = cut_segment(segment, latest), True
        heard = speakers | ({segment["speaker"]} if segment.get("speaker") else set())
        if len(heard) <= limits.max_speakers and NO_SPEAKER not in heard:
            speakers = heard
            taken.append(segment)
            end = segment["end"]
        else:
            return GrownWindow(segments=taken, end_s=end, stopped_at=index, is_cut=is_last)
        if is_last:
            return GrownWindow(segments=taken, end_s=end, stopped_at=index, is_cut=True)
    return GrownWindow(segments=taken, end_s=end, stopped_at=index, is_cut=False)


def cut_segment(segment: Segment, latest_s: float) -> Segment:
    """A segment with the words that end by then; without any it ends where it starts."""
    words = [dict(word) for word in segment.get("words", []) if word["end"] <= latest_s]
    text = " ".join(word["word"] for word in words if word.get("word"))
    end = words[-1]["end"] if words else segment["start"]
    return {**segment, "words": words, "text": text, "end": end}
