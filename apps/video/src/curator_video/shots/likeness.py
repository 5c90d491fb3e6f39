"""How unlike two pictures are, whatever the light: 0 for the same, from about 0.5 for any two.

Pictures are compared as outlines: luma with the mean and the spread of each picture taken out, so that a
flash, a strobe or coloured light changes little. Parts may move a little, and the whole may scroll.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from curator_video.shots.changes import Floats, Thumbs, fitted, luma_of

UNLIKE = 0.32
"""Least `across` of a change of shots."""
_ALIKE = 0.16
"""Below this, no more is asked."""
_TOGETHER = 256
_NOISE = 3.0
"""Added to the spread, so that the noise of a flat picture does not become its outline."""
_SIDE = 5
"""Frames on each side of a change that are looked at: what is back within these is no other shot."""
_RESTLESS = 0.4
"""How much of the change within each side is taken off the change from one to the other."""
_PEAKS = 3
"""Shifts of the whole picture that are tried besides none."""
_LEAST_OVERLAP = 0.4
"""Share of the picture that is still to be seen after a shift."""


def outlines(thumbs: Thumbs) -> Floats:
    """Luma of mean 0 and spread 1, less where there is little contrast; shape (frames, 27, 48)."""
    luma = luma_of(thumbs)
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
        best = min(best, *(float(np.abs(x - y).mean()) for x, y in _nudged(a, b)))
    return best


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
        seen = outlines(np.asarray(thumbs[first : frames[i] + _SIDE]))
        found[i] = _across(seen, frames[i] - first)
    return found


def _across(seen: Floats, at: int) -> float:
    """As `across`, for the frame with that number among these."""
    before, after = np.arange(at), np.arange(at, len(seen))
    old = np.concatenate([np.full(len(after), at - 1), before])
    new = np.concatenate([after, np.full(len(before), at)])
    least = float(unlike(seen[old], seen[new]).min())
    if least < _ALIKE:
        return least
    least = min(least, unlike_moved(seen[at - 1], seen[at]))
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


def _overlap(old: Floats, new: Floats, down: int, across: int) -> tuple[Floats, Floats]:
    """What both show, if the second lies so far down and across."""
    high, wide = old.shape
    return (
        old[max(0, -down) : high - max(0, down), max(0, -across) : wide - max(0, across)],
        new[max(0, down) : high - max(0, -down), max(0, across) : wide - max(0, -across)],
    )


def _nudged(old: Floats, new: Floats) -> Iterator[tuple[Floats, Floats]]:
    """Both without their border, the second moved by up to a pixel."""
    high, wide = old.shape
    for y in range(3):
        for x in range(3):
            yield old[1:-1, 1:-1], new[y : high - 2 + y, x : wide - 2 + x]
