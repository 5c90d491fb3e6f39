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
    from curator_image.duplicates.align_kernels import colour_moments

    turn, fit = matrix(transform.turn), (transform.a, transform.b, transform.x, transform.y)
    count, mine_squares, its_squares, products = colour_moments(
        mine, its, turn, fit, size, its_size
    )
    lengths = [(each / max(1, count)) ** 0.5 for each in (mine_squares, its_squares)]
    if not count or min(lengths) < _COLOURED:
        return True
    return products / count / (lengths[0] * lengths[1]) >= MIN_AGREEMENT
