"""Find what was laid around or over a picture: bars of one colour, and writing."""

import functools

import numpy as np
from numpy.typing import NDArray

_LEVELS, _STEP, _WITHIN, _LIT, _LEAST_LEFT = 10, 12, 4, 0.5, 0.25
_EDGE, _CELL, _STROKES, _RUN, _SAME = 60, 8, 2, 5, 16


def inside_borders(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The part of a picture inside the bars along its sides.

    A bar is of one colour and ends in a straight line, along most of which the picture differs from
    it. So neither a product on white nor a sky has bars. Nor has what would be bars in more than
    three quarters of it.

    Args:
        luma: 0 to 255, shape (height, width).
    """
    top, bottom = _bars(luma)
    rows = luma[top : max(top, len(luma) - bottom)]
    if len(rows):
        left, right = _bars(rows.T)
        rows = rows[:, left : max(left, rows.shape[1] - right)]
    return rows if rows.size >= _LEAST_LEFT * luma.size else luma


def overlay_ratio(luma: NDArray[np.uint8]) -> float:
    """The share of a picture that looks like writing, as of a caption or a watermark.

    Writing is where strong edges to both sides alternate along a line, and the strokes, or what is
    between them, keep their brightness from one place to the next. Seen is writing of about a
    thirtieth of the picture's height and more, in line with it; not one that shines through. Upright
    texture of two tones, such as a fence, counts as well.

    Args:
        luma: 0 to 255, shape (height, width).
    """
    height, width = (side // _CELL * _CELL for side in luma.shape)
    if not height or width < _RUN * _CELL:
        return 0.0
    from curator_image.scores.measure_kernels import stroke_cells

    strokes, low, high = stroke_cells(luma, _CELL, _EDGE, _STROKES)
    if not strokes.any():
        return 0.0
    return float(_in_runs(strokes, _even(high) | _even(low)).mean())


def _bars(luma: NDArray[np.uint8]) -> tuple[int, int]:
    """How many rows at the top and at the bottom are a bar."""
    low, high = luma.min(axis=1).astype(np.int16), luma.max(axis=1).astype(np.int16)
    return _bar(luma, low, high), _bar(luma[::-1], low[::-1], high[::-1])


def _bar(luma: NDArray[np.uint8], low: NDArray[np.int16], high: NDArray[np.int16]) -> int:
    """How many rows at the beginning are a bar, by the least and the most of each row."""
    middle = (int(low[0]) + int(high[0])) // 2
    even = (high <= middle + _LEVELS) & (low >= middle - _LEVELS)
    end = int(even.argmin())
    if end == 0 or end < len(luma) // 100:
        return 0
    inner = luma[end : end + _WITHIN].astype(np.int16)
    last = (low[end - 1] + high[end - 1]) // 2
    lit = (np.abs(inner - last) > _STEP).any(axis=0)
    return end if lit.mean() >= _LIT else 0


def _even(values: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Which runs of cells have about the same value, by their first cell."""
    columns = values.shape[1] - _RUN + 1
    cells = [values[:, i : i + columns] for i in range(_RUN)]
    return functools.reduce(np.maximum, cells) - functools.reduce(np.minimum, cells) <= _SAME


def _in_runs(marks: NDArray[np.bool_], even: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The marks that stand in rows of a run's length, in even ones."""
    columns = even.shape[1]
    starts = even.copy()
    for i in range(_RUN):
        starts &= marks[:, i : i + columns]
    kept = np.zeros_like(marks)
    for i in range(_RUN):
        kept[:, i : i + columns] |= starts
    return kept
