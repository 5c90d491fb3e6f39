"""The inner loop of sharpness against numpy."""

import numpy as np

from curator_engine.items import sharpness_kernels as kernels

LUMA = np.random.default_rng(0).integers(0, 256, (51, 40)).astype(np.uint8)


def test_the_laplacian_is_summed_on_every_second_row():
    w = LUMA.astype(np.int64)
    curve = 4 * w[1:-1, 1:-1] - w[1:-1, :-2] - w[1:-1, 2:] - w[:-2, 1:-1] - w[2:, 1:-1]
    total, squares = kernels.laplacian_sums(LUMA)
    assert (total, squares) == (curve[::2].sum(), (curve[::2] ** 2).sum())
