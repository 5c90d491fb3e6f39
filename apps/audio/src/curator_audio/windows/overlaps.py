"""Choose among spans that overlap: of two that share too much, the one nearer to a wanted length stays."""

from collections.abc import Sequence

type Span = tuple[float, float]
"""Start and end in seconds."""


def overlap_share(first: Span, second: Span) -> float:
    """Seconds that two spans share, as a share of the shorter one.

    Example:
        >>> overlap_share((0.0, 10.0), (8.0, 12.0))
        0.5
    """
    shared = min(first[1], second[1]) - max(first[0], second[0])
    shorter = min(first[1] - first[0], second[1] - second[0])
    return max(0.0, shared) / shorter if shorter else 0.0


def without_overlaps(spans: Sequence[Span], *, least_share: float, target_s: float) -> list[int]:
    """Indices of the spans that stay, in the order of their starts.

    Each span in order is compared with those that start before it ends; where they share at least
    `least_share` of the shorter one, the span whose length is nearer to `target_s` stays, and at the
    same distance the longer one, or the earlier one.
    """
    order = sorted(range(len(spans)), key=lambda i: spans[i])
    lost: set[int] = set()
    for place, i in enumerate(order):
        if i in lost:
            continue
        for j in order[place + 1 :]:
            if spans[j][0] >= spans[i][1]:
                break
            if j in lost or overlap_share(spans[i], spans[j]) < least_share:
                continue
            if _is_better(spans[i], spans[j], target_s):
                lost.add(j)
            else:
                lost.add(i)
                break
    return [i for i in order if i not in lost]


def _is_better(first: Span, second: Span, target_s: float) -> bool:
    lengths = [end - start for start, end in (first, second)]
    here, there = (abs(length - target_s) for length in lengths)
    return here < there or (here == there and lengths[0] >= lengths[1])
