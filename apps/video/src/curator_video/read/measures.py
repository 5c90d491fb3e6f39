"""Measure a frame at its full size: what small copies of it no longer show.

Called while decoding, once per still. Other scores are taken from the track, by `score_clips.py`.
"""

import numpy as np
from numpy.typing import NDArray

_REFERENCE_HEIGHT = 360
_ROWS = 160
_BLOCK = 8
_FLOOR = 0.5


def measure_frame(luma: NDArray[np.uint8]) -> dict[str, float]:
    """Sharpness and blockiness of a frame.

    Args:
        luma: Shape (height, width), any size; rows of large frames are sampled.

    Returns:
        "sharpness": variance of the Laplacian in squared grey levels of 0..255, taken between points
        that are 1/360 of the height apart, so that it hardly changes with the size from 360 lines
        up; below about 10 a frame is blurred or flat. "blockiness": by how much the steps on the borders of 8x8 blocks are
        larger than those inside, as a ratio: about 0 for a clean picture, above 0.5 blocks are
        seen. Both are 0 for frames too small to have them.
    """
    return {"sharpness": _sharpness(luma), "blockiness": _blockiness(luma)}


def _sharpness(luma: NDArray[np.uint8]) -> float:
    height, width = luma.shape
    apart = max(1, round(height / _REFERENCE_HEIGHT))
    if height <= 2 * apart or width <= 2 * apart:
        return 0.0
    every = max(1, height // _ROWS)
    middle = luma[apart:-apart:every].astype(np.int16)
    curve = middle[:, apart:-apart] * np.int16(4)
    curve -= middle[:, : -2 * apart]
    curve -= middle[:, 2 * apart :]
    curve -= luma[: -2 * apart : every, apart:-apart]
    curve -= luma[2 * apart :: every, apart:-apart]
    return float(curve.var(dtype=np.float32))


def _blockiness(luma: NDArray[np.uint8]) -> float:
    if min(luma.shape) < 2 * _BLOCK:
        return 0.0
    rows = luma[:: max(1, luma.shape[0] // _ROWS)]
    columns = luma[:, :: max(1, luma.shape[1] // _ROWS)]
    across = _steps(rows.T)
    down = _steps(columns)
    return max(0.0, (across + down) / 2 - 1)


def _steps(lines: NDArray[np.uint8]) -> float:
    """Mean step between lines on the border of blocks, over that inside of them."""
    border = _step(lines, _BLOCK - 1)
    # Between the borders of 4x4 blocks too, which are there as well.
    inside = (_step(lines, 1) + _step(lines, 5)) / 2
    return (border + _FLOOR) / (inside + _FLOOR)


def _step(lines: NDArray[np.uint8], phase: int) -> float:
    before, after = lines[phase:-1:_BLOCK], lines[phase + 1 :: _BLOCK]
    high, low = np.maximum(before, after), np.minimum(before, after)
    return float((high - low).mean(dtype=np.float32))
