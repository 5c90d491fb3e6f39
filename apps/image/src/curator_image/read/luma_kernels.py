# pyright: basic
# numba's decorators have no usable types, and it infers those of its functions.
"""Luma of a picture in one pass. Importing this module imports numba, so everybody imports it inside a function."""

import numpy as np

from curator_engine.compiled import kernel

F32 = np.float32


@kernel
def luma_of(rgb):
    """Luma by ITU-R BT.601, rounded as Pillow rounds it, shape (height, width)."""
    flat = rgb.ravel()
    luma = np.empty(flat.shape[0] // 3, np.uint8)
    for k in range(luma.shape[0]):
        # Exact: no sum reaches 2 ** 24. Of whole numbers the processor would take fewer at once.
        red, green, blue = F32(flat[3 * k]), F32(flat[3 * k + 1]), F32(flat[3 * k + 2])
        total = red * F32(19595) + green * F32(38470) + blue * F32(7471) + F32(0x8000)
        luma[k] = np.uint8(np.int32(total * F32(1 / 65536)))
    return luma.reshape(rgb.shape[:2])
