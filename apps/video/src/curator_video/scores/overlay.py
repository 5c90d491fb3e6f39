"""Find what was laid over or around a picture: black bars, and writing that stays in its place.

Both look at the stills of one clip together: a scene moves, what was laid over it does not.
"""

import numpy as np
from numpy.typing import NDArray

_BAR_LEVELS, _BAR_BLACK = 6.0, 32.0
_BLUR, _LEAST_LEFT, _LIT = 4, 0.25, 0.5
_EDGE, _CELL, _STROKES, _RUN = 40.0, 8, 0.06, 3


def bars(luma: NDArray[np.float32]) -> tuple[float, float]:
    """How much of the height above and below, and of the width left and right, is a dark bar.

    Args:
        luma: Stills of a clip, 0 to 255, shape (stills, height, width).

    Returns:
        Parts of the height and of the width, on each side, in [0, 0.5). Bars come in pairs: a dark
        sky is none. Neither is what surrounds something small, such as a title on black.
    """
    if not luma.size:
        return 0.0, 0.0
    height, width = luma.shape[1:]
    rows = min(_dark_edges(luma))
    columns = min(_dark_edges(luma[:, rows : height - rows].swapaxes(1, 2)))
    high, wide = rows / height, columns / width
    return (high, wide) if (1 - 2 * high) * (1 - 2 * wide) >= _LEAST_LEFT else (0.0, 0.0)


def letterbox_ratio(luma: NDArray[np.float32]) -> float:
    """The share of the picture that is bars, of stills as in `bars`.

    Only bars with a straight border count: along most of it something bright comes up to it in some
    still. So a scene that is dark towards the sides has none.
    """
    high, wide = bars(luma)
    if high or wide:
        lit = luma.max(axis=0)
        rows, columns = (
            round(part * side) for part, side in zip((high, wide), lit.shape, strict=True)
        )
        inner = lit[rows : lit.shape[0] - rows, columns : lit.shape[1] - columns]
        dark = float(lit[:rows].mean() if rows else lit[:, :columns].mean())
        high *= _is_lit(inner, dark)
        wide *= _is_lit(inner.T, dark)
    return 1 - (1 - 2 * high) * (1 - 2 * wide)


def text_ratio(luma: NDArray[np.float32]) -> float:
    """The share of the picture that looks like writing which stays in its place.

    Writing is where strong edges to both sides alternate along a line, at the same points in all
    stills. Seen is writing of about a thirtieth of the picture's height and more, in line with it;
    in a shot without motion, fine upright texture of high contrast counts as well.

    Args:
        luma: Stills of a clip, 0 to 255, shape (stills, height, width).
    """
    height, width = (side // _CELL * _CELL for side in luma.shape[1:])
    if not len(luma) or not height or width < _RUN * _CELL:
        return 0.0
    mean = luma.mean(axis=0, dtype=np.float32)
    slope = np.zeros_like(mean)
    slope[:, 1:-1] = mean[:, 2:] - mean[:, :-2]
    cells = slope[:height, :width].reshape(height // _CELL, _CELL, width // _CELL, _CELL)
    rising, falling = ((edge > _EDGE).mean(axis=(1, 3)) for edge in (cells, -cells))
    strokes = np.minimum(rising, falling) >= _STROKES
    return float(_in_runs(strokes, _RUN).mean())


def _dark_edges(luma: NDArray[np.float32]) -> tuple[int, int]:
    """Rows at the top and at the bottom that are dark and even in all stills."""
    low, high = luma.min(axis=(0, 2)), luma.max(axis=(0, 2))
    # Compression lets single points at the border stand out.
    most = np.percentile(luma, 99, axis=(0, 2))
    dark = (most - low <= _BAR_LEVELS) & (most <= _BAR_BLACK) & (high <= 2 * _BAR_BLACK)
    if dark.all():
        return 0, 0
    mean = luma.mean(axis=(0, 2))
    return _border(dark, mean), _border(dark[::-1], mean[::-1])


def _border(dark: NDArray[np.bool_], mean: NDArray[np.float32]) -> int:
    """Where the dark rows at the beginning end: half-way up to the light, if that is blurred."""
    end = int(dark.argmin())
    if end == 0:
        return 0
    half = (
        (mean[:end].mean() + mean[end + _BLUR : end + 2 * _BLUR + 1].mean()) / 2
        if (len(mean) > end + _BLUR)
        else mean[end]
    )
    for row in range(end, min(end + _BLUR, len(mean))):
        if mean[row] >= half:
            return row
    return end


def _is_lit(inner: NDArray[np.float32], dark: float) -> bool:
    """Whether most points along the first and the last rows are brighter than a bar."""
    borders = (inner[:_BLUR].max(axis=0), inner[-_BLUR:].max(axis=0))
    return all(bool((each > dark + _BAR_LEVELS).mean() >= _LIT) for each in borders)


def _in_runs(marks: NDArray[np.bool_], length: int) -> NDArray[np.bool_]:
    """The marks that stand in rows of at least so many."""
    columns = marks.shape[1] - length + 1
    starts = np.logical_and.reduce([marks[:, i : i + columns] for i in range(length)])
    kept = np.zeros_like(marks)
    for i in range(length):
        kept[:, i : i + columns] |= starts
    return kept
