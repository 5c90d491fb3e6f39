# pyright: basic
# numba's decorators have no usable types, and it infers those of its functions.
"""The inner loop of `sharpness`: one pass over a picture.

Importing this module imports numba, so everybody imports it inside a function.
"""

import numpy as np

from curator_engine.compiled import kernel


@kernel
def laplacian_sums(luma):
    """The sum and the sum of squares of the Laplacian, on every second row."""
    rows, columns = luma.shape
    total, squares = 0, 0
    for y in range(1, rows - 1, 2):
        for x in range(1, columns - 1):
            curve = (
                4 * np.int32(luma[y, x])
                - np.int32(luma[y, x - 1])
                - np.int32(luma[y, x + 1])
                - np.int32(luma[y - 1, x])
                - np.int32(luma[y + 1, x])
            )
            total += curve
            squares += curve * curve
    return total, squares
