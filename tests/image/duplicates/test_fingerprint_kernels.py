import numpy as np

from curator_image.duplicates import fingerprint_kernels as kernels


def test_a_border_of_one_grey_is_trimmed_on_each_side():
    luma = np.full((60, 80), 200, np.uint8)
    luma[10:50, 5:70] = np.random.default_rng(1).integers(0, 256, (40, 65))
    assert kernels.trim(luma, 16) == (5, 10, 70, 50)


def test_the_first_wave_is_the_mean():
    block = kernels.waves(np.full((20, 30), 50, np.float32), 0.0, 0.0, 30, 20, 5)
    assert abs(block[0, 0] - 100) < 1e-3
    assert np.abs(block).sum() - block[0, 0] < 1e-3
