"""Find pushes: one picture shoves the other out of the frame, as one slide does the next.

What moves like that may be a pan or a page that scrolls. A push goes from rest to rest by exactly the size
of the frame, and each frame of it is the two pictures side by side.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from curator_video.read.luma import luma_of
from curator_video.read.track import THUMB_HEIGHT, THUMB_WIDTH
from curator_video.shots.changes import Changes, Floats, Thumbs
from curator_video.shots.cuts import Cut
from curator_video.shots.fades import runs
from curator_video.shots.frame_stride import frames_at
from curator_video.shots.likeness import outlines, unlike_moved

_LEAST_SPEED = 0.4
"""Pixels per frame from which something may be pushed; twice as much crosses the frame in a second and more."""
_LEAST_FRAMES = 5
_WAY = 0.9, 1.1
"""How far it goes, in sizes of the frame; the pictures may move as well."""
_REST = 5, 0.35
"""Frames before and after, and how fast they are at most, against the push."""
_ANOTHER = 0.5
"""How unlike the pictures before and after are at least."""
_MOST_LEFT = 0.4
"""Of the difference between the two, what is in neither, at most."""
_MOST_OFF = 0.05
"""How far the joint of the two pictures is from where the speed has brought it, on average, in sizes of the frame."""
_MOST_JUMP = 0.25
"""By how much the joint moves from one frame to the next, at most, in sizes of the frame."""


@dataclass(frozen=True, kw_only=True)
class _Motion:
    """A stretch from rest to rest."""

    old: int
    """The last frame before it."""
    new: int
    """The first frame after it."""
    axis: int
    """0 for down, 1 for across."""
    way: Floats
    """How far it has come in each frame after `old` up to `new`, in pixels; below 0 if up or to the left."""


def find_pushes(changes: Changes, thumbs: Thumbs, *, rate: float = 0.0) -> list[Cut]:
    """The pushes in order; the score is how well both pictures side by side fit, from 0 to 1.

    Args:
        changes: Of all frames.
        thumbs: The same frames.
        rate: Frames per second; a slower video has shorter pushes.
    """
    found: list[Cut] = []
    for motion in _motions(changes.speed, frames_at(rate, _LEAST_FRAMES)):
        left = _left(motion, np.asarray(thumbs[motion.old : motion.new + 1]))
        if left > _MOST_LEFT:
            continue
        start, end = motion.old + 1, motion.new
        frame = (start + end) // 2
        found.append(Cut(frame=frame, start=start, end=end, kind="wipe", score=1 - left))
    return sorted(found, key=lambda cut: cut.frame)


def _motions(speed: Floats, least: int) -> Iterator[_Motion]:
    """What moves from rest to rest by about the size of the frame."""
    for axis in (0, 1):
        size = (THUMB_HEIGHT, THUMB_WIDTH)[axis]
        for sign in (-1, 1):
            fast = speed[:, axis] * sign
            for first, stop in runs(fast >= _LEAST_SPEED):
                if stop - first < least or fast[first:stop].sum() < _WAY[0] * size:
                    continue
                motion = _from_rest(fast, first, stop)
                if motion is None:
                    continue
                old, new = motion
                # A speed is that over the steps before and after, so half of it lies ahead.
                way: Any = np.cumsum(fast[old : new + 1]) - fast[old : new + 1] / 2
                way[-1] += fast[new] / 2
                if new - old > least and _WAY[0] * size <= way[-1] <= _WAY[1] * size:
                    yield _Motion(old=old, new=new, axis=axis, way=way[1:] * sign)


def _from_rest(fast: Floats, first: int, stop: int) -> tuple[int, int] | None:
    """The frames just before and after the fast part of a stretch, if there is rest on both sides."""
    usual = float(np.quantile(fast[first:stop], 0.75))
    core = np.flatnonzero(fast[first:stop] >= 0.75 * usual) + first
    # The frames beside the motion have half of its speed.
    old, new = int(core[0]) - 1, int(core[-1]) + 1
    frames, most = _REST
    if old < 0 or new + 1 >= len(fast):
        return None
    sides = fast[max(0, old - frames) : old], fast[new + 1 : new + 1 + frames]
    if any(not len(side) or np.median(np.abs(side)) > most * usual for side in sides):
        return None
    return old, new


def _left(motion: _Motion, thumbs: Thumbs) -> float:
    """What is in neither picture, as a share of their difference; more than 1 if it is no push."""
    before, after = outlines(thumbs[[0, -1]])
    if unlike_moved(before, after) < _ANOTHER:
        return 2.0
    luma = luma_of(thumbs)
    size = luma.shape[motion.axis + 1]
    apart = np.abs(_side_by_side(luma[0], luma[-1], motion)[:, None] - luma[None, 1:-1]).mean(
        (2, 3)
    )
    joints = apart.argmin(axis=0)
    steps = np.abs(np.diff(joints, prepend=0, append=size))
    off = np.abs(joints / size - motion.way[:-1] / motion.way[-1]).mean()
    if off > _MOST_OFF or steps.max() > _MOST_JUMP * size:
        return 2.0
    return float(apart.min(axis=0).mean() / (np.abs(luma[0] - luma[-1]).mean() + 1))


def _side_by_side(old: Floats, new: Floats, motion: _Motion) -> Floats:
    """Both pictures beside each other, seen from each place between the two; shape (places, 27, 48)."""
    on = motion.way[-1] > 0
    both = np.concatenate([new, old] if on else [old, new], axis=motion.axis)
    size = old.shape[motion.axis]
    begins = range(size, -1, -1) if on else range(size + 1)
    return np.stack([both.take(range(at, at + size), axis=motion.axis) for at in begins])
