"""Which times are one speaker's alone, where turns of several overlap."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from curator_audio.speakers.turns import Span

type Spans = dict[str, list[Span]]


def without_overlaps(spans: Mapping[str, Sequence[Span]], *, buffer_s: float = 0.0) -> Spans:
    """The times in which nobody else speaks, by speaker.

    Args:
        spans: Of each speaker, in seconds.
        buffer_s: Taken off beside each overlap, where a voice is still heard under the other.

    Example:
        >>> without_overlaps({"a": [(0, 4)], "b": [(3, 6)]}, buffer_s=0.5)
        {'a': [(0, 2.5)], 'b': [(4.5, 6)]}
    """
    alone: Spans = {speaker: [] for speaker in spans}
    moments = _moments(spans)
    for i, (start, end, active) in enumerate(moments):
        if len(active) != 1:
            continue
        before = moments[i - 1][2] if i and moments[i - 1][1] == start else ()
        after = moments[i + 1][2] if i + 1 < len(moments) else ()
        first = start + buffer_s if len(before) > 1 else start
        last = end - buffer_s if len(after) > 1 else end
        if last > first:
            alone[active[0]].append((first, last))
    return alone


def cut_at_overlaps(spans: Mapping[str, Sequence[Span]]) -> Spans:
    """Each moment as one speaker's: who began last of those that speak.

    Args:
        spans: Of each speaker, in seconds.

    Example:
        >>> cut_at_overlaps({"a": [(0, 6)], "b": [(3, 4)]})
        {'a': [(0, 3), (4, 6)], 'b': [(3, 4)]}
    """
    own: Spans = {speaker: [] for speaker in spans}
    for start, end, active in _moments(spans):
        if active:
            own[active[-1]].append((start, end))
    return {speaker: joined(found) for speaker, found in own.items()}


def joined(spans: Iterable[Span], *, gap_s: float = 0.0) -> list[Span]:
    """The spans in order, as one where they overlap or are at most a gap apart.

    Example:
        >>> joined([(2.05, 3), (0, 2)], gap_s=0.1)
        [(0, 3)]
    """
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start - found[-1][1] <= gap_s:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _moments(spans: Mapping[str, Sequence[Span]]) -> list[tuple[float, float, tuple[str, ...]]]:
    """Times between which nobody begins or ends, with who speaks, in the order in which they began."""
    turns = [(start, end, who) for who, each in spans.items() for start, end in joined(each)]
    turns.sort()
    edges = sorted({edge for start, end, _ in turns for edge in (start, end)})
    return [
        (a, b, tuple(who for start, end, who in turns if start <= a and end >= b))
        for a, b in pairwise(edges)
    ]
