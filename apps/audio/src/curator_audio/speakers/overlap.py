"""Spans in which two people speak at once, from how likely that is at each moment."""

import numpy as np
from numpy.typing import NDArray

from curator_audio.speakers.turns import Span

LEAST_S = 0.25
"""Shortest overlap that counts, in seconds: shorter ones are "hm" and the network's doubt."""
_LEAST_CHANCE = 0.5


def overlap_spans(
    chances: NDArray[np.float32],
    *,
    frame_s: float,
    least_s: float = LEAST_S,
    start_s: float = 0.0,
) -> list[Span]:
    """Where two speak at once.

    Args:
        chances: How likely that is, shape (frames,).
        frame_s: Seconds from one frame to the next.
        least_s: Shortest span.
        start_s: Second of the recording at which the first frame lies.

    Example:
        >>> overlap_spans(np.array([0, 1, 1, 0], np.float32), frame_s=0.5)
        [(0.5, 1.5)]
    """
    over = np.concatenate(([False], chances >= _LEAST_CHANCE, [False]))
    edges = np.flatnonzero(over[1:] != over[:-1]).reshape(-1, 2)
    return [
        (start_s + float(first) * frame_s, start_s + float(end) * frame_s)
        for first, end in edges
        if (end - first) * frame_s >= least_s
    ]
