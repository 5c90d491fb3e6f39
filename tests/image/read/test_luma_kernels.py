import numpy as np
from image_drawings import luma_of as pillow_luma
from image_drawings import photo, rgb_of

from curator_image.read.luma_kernels import luma_of


def test_luma_is_pillow_s():
    assert np.array_equal(luma_of(rgb_of(photo())), pillow_luma(photo()))
