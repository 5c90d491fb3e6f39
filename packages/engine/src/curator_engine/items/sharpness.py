"""How sharp a picture is: what a blur takes away."""

import numpy as np
from numpy.typing import NDArray


def sharpness(luma: NDArray[np.uint8]) -> float:
    """The variance of the Laplacian, in squared grey levels (Pech-Pacheco and others, 2000).

    It is taken on every second row. A picture made smaller has another sharpness than at full size, so
    a limit is for one size.

    Args:
        luma: 0 to 255, shape (height, width).

    Returns:
        At 512 pixels below about 10 for a blurred or flat picture; 0 for one of fewer than 3 rows or columns.

    Example:
        >>> sharpness(np.asarray(Image.open("a.png").convert("L")))
        812.3
    """
    if min(luma.shape) < 3:
        return 0.0
    from curator_engine.items.sharpness_kernels import laplacian_sums

    total, squares = laplacian_sums(luma)
    count = (luma.shape[0] - 1) // 2 * (luma.shape[1] - 2)
    return max(0.0, squares / count - (total / count) ** 2)
