"""Snippets of long recordings: neighbouring segments packed until a snippet is long enough.

Segments are entries of a manifest (start, end, text, words); a snippet has start, end and segments.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

type Segment = dict[str, Any]
type Snippet = dict[str, Any]


def segment_text(segment: Segment) -> str:
    """What is said in a segment, without white space around it."""
    return str(segment.get("text") or "").strip()


def snippet_text(snippet: Snippet) -> str:
    """What is said in a snippet."""
    return " ".join(segment_text(each) for each in snippet["segments"]).strip()


def filter_empty_segments(segments: Sequence[Segment]) -> tuple[list[Segment], int]:
    """The segments that have a text or words, and how many have none."""
    kept = [each for each in segments if segment_text(each) or each.get("words")]
    return kept, len(segments) - len(kept)


def find_overlapping_indices(segments: Sequence[Segment], min_overlap_sec: float) -> set[int]:
    """Indices of segments that overlap another one: by so many seconds, or one holds the other."""
    order = sorted(range(len(segments)), key=lambda i: segments[i]["start"])
    found: set[int] = set()
    for place, i in enumerate(order):
        start, end = segments[i]["start"], segments[i]["end"]
        for j in order[place + 1 :]:
            later_start, later_end = segments[j]["start"], segments[j]["end"]
            if later_start >= end:
                break
            if later_end <= start:
                continue
            shared = min(end, later_end) - later_start
            if shared >= min_overlap_sec or later_end <= end or later_start == start:
                found |= {i, j}
    return found


def plan_snippets(
    segments: Sequence[Segment],
    max_duration_sec: float,
    min_duration_sec: float,
    max_segment_gap_in_snippet: float,
) -> tuple[list[Snippet], dict[str, int]]:
    """Pack segments into snippets, and count those that are too_long, too_short or have no_text.

    A snippet ends before the segment that would make it too long, or that comes after too long a
    pause: what is said after that may be another conversation.

    Args:
        segments: In the order of their starts, without overlaps.
        max_duration_sec: Longest snippet, in seconds.
        min_duration_sec: Shortest snippet.
        max_segment_gap_in_snippet: Longest pause inside a snippet.
    """
    packed: list[Snippet] = []
    for segment in segments:
        start, end = segment["start"], segment["end"]
        last = packed[-1] if packed else None
        if (
            last
            and end - last["start"] <= max_duration_sec
            and start - last["end"] <= max_segment_gap_in_snippet
        ):
            last["segments"].append(segment)
            last["end"] = end
        else:
            packed.append({"start": start, "end": end, "segments": [segment]})
    lost = {"too_long": 0, "too_short": 0, "no_text": 0}
    kept: list[Snippet] = []
    for snippet in packed:
        seconds = snippet["end"] - snippet["start"]
        if seconds > max_duration_sec:
            lost["too_long"] += 1
        elif seconds < min_duration_sec:
            lost["too_short"] += 1
        elif not snippet_text(snippet):
            lost["no_text"] += 1
        else:
            kept.append(snippet)
    return kept, lost


def relativize_segments(
    segments: Sequence[Segment], snippet_start: float, snippet_end: float
) -> list[Segment]:
    """Copies of segments whose times, and their words' times, count from a snippet's start.

    Times outside of the snippet, by which words miss their segment now and then, are put at its edge.
    """
    length = max(0.0, snippet_end - snippet_start)

    def moved(item: dict[str, Any]) -> dict[str, Any]:
        times = {key: item[key] for key in ("start", "end") if key in item}
        return item | {
            key: min(length, max(0.0, time - snippet_start)) for key, time in times.items()
        }

    out: list[Segment] = []
    for segment in segments:
        shifted = moved(segment)
        if segment.get("words"):
            shifted["words"] = [moved(word) for word in segment["words"]]
        out.append(shifted)
    return out


def most_repeats(tokens: Sequence[int], size: int) -> int:
    """How often the most frequent run of so many tokens stands in a text; 0 if it is shorter.

    Example:
        >>> most_repeats([1, 2, 1, 2, 1], 2)
        2
    """
    runs = Counter(zip(*(tokens[i:] for i in range(size)), strict=False))
    return max(runs.values(), default=0)
