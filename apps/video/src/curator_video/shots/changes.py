"""How much a video's small frames change, from one to the next and over some frames.

Only numbers; what is a cut is decided in `detectors.py`, `fades.py`, `gradual.py` and `cascade.py`. Frames
are read in pieces, so that hours of them can be on disk.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from curator_video.read.luma import luma_of
from curator_video.read.track import THUMB_HEIGHT, THUMB_WIDTH

type Thumbs = NDArray[np.uint8]
type Floats = NDArray[np.float32]

REACHES = (4, 8, 16, 24, 32)
"""Frames before and after, between which a gradual change is looked for."""
_PIECE = 1024
_SHIFT = 2
"""Pixels by which a part of the picture may move between two frames without counting as changed."""
_PARTS = (3, 4)
"""Parts of the picture that may move each for itself, down and across."""
_MIDDLE = slice(5, 22), slice(7, 41)
"""Rows and columns that bars do not reach, as a film's on a screen or an old film's on a wide one."""
_LEAST_CONTRAST = 8.0
"""Added to the contrast by which differences are judged, so that noise in the dark does not count."""
_MOST_DETOUR = 1.5
"""Sum of the steps from one picture to the other, as a ratio of their difference, from which it
looks more like motion than like a gradual change."""
_SUDDEN = 0.3
"""Share of that difference that one step makes, from which it looks more like a hard cut."""
_FLICKER, _STEADY = 0.15, 5
"""By how much light may go up and down as in an old film, as a ratio, and the frames on each side that are looked at."""
_AT_REST = 0.05
"""Added to the difference for each pixel of a motion, so that what is flat is at rest."""
_SAMPLES = 8
"""Frames on each side of a change that are looked at to see whether it lasts."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Numbers of each frame; shape (frames,) unless said, levels from 0 to 255."""

    step: Floats
    """Mean difference from the frame before in luma and half the colour, motion allowed for; 0 for
    the first frame."""
    contrast: Floats
    """Standard deviation of luma over the middle of the picture, without bars that it may have."""
    mixed: Floats
    """How much it looks as if one picture became another around it, as in a dissolve or a wipe: 0 for
    not at all, from about 0.1 for yes; shape (frames, reaches), one for each of `REACHES`."""
    speed: Floats
    """Pixels per frame by which the whole picture moves, down and across, shape (frames, 2): half of its
    way from the frame before to the frame after."""


def measure_changes(thumbs: Thumbs) -> Changes:
    """Measure all frames.

    Args:
        thumbs: RGB, shape (frames, 27, 48, 3); read in pieces.
    """
    halo = max(REACHES) + _STEADY
    pieces = [_measure(np.asarray(thumbs[:0]))]
    for start in range(0, len(thumbs), _PIECE):
        first = max(0, start - halo)
        stop = min(start + _PIECE, len(thumbs))
        piece = _measure(np.asarray(thumbs[first : stop + halo]))
        own = slice(start - first, stop - first)
        pieces.append(Changes(**{f.name: getattr(piece, f.name)[own] for f in fields(Changes)}))
    return Changes(
        **{
            f.name: np.concatenate([getattr(piece, f.name) for piece in pieces])
            for f in fields(Changes)
        }
    )


def _measure(thumbs: Thumbs) -> Changes:
    luma, colour = luma_and_colour(thumbs)
    step = np.zeros(len(thumbs), np.float32)
    step[1:] = difference((luma[:-1], colour[:-1]), (luma[1:], colour[1:]))
    contrast = luma[:, _MIDDLE[0], _MIDDLE[1]].std(axis=(1, 2))
    mixed = _mixed(steady(cells_of(thumbs)), contrast)
    speed = np.stack([_speed(luma.mean(2)), _speed(luma.mean(1))], axis=1)
    return Changes(step=step, contrast=contrast, mixed=mixed, speed=speed)


def _speed(profiles: Floats) -> Floats:
    """Pixels per frame by which profiles, shape (frames, pixels), move; shape (frames,)."""
    frames, size = profiles.shape
    speed = np.zeros(frames, np.float32)
    if frames <= 2:
        return speed
    most = size // 3
    before, after = profiles[:-2], profiles[2:]
    apart = np.empty((2 * most + 1, frames - 2), np.float32)
    for way in range(-most, most + 1):
        old, new = (
            before[:, max(0, -way) : size - max(0, way)],
            after[:, max(0, way) : size + min(0, way)],
        )
        apart[way + most] = ((old - new) ** 2).mean(1) + _AT_REST * abs(way)
    best = apart.argmin(axis=0).clip(1, 2 * most - 1)
    here = np.arange(frames - 2)
    less, least, more = apart[best - 1, here], apart[best, here], apart[best + 1, here]
    # The lowest point of the parabola through the three.
    bend = np.maximum(less - 2 * least + more, 1e-6)
    speed[1:-1] = (best - most + ((less - more) / (2 * bend)).clip(-0.5, 0.5)) / 2
    return speed


def luma_and_colour(pictures: NDArray[Any]) -> tuple[Floats, Floats]:
    """Luma, and red and blue less luma, of RGB with any leading shape."""
    values = pictures.astype(np.float32)
    luma = luma_of(values)
    return luma, values[..., ::2] - luma[..., None]


def difference(old: tuple[Floats, Floats], new: tuple[Floats, Floats]) -> Floats:
    """Mean difference of pairs of frames in luma and half the colour, shape (pairs,).

    In luma, each part of the picture is compared where it fits best, within two pixels.
    """
    (before, tint_before), (after, tint_after) = old, new
    tint: Any = np.abs(tint_before - tint_after).mean((1, 2, 3))
    return fitted(before, after, _SHIFT).mean((1, 2)) + tint


def fitted(before: Floats, after: Floats, shift: int) -> Floats:
    """Mean difference of each part of pairs of pictures where it fits best, within so many pixels.

    Shape (pairs, 3, 4).
    """
    pairs, (down, across) = len(before), _PARTS
    wide = np.pad(before, ((0, 0), (shift, shift), (shift, shift)), mode="edge")
    best = np.full((pairs, down, across), np.inf, np.float32)
    apart = np.empty_like(after)
    for y in range(2 * shift + 1):
        for x in range(2 * shift + 1):
            np.subtract(wide[:, y : y + THUMB_HEIGHT, x : x + THUMB_WIDTH], after, out=apart)
            np.abs(apart, out=apart)
            # Down first: rows lie beside each other in memory, which is twice as fast as both at once.
            rows = apart.reshape(pairs, down, THUMB_HEIGHT // down, THUMB_WIDTH).sum(2)
            parts = rows.reshape(pairs, down, across, THUMB_WIDTH // across).sum(3)
            np.minimum(best, parts, out=best)
    found: Any = best / (THUMB_HEIGHT // down * (THUMB_WIDTH // across))
    return found


def cells_of(thumbs: Thumbs) -> Floats:
    """Means of 3x3 pixels in luma, red and blue less luma; shape (frames, 9, 16, 3)."""
    down, across = THUMB_HEIGHT // 3, THUMB_WIDTH // 3
    rows = thumbs.reshape(len(thumbs), down, 3, THUMB_WIDTH * 3).sum(2, dtype=np.uint16)
    cells = rows.reshape(len(thumbs), down, across, 3, 3).sum(3, dtype=np.uint16)
    luma, colour = luma_and_colour(cells)
    return np.concatenate([luma[..., None], colour], axis=3) / np.float32(9)


def steady(cells: Floats) -> Floats:
    """The cells of frames without flicker, as an old film has it; more light than that stays."""
    if not len(cells):
        return cells
    light = cells[..., 0].mean((1, 2)) + 1
    around = sliding_window_view(np.pad(light, _STEADY, mode="edge"), 2 * _STEADY + 1)
    alike = np.abs(around / light[:, None] - 1) <= _FLICKER
    gain = (around * alike).sum(1) / alike.sum(1) / light
    found: Any = cells * gain[:, None, None, None].astype(np.float32)
    return found


def _mixed(cells: Floats, contrast: Floats) -> Floats:
    """As `Changes.mixed`."""
    result = np.zeros((len(cells), len(REACHES)), np.float32)
    steps = np.abs(np.diff(cells, axis=0)).mean((1, 2, 3), dtype=np.float64)
    travelled = np.cumsum(np.concatenate([[0.0], steps]))
    flat = cells.reshape(len(cells), cells.shape[1] * cells.shape[2], cells.shape[3])
    centred = flat - flat.mean(1, keepdims=True)
    power: Any = (centred * centred).sum((1, 2))
    for i, reach in enumerate(REACHES):
        span = 2 * reach
        if len(cells) <= span:
            break
        apart = np.abs(flat[:-span] - flat[span:]).mean((1, 2)) + 1
        detour = (travelled[span:] - travelled[:-span]) / apart
        sudden = sliding_window_view(steps, span).max(axis=1) / apart
        scale = (contrast[:-span] + contrast[span:]) / 2 + _LEAST_CONTRAST
        # Correlation: 1 if one picture is the other with more light.
        alike = (centred[:-span] * centred[span:]).sum((1, 2))
        alike = alike / np.sqrt(power[:-span] * power[span:] + 1)
        straight = (_MOST_DETOUR / np.maximum(detour, _MOST_DETOUR)) ** 2
        gentle = (2 - sudden / _SUDDEN).clip(0, 1)
        found = apart / scale * (1 - alike).clip(0, 1) * straight * gentle
        result[reach:-reach, i] = found
    return result


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
