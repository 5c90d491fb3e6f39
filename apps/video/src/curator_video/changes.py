"""How much a video's small frames change, from one to the next and over some frames.

Only numbers; what is a cut is decided in `detectors.py`, `fades.py` and `cascade.py`. Frames are read in pieces, so that hours of
them can be on disk.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_video.track import THUMB_HEIGHT, THUMB_WIDTH

type Thumbs = NDArray[np.uint8]
type Floats = NDArray[np.float32]

REACHES = (4, 8)
"""Frames before and after, between which a mixture is looked for."""
_PIECE = 1024
_SHIFT = 2
"""Pixels by which a part of the picture may move between two frames without counting as changed."""
_PARTS = (3, 4)
"""Parts of the picture that may move each for itself, down and across."""
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_MIDDLE = slice(5, 22), slice(7, 41)
"""Rows and columns that bars do not reach, as a film's on a screen or an old film's on a wide one."""
_LEAST_CONTRAST = 8.0
"""Added to the contrast by which differences are judged, so that noise in the dark does not count."""
_MOST_LEFT = 0.4
"""Share of the difference between two pictures that may be left between a frame and their mean."""
_MOST_DETOUR = 1.5
"""Sum of the steps from one picture to the other, as a ratio of their difference, from which it
looks more like motion than like a mixture."""
_SAMPLES = 8
"""Frames on each side of a change that are looked at to see whether it lasts."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Numbers of each frame; shape (frames,) each, levels from 0 to 255."""

    step: Floats
    """Mean difference from the frame before in luma and half the colour, motion allowed for; 0 for
    the first frame."""
    contrast: Floats
    """Standard deviation of luma over the middle of the picture, without bars that it may have."""
    mixed: Floats
    """How much it looks like a mixture of two unlike pictures before and after it, as in a dissolve:
    0 for not at all, from about 0.1 for yes; the best of `REACHES`."""


def measure_changes(thumbs: Thumbs) -> Changes:
    """Measure all frames.

    Args:
        thumbs: RGB, shape (frames, 27, 48, 3); read in pieces.
    """
    halo = max(REACHES)
    pieces: list[Changes] = []
    for start in range(0, len(thumbs), _PIECE):
        first = max(0, start - halo)
        stop = min(start + _PIECE, len(thumbs))
        piece = _measure(np.asarray(thumbs[first : stop + halo]))
        own = slice(start - first, stop - first)
        pieces.append(Changes(**{f.name: getattr(piece, f.name)[own] for f in fields(Changes)}))
    empty = np.zeros(0, np.float32)
    return Changes(
        **{
            f.name: np.concatenate([empty, *(getattr(piece, f.name) for piece in pieces)])
            for f in fields(Changes)
        }
    )


def _measure(thumbs: Thumbs) -> Changes:
    luma, colour = luma_and_colour(thumbs)
    step = np.zeros(len(thumbs), np.float32)
    step[1:] = difference((luma[:-1], colour[:-1]), (luma[1:], colour[1:]))
    cells = _cells(np.concatenate([luma[..., None], colour], axis=3))
    contrast = luma[:, _MIDDLE[0], _MIDDLE[1]].std(axis=(1, 2))
    return Changes(
        step=step,
        contrast=contrast,
        mixed=np.max([_mixed(cells, contrast, reach) for reach in REACHES], axis=0),
    )


def luma_and_colour(thumbs: Thumbs) -> tuple[Floats, Floats]:
    """Shapes (frames, 27, 48) and (frames, 27, 48, 2): red and blue less luma."""
    values = thumbs.astype(np.float32)
    luma: Any = values @ _LUMA
    return luma, values[..., ::2] - luma[..., None]


def difference(old: tuple[Floats, Floats], new: tuple[Floats, Floats]) -> Floats:
    """Mean difference of pairs of frames in luma and half the colour, shape (pairs,).

    In luma, each part of the picture is compared where it fits best, within two pixels.
    """
    (before, tint_before), (after, tint_after) = old, new
    padding = ((0, 0), (_SHIFT, _SHIFT), (_SHIFT, _SHIFT))
    wide = np.pad(before, padding, mode="edge")
    down, across = _PARTS
    shape = (-1, down, THUMB_HEIGHT // down, across, THUMB_WIDTH // across)
    best = np.full((len(before), down, across), np.inf, np.float32)
    for y in range(2 * _SHIFT + 1):
        for x in range(2 * _SHIFT + 1):
            moved = wide[:, y : y + THUMB_HEIGHT, x : x + THUMB_WIDTH]
            np.minimum(best, np.abs(moved - after).reshape(shape).mean((2, 4)), out=best)
    tint: Any = np.abs(tint_before - tint_after).mean((1, 2, 3))
    return best.mean((1, 2)) + tint


def _cells(pictures: Floats) -> Floats:
    """Means of 3x3 pixels; shape (frames, 9, 16, channels)."""
    count, _, _, channels = pictures.shape
    shape = (count, THUMB_HEIGHT // 3, 3, THUMB_WIDTH // 3, 3, channels)
    return pictures.reshape(shape).mean((2, 4))


def _mixed(cells: Floats, contrast: Floats, reach: int) -> Floats:
    """As `Changes.mixed`, for the frames that lie `reach` before and after."""
    result = np.zeros(len(cells), np.float32)
    if len(cells) <= 2 * reach:
        return result
    old, middle, new = cells[: -2 * reach], cells[reach:-reach], cells[2 * reach :]
    apart = np.abs(old - new).mean((1, 2, 3))
    left = np.abs(middle - (old + new) / 2).mean((1, 2, 3)) / (apart + 1)
    steps = np.abs(np.diff(cells, axis=0)).mean((1, 2, 3), dtype=np.float64)
    travelled = np.cumsum(np.concatenate([[0.0], steps]))
    detour = (travelled[2 * reach :] - travelled[: -2 * reach]) / (apart + 1)
    scale = (contrast[: -2 * reach] + contrast[2 * reach :]) / 2 + _LEAST_CONTRAST
    unlike = (1 - _likeness(old, new)).clip(0, 1)
    straight = (_MOST_DETOUR / np.maximum(detour, _MOST_DETOUR)) ** 2
    found = apart / scale * (1 - left / _MOST_LEFT).clip(0, 1) * unlike * straight
    result[reach:-reach] = found
    return result


def _likeness(old: Floats, new: Floats) -> Floats:
    """Correlation of pairs of pictures, shape (pairs,): 1 if one is the other with more light."""
    a, b = (x.reshape(len(x), -1, x.shape[-1]) for x in (old, new))
    a, b = (x - x.mean(1, keepdims=True) for x in (a, b))
    product: Any = (a * b).sum((1, 2))
    return product / np.sqrt((a * a).sum((1, 2)) * (b * b).sum((1, 2)) + 1)


def mixture(thumbs: Thumbs, first: int, last: int) -> tuple[float, float]:
    """How well the frames between two are mixtures of both, as in a dissolve from one to the other.

    Returns:
        The share of the difference between the two that is left over in the frames between, and
        the correlation of the second's part in them with time.
    """
    luma, colour = luma_and_colour(np.asarray(thumbs[first : last + 1]))
    cells = _cells(np.concatenate([luma[..., None], colour], axis=3))
    old, new, between = cells[0], cells[-1], cells[1:-1]
    way = new - old
    parts = ((between - old) * way).sum((1, 2, 3)) / ((way * way).sum() + 1)
    left = np.abs(between - old - parts[:, None, None, None] * way).mean()
    times = np.arange(len(parts))
    rising = np.corrcoef(parts, times)[0, 1] if len(parts) > 1 and np.ptp(parts) > 0 else 0.0
    return float(left / (np.abs(way).mean() + 1)), float(rising)


def lasting(thumbs: Thumbs, frames: Sequence[int]) -> Floats:
    """How much of the change at each of these frames lasts, from 0 to 1; shape (changes,).

    A flash goes back to what was before: then the frame before is like one that comes soon, or the
    frame itself is like one that was there a little earlier.
    """
    return np.array([_lasts(thumbs, frame) for frame in frames], np.float32)


def _lasts(thumbs: Thumbs, frame: int) -> float:
    first = max(0, frame - _SAMPLES)
    luma, colour = luma_and_colour(np.asarray(thumbs[first : frame + _SAMPLES]))
    at = frame - first
    before, here = [at - 1] * (len(luma) - at), [at] * at
    later = difference((luma[before], colour[before]), (luma[at:], colour[at:]))
    earlier = difference((luma[:at], colour[:at]), (luma[here], colour[here]))
    return float(min(later.min(), earlier.min())) / (float(later[0]) + 1e-6)
