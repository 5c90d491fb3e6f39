"""How sharp pictures are."""

import numpy as np
import pytest

from curator_engine.items.sharpness import sharpness


def test_sharpness_is_the_variance_of_the_laplacian():
    rng = np.random.default_rng(0)
    luma = rng.integers(0, 256, (51, 40)).astype(np.uint8)
    w = luma.astype(float)
    curve = 4 * w[1:-1, 1:-1] - w[1:-1, :-2] - w[1:-1, 2:] - w[:-2, 1:-1] - w[2:, 1:-1]
    assert sharpness(luma) == pytest.approx(curve[::2].var())


def test_a_picture_of_two_rows_has_no_sharpness():
    assert sharpness(np.zeros((2, 9), np.uint8)) == 0
