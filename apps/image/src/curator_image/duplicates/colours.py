"""Whether two pictures that lie over each other have the same colours; grey ones go with any.

Two products of one shape are alike in grey, and not the same picture.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from curator_image.duplicates.align import Transform, matrix

CELLS = 16
"""Fields across and down of which colours are kept."""
MIN_AGREEMENT = 0.75
"""Cosine of the colours of two pictures below which they are not the same."""
_COLOURED = 6.0
"""Mean distance from grey from which a picture counts as coloured."""


def colours_of(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Cb and Cr of fields of a picture; shape (CELLS, CELLS, 2)."""
    step = max(1, max(rgb.shape) // 128)
    small = Image.fromarray(np.ascontiguousarray(rgb[::step, ::step]))
    small = small.resize((CELLS, CELLS), Image.Resampling.BOX).convert("YCbCr")
    return np.ascontiguousarray(np.asarray(small)[:, :, 1:])


def colours_agree(
    mine: NDArray[np.uint8],
    its: NDArray[np.uint8],
    transform: Transform,
    size: tuple[int, int],
    its_size: tuple[int, int],
) -> bool:
    """Whether the colours are alike, or one of the pictures is grey.

    Args:
        mine: Of `colours_of`.
        its: Likewise.
        transform: From my places to its.
        size: My rows and columns, in pixels of the transform.
        its_size: Likewise.
    """
    down, across = np.mgrid[0:CELLS, 0:CELLS].reshape(2, -1) + 0.5
    turned = matrix(transform.turn) @ np.stack([across * size[1] / CELLS, down * size[0] / CELLS])
    a, b = transform.a, transform.b
    x = (a * turned[0] - b * turned[1] + transform.x) * CELLS / its_size[1]
    y = (b * turned[0] + a * turned[1] + transform.y) * CELLS / its_size[0]
    inside = (x >= 0) & (y >= 0) & (x < CELLS) & (y < CELLS)
    first = mine.reshape(-1, 2)[inside].astype(float) - 128
    second = its[y[inside].astype(int), x[inside].astype(int)].astype(float) - 128
    lengths = [float(np.sqrt((each**2).sum(axis=1).mean())) for each in (first, second)]
    if not len(first) or min(lengths) < _COLOURED:
        return True
    agreement = float((first * second).sum(axis=1).mean()) / (lengths[0] * lengths[1])
    return agreement >= MIN_AGREEMENT
