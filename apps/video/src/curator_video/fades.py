"""Find gradual changes: through black or white, where the picture goes flat, and dissolves.

A dissolve is seen by twin comparison: the frames before and after it are unlike, and the one in the
middle looks like the mean of both, which no motion does.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from curator_video.changes import REACHES, Changes, Floats, Thumbs, mixture
from curator_video.shots import NEAR, Cut

DISSOLVE_THRESHOLD = 0.1
"""Least `Changes.mixed` of a dissolve."""
FLAT = 4.0
"""Contrast below which a picture is flat."""
_REACH = 24
"""Frames on each side in which a fade begins and ends."""
_DARK = 4.8
"""Contrast that the darker of two shots around a fade has at least."""
_LONGEST = 120
"""Frames of a dissolve at most."""
_MOST_LEFT, _LEAST_RISING = 0.4, 0.85
"""What `mixture` may say of a dissolve."""
_STALL, _RISE = 3, 1.05
"""A fade goes on if contrast grows by this factor in these many frames."""


def fade_cuts(changes: Changes, jumps: Sequence[Cut] = ()) -> list[Cut]:
    """Changes through black, white or another plain colour; the score is how deep contrast falls.

    Args:
        changes: Of all frames.
        jumps: Hard cuts. One into or out of the flat frames is a part of the fade; the others bound it.

    Returns:
        The fades and the hard cuts that are no part of one, in order.
    """
    contrast = changes.contrast
    fades: list[Cut] = []
    rest = list(jumps)
    for first, stop in runs(contrast < FLAT):
        # What is flat from the first frame or to the last is no change between two shots.
        if first == 0 or stop == len(contrast):
            continue
        walls = sorted({cut.frame for cut in jumps})
        before = max((wall for wall in walls if wall <= first + NEAR), default=0)
        after = min((wall for wall in walls if wall >= stop - NEAR), default=len(contrast))
        start = max(before, _outward(contrast, first, -1))
        end = min(after, _outward(contrast, stop - 1, 1) + 1)
        sides = contrast[max(0, start - 1) : first + 1].max(), contrast[stop - 1 : end + 1].max()
        if min(sides) < _DARK or max(sides) < 2 * FLAT:
            continue
        rest = [cut for cut in rest if not first - NEAR <= cut.frame <= stop + NEAR]
        lowest = np.flatnonzero(contrast[first:stop] <= contrast[first:stop].min() + 0.5)
        frame = first + int(lowest[len(lowest) // 2])
        depth = 1 - float(contrast[frame] / max(sides))
        fades.append(Cut(frame=frame, start=start, end=end, kind="fade", score=depth))
    return sorted([*fades, *rest], key=lambda cut: cut.frame)


def dissolve_cuts(
    changes: Changes, thumbs: Thumbs, threshold: float = DISSOLVE_THRESHOLD
) -> list[Cut]:
    """Dissolves; the score is the highest `Changes.mixed`."""
    mixed = changes.mixed
    cuts: list[Cut] = []
    for first, stop in _joined(runs(mixed >= threshold), max(REACHES)):
        frame = first + int(np.argmax(mixed[first:stop]))
        start = max(0, first - min(REACHES) // 2)
        end = min(len(mixed), stop + min(REACHES) // 2)
        if not _is_dissolve(thumbs, start, end):
            continue
        score = float(mixed[frame])
        cuts.append(Cut(frame=frame, start=start, end=end, kind="dissolve", score=score))
    return cuts


def _is_dissolve(thumbs: Thumbs, start: int, end: int) -> bool:
    """Whether frames [start, end) go from the picture before them to the one after; a slow pan does not."""
    first, last = max(0, start - 2), min(len(thumbs) - 1, end + 1)
    if end - start > _LONGEST:
        return False
    left, rising = mixture(thumbs, first, last)
    return left <= _MOST_LEFT and rising >= _LEAST_RISING


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


def _outward(contrast: Floats, frame: int, step: int) -> int:
    """The last frame from here on, in that direction, at which contrast still rises."""
    last = len(contrast) - 1
    for _ in range(_REACH):
        ahead = [min(max(frame + step * i, 0), last) for i in range(1, _STALL + 1)]
        if contrast[ahead].max() <= _RISE * contrast[frame]:
            break
        frame = ahead[0]
    return frame
