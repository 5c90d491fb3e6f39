import numpy as np

from curator_video.read.frames import ArrayFrame


def frame(aspect=1.0):
    picture = np.zeros((20, 40, 3), np.uint8)
    picture[:, 20:] = 200
    return ArrayFrame(number=0, time=0.0, duration=0.1, key=True, picture=picture, aspect=aspect)


def test_a_picture_is_squeezed_to_the_size():
    small = frame().rgb((4, 2))
    assert small[:, :, 0].tolist() == [[0, 0, 200, 200]] * 2


def test_pixels_become_square():
    assert frame(aspect=1.5).rgb().shape == (20, 60, 3)


def test_luma_keeps_the_stored_size():
    luma = frame(aspect=1.5).luma()
    assert (luma.shape, luma[0, 0], luma[0, -1]) == ((20, 40), 0, 200)


def test_arrays_have_no_motion():
    assert frame().motion() is None
