import numpy as np
import pytest

from curator_image.duplicates import fingerprint_kernels, index_kernels

BLOCK = np.random.default_rng(1).normal(0, 1, (16, 16)).astype(np.float32)


def _bits(picture):
    block = fingerprint_kernels.waves(np.ascontiguousarray(picture), 0.0, 0.0, 16, 16, 5)
    return np.uint32(fingerprint_kernels.signs(block, 1, 5)[0])


@pytest.mark.parametrize("turn", range(8))
def test_all_orientations_of_a_window_have_one_key(turn):
    picture = BLOCK[:, ::-1] if turn & 1 else BLOCK
    picture = picture[::-1] if turn & 2 else picture
    picture = picture.T if turn & 4 else picture
    key, _ = index_kernels.canonical(_bits(BLOCK), 0)
    assert index_kernels.canonical(_bits(picture), 0)[0] == key
