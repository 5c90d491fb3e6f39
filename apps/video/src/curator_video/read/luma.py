"""The brightness of RGB pictures, the same in every bit on each machine.

A matrix product would leave the order of the sum to BLAS, which differs by processor and threads.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_RED, _GREEN, _BLUE = map(np.float32, (0.299, 0.587, 0.114))
"""Weights of the colours by ITU-R BT.601."""


def luma_of(rgb: NDArray[Any]) -> NDArray[np.float32]:
    """Luma on the scale of the colours.

    Args:
        rgb: Any number of points, shape (..., 3), of at most 16 bits or float32.

    Returns:
        Shape (...).
    """
    luma: NDArray[np.float32] = rgb[..., 0] * _RED + rgb[..., 1] * _GREEN
    luma += rgb[..., 2] * _BLUE
    return luma
