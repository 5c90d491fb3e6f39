"""How unlike two pictures are, whatever the light: 0 for the same, from about 0.5 for any two.

Pictures are compared as outlines: luma with the mean and the spread of each picture taken out, so that a
flash, a strobe or coloured light changes little. Parts may move a little, and the whole may scroll.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from curator_video.read.luma import luma_of
from curator_video.shots.changes import Floats, Thumbs, fitted

UNLIKE = 0.32
"""Least `across` of a change of shots."""
_ALIKE = 0.16
"""Value of `across` from which further measures are taken; below it the pictures are alike."""
_TOGETHER = 256
_NOISE = 3.0
"""Added to the spread, so that the noise of a flat picture does not become its outline."""
_SIDE = 5
"""Frames on each side of a change that are looked at: what is back within these is no other shot."""
_RESTLESS = 0.4
"""How much of the change within each side is taken off the change from one to the other."""
_PEAKS = 3
"""Shifts of the whole picture that are tried besides none."""
_SAME_LIT, _SAME_SOFT = 0.5, 0.35
"""`unlike_lit` and `_unlike_softened` of one picture are below this; of any two, they are about 1 and 0.8."""
_EXPOSED = 10, 245
"""Levels between which a colour is neither black nor white."""
_LEAST_SEEN, _LEAST_SPREAD = 0.25, 6.0
"""Share of a picture that is well exposed, and the spread of a colour there, from which it says something."""
_LEAST_OVERLAP = 0.4
"""Share of the picture that is still to be seen after a shift."""


def outlines(thumbs: Thumbs) -> Floats:
    """Luma of mean 0 and spread 1, less where there is little contrast; shape (frames, 27, 48)."""
    return _outlined(luma_of(thumbs))


def _outlined(luma: Floats) -> Floats:
    """As `outlines`, of luma."""
    mean = luma.mean((1, 2), keepdims=True)
    seen: Any = (luma - mean) / (luma.std((1, 2), keepdims=True) + _NOISE)
    return seen


def unlike(old: Floats, new: Floats) -> Floats:
    """Difference of pairs of outlines, each part where it fits best, shape (pairs,).

    It is that of the middle part of all, as a figure that leaps changes some parts much and others not.
    """
    parts = np.sort(fitted(old, new, 1).reshape(len(old), -1), axis=1)
    middle = parts.shape[1] // 2
    found: Any = (parts[:, middle - 1] + parts[:, middle]) / 2
    return found


def unlike_moved(old: Floats, new: Floats) -> float:
    """Mean difference of one pair, if the whole picture may have scrolled or panned in between."""
    best = float(fitted(old[None], new[None], 1).mean())
    for down, across in _shifts(old, new):
        a, b = _overlap(old, new, down, across)
        if a.size < _LEAST_OVERLAP * old.size:
            continue
        best = min(best, float(np.abs(_nudged(b) - a[1:-1, 1:-1]).mean((2, 3)).min()))
    return best


def unlike_lit(old: Thumbs, new: Thumbs) -> float:
    """Mean difference of the outlines of two RGB frames in each colour, where both are well exposed.

    It is low for the same picture in coloured light, or where a flash whites out some of it; 1 if there is
    too little to be seen.
    """
    a, b = np.moveaxis(old[1:-1, 1:-1], 2, 0).astype(np.float32), _nudged(new.astype(np.float32))
    seen = (np.minimum(a, b) > _EXPOSED[0]) & (np.maximum(a, b) < _EXPOSED[1])
    count: Any = seen.sum((-2, -1)) + 1e-6
    levels: list[Any] = [
        (each - _each((each * seen).sum((-2, -1)) / count)) * seen for each in (a, b)
    ]
    spreads: list[Any] = [np.sqrt((each * each).sum((-2, -1)) / count) + 1e-6 for each in levels]
    apart = np.abs(levels[0] / _each(spreads[0]) - levels[1] / _each(spreads[1]))
    least = np.minimum(*spreads)
    weight = count * least * ((count > _LEAST_SEEN * a[0].size) & (least > _LEAST_SPREAD))
    total = weight.sum(-1)
    found = (apart.sum((-2, -1)) / count * weight).sum(-1) / (total + 1e-6)
    return float(np.min(found, initial=1.0, where=total > 0))


def _each(numbers: Floats) -> Floats:
    """One number for each pixel of its picture."""
    return numbers[..., None, None]


def across(thumbs: Thumbs, frames: Sequence[int]) -> Floats:
    """How unlike the pictures before and after each of these frames are, shape (changes,).

    It is low if the picture from before comes back within some frames, if it has scrolled, and if the
    pictures on each side are no more like each other than like those on the other.
    """
    found = np.zeros(len(frames), np.float32)
    for start in range(0, len(frames), _TOGETHER):
        part = np.array(frames[start : start + _TOGETHER], int)
        old, new = (outlines(np.asarray(thumbs[each])) for each in (part - 1, part))
        found[start : start + len(part)] = unlike(old, new)
    for i in np.flatnonzero(found >= _ALIKE).tolist():
        first = max(0, frames[i] - _SIDE)
        found[i] = _across(np.asarray(thumbs[first : frames[i] + _SIDE]), frames[i] - first)
    return found


def _across(thumbs: Thumbs, at: int) -> float:
    """As `across`, for the frame with that number among these."""
    seen = outlines(thumbs)
    before, after = np.arange(at), np.arange(at, len(seen))
    old = np.concatenate([np.full(len(after), at - 1), before])
    new = np.concatenate([after, np.full(len(before), at)])
    least = float(unlike(seen[old], seen[new]).min())
    if least < _ALIKE:
        return least
    least = min(least, unlike_moved(seen[at - 1], seen[at]))
    lit = unlike_lit(thumbs[at - 1], thumbs[at]) / _SAME_LIT
    soft = _unlike_softened(thumbs[at - 1 : at + 1]) / _SAME_SOFT if lit >= 1 else 1.0
    if min(lit, soft) < 1:
        return min(least, UNLIKE * min(lit, soft))
    # Within each side: the last frame before and the first one after against three further off.
    before, after = before[:-1][-3:], after[1:4]
    old, new = (
        np.append(before, np.full(len(after), at)),
        np.append(np.full(len(before), at - 1), after),
    )
    within = float(np.median(unlike(seen[old], seen[new]))) if len(old) else 0.0
    return least - _RESTLESS * within


def _shifts(old: Floats, new: Floats) -> Iterator[tuple[int, int]]:
    """Where phase correlation says that the second picture lies, down and across, likeliest first."""
    high, wide = old.shape
    window = np.hanning(high)[:, None] * np.hanning(wide)
    product = np.fft.rfft2(old * window).conj() * np.fft.rfft2(new * window)
    peaks = np.fft.irfft2(product / (np.abs(product) + 1e-3), s=old.shape).ravel()
    for place in np.argsort(-peaks, kind="stable")[:_PEAKS].tolist():
        down, across = divmod(place, wide)
        yield (
            down - high if down > high // 2 else down,
            across - wide if across > wide // 2 else across,
        )


def _unlike_softened(thumbs: Thumbs) -> float:
    """As `unlike_moved`, for two frames, whatever is too fine for them; 1 if there is too little to be seen."""
    soft = _softened(luma_of(thumbs))
    if soft.std((1, 2)).min() < _LEAST_SPREAD:
        return 1.0
    return unlike_moved(*_outlined(soft))


def _softened(luma: Floats) -> Floats:
    """Means of the 3x3 pixels around each.

    Lines of text that are too fine for a small frame make another pattern in it wherever they are.
    """
    wide = np.pad(luma, ((0, 0), (1, 1), (1, 1)), mode="edge")
    rows = wide[:, :-2] + wide[:, 1:-1] + wide[:, 2:]
    found: Any = (rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]) / 9
    return found


def _overlap(old: Floats, new: Floats, down: int, across: int) -> tuple[Floats, Floats]:
    """What both show, if the second lies so far down and across."""
    high, wide = old.shape
    return (
        old[max(0, -down) : high - max(0, down), max(0, -across) : wide - max(0, across)],
        new[max(0, down) : high - max(0, -down), max(0, across) : wide - max(0, -across)],
    )


def _nudged(picture: Floats) -> Floats:
    """Without its border, moved by up to a pixel down and across; shape (3, 3, colours if any, height, width)."""
    high, wide = picture.shape[:2]
    return sliding_window_view(picture, (high - 2, wide - 2), axis=(0, 1))
