# pyright: basic
# numba's decorators have no usable types, and it infers those of its functions.
"""Luma of a picture in one pass. Importing this module imports numba, so everybody imports it inside a function."""

import numpy as np

from curator_engine.compiled import kernel


@kernel
def luma_of(rgb):
    """Luma by ITU-R BT.601, rounded as Pillow rounds it, shape (height, width)."""
    rows, columns = rgb.shape[:2]
    luma = np.empty((rows, columns), np.uint8)
    for y in range(rows):
        for x in range(columns):
            red, green, blue = (
                np.int32(rgb[y, x, 0]),
                np.int32(rgb[y, x, 1]),
                np.int32(rgb[y, x, 2]),
            )
            luma[y, x] = (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16
    return luma
