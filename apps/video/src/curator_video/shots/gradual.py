"""Find changes in which one picture becomes another over some frames: dissolves and wipes.

Between the two, every part of the picture is the old one, the new one, or a mixture of both, and more
and more of it is new, which no motion does. Fades through a plain colour are in `fades.py`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from curator_video.shots.changes import REACHES, Changes, Floats, Thumbs, cells_of, steady
from curator_video.shots.cuts import Cut
from curator_video.shots.frame_stride import frames_at
from curator_video.shots.likeness import outlines, unlike, unlike_moved

GRADUAL_THRESHOLD = 0.1
"""Least `Changes.mixed` of a gradual change."""
_BEGUN = 0.06
"""Share of the new picture from which a change has begun, and of the old one below which it is over."""
_LEAST_FRAMES = 3
_MARGIN = 2
_STEPS, _STILL = 4, 0.6
"""Steps in which a change is looked at, and share of the difference that is left in each step after the
picture was moved, if it does not just move."""
_CUT_OFF = 0.8
"""Factor of the fit of a change that may go on beyond the frames that were looked at."""
LEAST_FIT = 0.32
"""Least `Gradual.fit` of a gradual change."""
_MOST_LEFT, _MOST_WAY, _LEAST_RISING = 0.4, 2.0, 0.9
"""What `Course` may say of a gradual change."""
_BETWEEN = 0.2, 0.8
"""Shares of the new picture in a part that is neither the old nor the new one."""


@dataclass(frozen=True, kw_only=True)
class Gradual:
    """A gradual change, and how well it fits what one is, from 0 to 1."""

    cut: Cut
    fit: float
    whole: bool
    """Whether the old and the new picture were seen before and after it, within its reach."""


@dataclass(frozen=True, kw_only=True)
class _Course:
    """How one picture becomes another."""

    shares: Floats
    """Of the new picture in each frame, shape (frames,)."""
    left: float
    """Of the difference between the two, what is in neither of them and in no mixture."""
    way: float
    """How far each part goes from the old picture to the new, and back, and to the new again; 1 if
    it never goes back."""
    rising: float
    """Correlation of the share of the new one with time."""
    mixed: float
    """Share of the parts, half-way, that are neither the old nor the new picture."""


def gradual_changes(
    changes: Changes,
    thumbs: Thumbs,
    *,
    threshold: float = GRADUAL_THRESHOLD,
    walls: Sequence[int] = (),
    rate: float = 0.0,
) -> list[Gradual]:
    """The gradual changes in order; the score of each cut is the highest `Changes.mixed`.

    Args:
        changes: Of all frames.
        thumbs: The same frames.
        threshold: Least `Changes.mixed`.
        walls: Hard cuts, which no gradual change contains.
        rate: Frames per second; a slower video has shorter changes.
    """
    taken: list[Gradual] = []
    cut_off: list[Gradual] = []
    # Short ones first: a change is the same for a longer reach, but with more motion around it.
    for frame, reach in _peaks(changes.mixed, threshold, frames_at(rate, REACHES[-1])):
        if any(one.cut.start - _MARGIN <= frame < one.cut.end + _MARGIN for one in taken):
            continue
        first = max([0, frame - reach, *(wall for wall in walls if wall <= frame)])
        last = min([len(thumbs) - 1, frame + reach, *(wall - 1 for wall in walls if wall > frame)])
        one = _gradual(thumbs, first, last, float(changes.mixed[frame].max()))
        if one is not None and not one.whole:
            cut_off.append(one)
        elif one is not None and not _overlaps(one, taken):
            taken.append(one)
    for one in sorted(cut_off, key=lambda one: (-one.fit, one.cut.frame)):
        if not _overlaps(one, taken):
            taken.append(one)
    return sorted(taken, key=lambda one: one.cut.frame)


def _overlaps(one: Gradual, others: list[Gradual]) -> bool:
    return any(one.cut.start < o.cut.end and o.cut.start < one.cut.end for o in others)


def _peaks(mixed: Floats, threshold: float, longest: int) -> Iterator[tuple[int, int]]:
    """The frames that look most mixed of those around, with the reach by which they do."""
    for i, reach in enumerate(REACHES if len(mixed) else ()):
        if i and reach > longest:
            return
        side, column = reach // 2, mixed[:, i]
        highest = sliding_window_view(np.pad(column, side), 2 * side + 1).max(axis=1)
        peaks = np.flatnonzero((column >= threshold) & (column >= highest))
        yield from ((int(frame), reach) for frame in peaks)


def _gradual(thumbs: Thumbs, first: int, last: int, score: float) -> Gradual | None:
    """The change between two frames, if there is one, and if both pictures are there before and after."""
    cells = steady(cells_of(np.asarray(thumbs[first : last + 1])))
    inside = _inside(_course(cells).shares)
    # A change that goes on beyond these frames has its share of them at each end.
    still = 1 + _BEGUN * len(cells)
    if inside is None:
        return None
    whole = inside[0] >= still and len(cells) - inside[1] >= still
    # Once more between the frames just before and after, so that the motion of both shots counts less.
    old, new = max(0, inside[0] - 1), min(len(cells) - 1, inside[1])
    course = _course(cells[old : new + 1])
    inside = _inside(course.shares)
    if inside is None or inside[1] - inside[0] < _LEAST_FRAMES:
        return None
    if course.left > _MOST_LEFT or course.way > _MOST_WAY or course.rising < _LEAST_RISING:
        return None
    jump = float(np.diff(course.shares).max())
    fit = (1 - course.left) ** 2 * (1 - jump) * course.rising / max(1.0, course.way)
    fit *= 1.0 if whole else _CUT_OFF
    if fit < LEAST_FIT:
        return None
    looks = _looks(thumbs, first + old, first + new)
    fit *= looks
    if fit < LEAST_FIT:
        return None
    start, end = first + old + inside[0], first + old + inside[1]
    kind = "dissolve" if course.mixed >= 0.5 else "wipe"
    cut = Cut(frame=(start + end) // 2, start=start, end=end, kind=kind, score=score)
    return Gradual(cut=cut, fit=fit, whole=whole)


def _looks(thumbs: Thumbs, old: int, new: int) -> float:
    """How much two frames look like other pictures, and not like one that has moved; from 0 to 1."""
    frames = np.linspace(old, new, _STEPS + 1).round().astype(int)
    seen = outlines(np.asarray(thumbs[frames]))
    # The mean of all parts and the middle one: where it is smooth, a pan changes some parts only.
    apart = (unlike_moved(seen[0], seen[-1]) + float(unlike(seen[:1], seen[-1:])[0])) / 2
    apart = min(1.0, apart)
    if apart < LEAST_FIT:
        return 0.0
    moved = sum(unlike_moved(a, b) for a, b in pairwise(seen))
    still = _STILL * float(np.abs(np.diff(seen, axis=0)).mean((1, 2)).sum())
    return apart * min(1.0, moved / (still + 1e-6))


def _inside(shares: Floats) -> tuple[int, int] | None:
    """The frames [start, end) that are neither all old nor all new."""
    places = np.flatnonzero((shares > _BEGUN) & (shares < 1 - _BEGUN))
    return (int(places[0]), int(places[-1]) + 1) if len(places) else None


def _course(cells: Floats) -> _Course:
    """How the first of these pictures becomes the last, shape (frames, 9, 16, 3)."""
    old = cells[0]
    way = cells[-1] - old
    length = (way * way).sum(2)
    parts = (((cells - old) * way).sum(3) / (length + 25)).clip(0, 1)
    weights = np.sqrt(length) / (np.sqrt(length).sum() + 1)
    left = np.abs(cells - old - parts[..., None] * way).mean() / (np.abs(way).mean() + 1)
    shares = (parts * weights).sum((1, 2))
    steps = (np.abs(np.diff(parts, axis=0)) * weights).sum()
    moving = np.ptp(shares) > 0 and len(shares) > 1
    middle = int(np.argmin(np.abs(shares - 0.5)))
    between = (parts[middle] > _BETWEEN[0]) & (parts[middle] < _BETWEEN[1])
    return _Course(
        shares=shares,
        left=float(left),
        way=float(steps),
        rising=float(np.corrcoef(shares, np.arange(len(shares)))[0, 1]) if moving else 0.0,
        mixed=float((between * weights).sum()),
    )
