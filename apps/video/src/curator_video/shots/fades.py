"""Find fades: changes through black, white or another plain colour.

A stretch that is dark or has little contrast need not be a fade: it must also be plain, be short,
and have another picture after it than before it. Dissolves and wipes are in `gradual.py`.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from curator_video.shots.changes import Changes, Floats, Thumbs
from curator_video.shots.cuts import NEAR, Cut, hard
from curator_video.shots.frame_stride import frames_at
from curator_video.shots.likeness import outlines, unlike_moved

FLAT = 4.0
"""Contrast below which a picture is flat."""
_PLAIN = 1.0
"""Contrast below which there is nothing to be seen."""
_DIP = 12
"""Frames of a fade that is flat but never plain, at most."""
_LONGEST = 48
"""Plain frames of a fade at most; more of them are a shot of their own."""
_REACH = 24
"""Frames on each side in which a fade begins and ends."""
_DARK = 4.8
"""Contrast that the darker of two shots around a fade has at least."""
_ANOTHER = 0.5
"""How unlike the pictures before and after a fade are at least."""
_GAP = 8
"""Frames between two plain stretches of one fade, at most."""
_STALL, _RISE = 3, 1.05
"""A fade goes on if contrast grows by this factor in these many frames."""


def fade_cuts(
    changes: Changes, thumbs: Thumbs, jumps: Sequence[Cut] = (), *, rate: float = 0.0
) -> list[Cut]:
    """Changes through a plain colour; the score is how deep contrast falls.

    Args:
        changes: Of all frames.
        thumbs: The same frames.
        jumps: Hard cuts. One into or out of the plain frames is a part of the fade; the others bound it.
        rate: Frames per second; a slower video has shorter fades.

    Returns:
        The fades and the hard cuts that are no part of one, in order.
    """
    contrast = changes.contrast
    walls = sorted({cut.frame for cut in jumps})
    fades: list[Cut] = []
    rest = list(jumps)
    longest, reach = (frames_at(rate, frames) for frames in (_LONGEST, _REACH))
    for first, stop in _plain(contrast, frames_at(rate, _DIP)):
        # A stretch that is plain from the first frame on, or to the last, does not lie between two
        # shots.
        if first == 0 or stop == len(contrast):
            continue
        before = max((wall for wall in walls if wall <= first + NEAR), default=0)
        after = min((wall for wall in walls if wall >= stop - NEAR), default=len(contrast))
        # A cut beside it, with a frame in between that is not plain, leads from or to another shot.
        before, after = before + (0 < before < first), after - (stop < after < len(contrast))
        start = min(first, max(before, _outward(contrast, first, -reach)))
        end = max(stop, min(after, _outward(contrast, stop - 1, reach) + 1))
        sides = contrast[max(0, start - 1) : first + 1].max(), contrast[stop - 1 : end + 1].max()
        if min(sides) < _DARK or max(sides) < 2 * FLAT:
            continue
        rest = [cut for cut in rest if not first <= cut.frame <= stop]
        depth = 1 - float(contrast[first:stop].min() / max(sides))
        if stop - first > longest:
            fades += [_change(start, first, depth), _change(stop, end, depth)]
        elif _is_another(thumbs, start - 1, end):
            lowest = np.flatnonzero(contrast[first:stop] <= contrast[first:stop].min() + 0.5)
            frame = first + int(lowest[len(lowest) // 2])
            fades.append(Cut(frame=frame, start=start, end=end, kind="fade", score=depth))
    return sorted([*fades, *rest], key=lambda cut: cut.frame)


def _plain(contrast: Floats, dip: int) -> Iterator[tuple[int, int]]:
    """The stretches [start, stop) that may be the middle of a fade."""
    for first, stop in runs(contrast < FLAT):
        plain = [(first + a, first + b) for a, b in runs(contrast[first:stop] < _PLAIN)]
        if not plain and stop - first <= dip:
            plain = [(first, stop)]
        yield from _joined(plain, _GAP)


def _is_another(thumbs: Thumbs, before: int, after: int) -> bool:
    """Whether two frames show different pictures."""
    frames = [max(0, before), min(len(thumbs) - 1, after)]
    old, new = outlines(np.asarray(thumbs[frames]))
    return unlike_moved(old, new) >= _ANOTHER


def _change(start: int, end: int, score: float) -> Cut:
    """A change to or from a plain shot."""
    if end - start <= NEAR:
        return hard(end, score)
    return Cut(frame=(start + end) // 2, start=start, end=end, kind="fade", score=score)


def runs(marks: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The stretches [start, stop) of frames that are marked."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marks.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _joined(stretches: list[tuple[int, int]], gap: int) -> Iterator[tuple[int, int]]:
    """The stretches, those with fewer frames between them as one."""
    last: tuple[int, int] | None = None
    for first, stop in stretches:
        if last is not None and first - last[1] < gap:
            last = last[0], stop
            continue
        if last is not None:
            yield last
        last = first, stop
    if last is not None:
        yield last


def _outward(contrast: Floats, frame: int, reach: int) -> int:
    """The last frame from here on, of so many ahead (or back), at which contrast still rises."""
    last, step = len(contrast) - 1, 1 if reach > 0 else -1
    for _ in range(abs(reach)):
        ahead = [min(max(frame + step * i, 0), last) for i in range(1, _STALL + 1)]
        if contrast[ahead].max() <= _RISE * contrast[frame]:
            break
        frame = ahead[0]
    return frame
