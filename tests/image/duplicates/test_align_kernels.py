import numpy as np

from curator_image.duplicates import align_kernels as kernels

GREY = np.random.default_rng(1).integers(0, 256, (40, 60)).astype(np.uint8)
SAME = np.array([1.0, 0.0, 0.0, 0.0, 1.0, 0.0])


def test_a_picture_is_like_itself():
    alike, covered, _ = kernels.compare(GREY, GREY, np.eye(2), SAME, 30.0)
    assert alike > 0.999
    assert covered == GREY.size


def test_what_is_flat_in_both_says_nothing():
    """Half of the picture is white in both; the other half differs, and decides."""
    other = GREY.copy()
    other[:, :30] = GREY[::-1, :30]
    white = GREY.copy()
    white[:, 30:] = other[:, 30:] = 255
    assert kernels.compare(white, other, np.eye(2), SAME, 30.0)[0] < 0.3
