"""Make limits that are counted in frames the same seconds at every frame rate.

The limits of shot detection are made for 24 to 30 frames per second. Of a faster video every second
frame is looked at, or every fourth, and what is found there is then looked for among all frames. In
a slower one, the longest changes have fewer frames.
"""

from dataclasses import replace

import numpy as np

from curator_video.shots.changes import Thumbs, difference, luma_and_colour
from curator_video.shots.cuts import Cut

USUAL = 24.0
"""Frames per second from which limits hold as they are; for slower videos they are scaled."""
_FASTEST = 30.0
_FAST = 45.0
"""Frames per second from which some are passed over, so that about `_FASTEST` are looked at."""


def stride_for(rate: float) -> int:
    """One in how many frames is looked at, at so many frames per second."""
    return round(rate / _FASTEST) if rate >= _FAST else 1


def frames_at(rate: float, frames: int) -> int:
    """How many frames a slower video has in the time of these."""
    return round(frames * min(1.0, rate / USUAL)) if rate else frames


def among_all(cuts: list[Cut], thumbs: Thumbs, stride: int) -> list[Cut]:
    """Cuts that were found in one frame of every so many, in the numbers of all frames.

    A gradual change has all frames that may belong to it.
    """
    return [_among_all(cut, thumbs, stride) for cut in cuts]


def _among_all(cut: Cut, thumbs: Thumbs, stride: int) -> Cut:
    last = len(thumbs)
    if cut.start == cut.end:
        frame = _sharpest(thumbs, max(0, (cut.frame - 1) * stride), cut.frame * stride)
        return replace(cut, frame=frame, start=frame, end=frame)
    start = max(0, (cut.start - 1) * stride + 1)
    return replace(cut, frame=cut.frame * stride, start=start, end=min(cut.end * stride, last))


def _sharpest(thumbs: Thumbs, before: int, after: int) -> int:
    """The frame in (before, after] that differs most from the one before it."""
    luma, colour = luma_and_colour(np.asarray(thumbs[before : after + 1]))
    steps = difference((luma[:-1], colour[:-1]), (luma[1:], colour[1:]))
    return before + 1 + int(np.argmax(steps))
