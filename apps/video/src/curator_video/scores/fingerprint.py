"""A visual fingerprint of a clip: for near-duplicates, without a model and without meaning.

Two clips have similar fingerprints if they show the same pictures: also re-encoded, rescaled, shifted
by some frames, with bars around them, or recoloured. It does not see that two clips show the
same kind of thing; models do that (`embed_clips.py`).
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_video.read.luma import luma_of
from curator_video.read.track import Track
from curator_video.scores.overlay import bars
from curator_video.scores.resample import averaged

MAX_FRAMES, MAX_STILLS = 256, 32

_SIDE = 16
_WHOLE, _PARTS, _PART, _CHANGE, _PROFILE, _COLOUR = 159, 4, 60, 63, 16, 4
_WEIGHTS = {"whole": 1.0, "parts": 1.0, "change": 0.35, "profile": 0.15, "colour": 0.2}
_PLAIN = 0.02
_FAINT = 4.0
_BLUR = 8
_FINER = 0.25
_LEAST_SHARE = 0.3

type Floats = NDArray[Any]


def fingerprint(track: Track, frames: tuple[int, int]) -> Floats:
    """The fingerprint of frames [start, end) of a track.

    Returns:
        Shape (512,), of length 1: where it is bright and dark over the whole clip and in four parts
        of it, where it changes, when it changes, and a little of its colours. Bars are cut off
        before, grey is compared by rank, so brightness, contrast and tint hardly count.
    """
    start, end = frames
    thumbs = track.thumbs[start : end : -(-(end - start) // MAX_FRAMES)]
    within = track.stills_within(frames)
    every = max(1, -(-(within.stop - within.start) // MAX_STILLS))
    high, wide = bars(luma_of(track.pictures(slice(within.start, within.stop, every))))
    return of_frames(thumbs, high=high, wide=wide)


def of_frames(thumbs: NDArray[np.uint8], *, high: float = 0.0, wide: float = 0.0) -> Floats:
    """The fingerprint of small frames.

    Args:
        thumbs: RGB, shape (frames, height, width, 3), at least one frame.
        high: Part of the height that is a bar, above and below each.
        wide: Part of the width that is a bar, left and right each.
    """
    colour = _without_bars(thumbs.astype(np.float32), high=high, wide=wide)
    luma = luma_of(colour)
    strength = luma.std(axis=(1, 2))
    strength = strength / (strength + _FAINT)
    ranks = _ranks(luma) * strength[:, None, None]
    windows = _windows(len(luma))
    pieces = [
        _weighed("whole", _waves(ranks.mean(axis=0), _WHOLE)),
        *(
            _weighed(
                "parts", _waves((each[:, None, None] * ranks).sum(axis=0), _PART) / _PARTS**0.5
            )
            for each in windows
        ),
        _weighed("change", _waves(_change(ranks), _CHANGE)),
        _weighed("profile", _profile(ranks)),
        _weighed("colour", _tint(colour.mean(axis=0))),
        np.array([_PLAIN, _PLAIN * (luma.mean() / 127.5 - 1)], np.float32),
    ]
    joined = np.concatenate(pieces).astype(np.float64)
    return (joined / np.sqrt((joined * joined).sum())).astype(np.float32)


def _without_bars(rgb: Floats, *, high: float, wide: float) -> Floats:
    """What lies between the bars, averaged to 16 x 16 points."""
    for axis, share in ((1, high), (2, wide)):
        size = rgb.shape[axis]
        first = share * size
        # A row that is half bar shows half the light of the picture.
        for place, seen in ((int(first), 1 - first % 1), (size - 1 - int(first), 1 - first % 1)):
            row = (slice(None),) * axis + (place,)
            rgb[row] = np.minimum(rgb[row] / max(seen, _LEAST_SHARE), 255)
        rgb = averaged(rgb, _SIDE, axis=axis, start=first, end=size - first)
    return rgb


def _ranks(luma: Floats) -> Floats:
    """Each point's place in the order from dark to bright of its frame, -1 to 1.

    Points that differ by a few levels share a place, else the noise of even areas would decide.
    """
    count, points = len(luma), luma[0].size
    levels = luma.clip(0, 255).astype(np.int64).reshape(count, -1)
    bins = (np.arange(count)[:, None] * 256 + levels).ravel()
    found = np.bincount(bins, minlength=count * 256).reshape(count, 256) / points
    below = np.cumsum(found, axis=1) - found / 2
    padded = np.pad(below, ((0, 0), (_BLUR, _BLUR)), constant_values=((0, 0), (0, 1)))
    sums = np.cumsum(np.pad(padded, ((0, 0), (1, 0))), axis=1)
    width = 2 * _BLUR + 1
    smooth = (sums[:, width:] - sums[:, :-width]) / width
    places = np.take_along_axis(smooth, levels, axis=1)
    return (places * 2 - 1).astype(np.float32).reshape(luma.shape)


def _windows(count: int) -> Floats:
    """Weights of the frames in four overlapping parts of the clip, shape (4, frames)."""
    at = (np.arange(count) + 0.5) / count * _PARTS - 0.5
    near = np.maximum(1 - np.abs(at[None] - np.arange(_PARTS)[:, None]) / 1.5, 0)
    return (near / np.maximum(near.sum(axis=1, keepdims=True), 1e-9)).astype(np.float32)


def _change(ranks: Floats) -> Floats:
    """Where much changes over the clip, relative to the rest."""
    spread = ranks.std(axis=0)
    return (spread - spread.mean()) * 2


def _profile(ranks: Floats) -> Floats:
    """When much changes, in 16 parts of the clip, relative to the rest."""
    if len(ranks) < 2:
        return np.zeros(_PROFILE, np.float32)
    steps = np.abs(np.diff(ranks, axis=0)).mean(axis=(1, 2))
    parts = np.pad(averaged(steps, _PROFILE, axis=0), 1, mode="edge")
    smooth = parts[:-2] / 4 + parts[1:-1] / 2 + parts[2:] / 4
    return ((smooth - smooth.mean()) / (smooth.mean() + 0.01)).astype(np.float32).clip(-2, 2) / 4


def _tint(mean: Floats) -> Floats:
    """The two colour differences on a grid of 4 x 4."""
    grid = averaged(averaged(mean, _COLOUR, axis=0), _COLOUR, axis=1)
    red, green, blue = np.moveaxis(grid, 2, 0)
    return np.concatenate([(red - green).ravel(), (blue - green).ravel()]) / (128 * _COLOUR)


def _waves(picture: Floats, count: int) -> Floats:
    """The first coefficients of the cosine transform without the mean, coarse ones first."""
    basis, order, weights = _transform()
    for _ in range(2):
        # Rows, then columns; summed along the first axis, as NumPy adds those one after the other.
        picture = (basis.T[:, :, None] * picture[:, None]).sum(axis=0).T
    found = picture.ravel()[order[1 : count + 1]] * weights[1 : count + 1]
    return (found / _SIDE).astype(np.float32)


@cache
def _transform() -> tuple[Floats, NDArray[np.int64], Floats]:
    """The matrix of the transform, the order from coarse to fine, and weights in that order."""
    k, x = np.arange(_SIDE)[:, None], np.arange(_SIDE)[None]
    basis = np.cos(np.pi * k * (2 * x + 1) / (2 * _SIDE)) * np.sqrt(2 / _SIDE)
    basis[0] /= np.sqrt(2)
    rows, columns = np.divmod(np.arange(_SIDE * _SIDE), _SIDE)
    squares = rows * rows + columns * columns
    order = np.argsort(squares, kind="stable")
    # Pictures hold less in fine waves; without this a few coarse ones would decide.
    weights = np.maximum(squares[order], 1) ** (_FINER / 2)
    # Processors differ in the last bit of a cosine and of a power.
    return basis.round(7).astype(np.float32), order, weights.round(6).astype(np.float32)


def _weighed(piece: str, values: Floats) -> Floats:
    return values * _WEIGHTS[piece]
