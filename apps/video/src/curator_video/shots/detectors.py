"""Find hard cuts by how much one frame differs from the one before.

A change that soon goes back, such as a flash, is no cut. Gradual changes are in `fades.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from curator_video.shots.changes import Changes, Floats, Thumbs, lasting
from curator_video.shots.cuts import Cut, hard

CONTENT_THRESHOLD = 20.0
"""Least difference from the frame before, of levels from 0 to 255."""
ADAPTIVE_THRESHOLD = 3.0
"""Least ratio of that difference to those around it."""
LEAST_STEP = 6.0
"""Least difference of a cut that stands out."""
LASTS = 0.5
"""Least share of the difference that lasts."""
_AROUND = 5
_RANK = 7
"""Place, from the least and from 0, of the difference among the ten around that each is compared with: the
two differences of a flash are higher, so they do not count."""


@dataclass(frozen=True, kw_only=True)
class Jumps:
    """Frames that differ from the one before more than those around them; all of one length."""

    frames: list[int]
    step: Floats
    """The difference from the frame before; see `Changes`."""
    ratio: Floats
    """Of the step to the steps around it."""
    lasts: Floats
    """From 0 to 1; see `lasting`."""


def find_jumps(changes: Changes, thumbs: Thumbs, *, step: float, ratio: float) -> Jumps:
    """The frames at which the step and its ratio to those around are at least so much."""
    frames = peaks(changes, step=step, ratio=ratio)
    return Jumps(
        frames=frames,
        step=changes.step[frames],
        ratio=standing_out(changes.step)[frames],
        lasts=lasting(thumbs, frames),
    )


def peaks(changes: Changes, *, step: float, ratio: float) -> list[int]:
    """The frames with the highest step around, if it and its ratio to the others are at least so much."""
    if not len(changes.step):
        return []
    highest = sliding_window_view(np.pad(changes.step, 2), 5).max(axis=1)
    good = (changes.step >= step) & (standing_out(changes.step) >= ratio)
    return [int(frame) for frame in np.flatnonzero(good & (changes.step >= highest)) if frame > 0]


def candidates(changes: Changes, *, step: float, ratio: float) -> list[int]:
    """The peaks, and steps beside one that stand out as well, as a cut does beside the flash that hides it."""
    found = set(peaks(changes, step=step, ratio=ratio))
    beside = {frame + way for frame in found for way in (-2, -1, 1, 2)} - found
    also = [frame for frame in beside if 0 < frame < len(changes.step)]
    ratios = standing_out(changes.step)
    found.update(f for f in also if changes.step[f] >= step and ratios[f] >= ADAPTIVE_THRESHOLD)
    return sorted(found)


def standing_out(step: Floats) -> Floats:
    """The ratio of each step to the steps of the five frames before and after."""
    if not len(step):
        return step
    windows = sliding_window_view(np.pad(step, _AROUND, mode="edge"), 2 * _AROUND + 1)
    others = np.delete(windows, _AROUND, axis=1)
    return step / (np.partition(others, _RANK, axis=1)[:, _RANK] + 1)


def content_cuts(changes: Changes, thumbs: Thumbs, threshold: float) -> list[Cut]:
    """Cuts where the difference itself is large; the score is that difference."""
    jumps = find_jumps(changes, thumbs, step=threshold, ratio=0)
    return _lasting_cuts(jumps, jumps.step)


def adaptive_cuts(changes: Changes, thumbs: Thumbs, threshold: float) -> list[Cut]:
    """Cuts where the difference stands out from those around; the score is the ratio."""
    jumps = find_jumps(changes, thumbs, step=LEAST_STEP, ratio=threshold)
    return _lasting_cuts(jumps, jumps.ratio)


def _lasting_cuts(jumps: Jumps, scores: Sequence[float] | Floats) -> list[Cut]:
    return [
        hard(frame, float(score))
        for frame, score, lasts in zip(jumps.frames, scores, jumps.lasts, strict=True)
        if lasts >= LASTS
    ]
