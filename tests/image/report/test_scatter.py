import numpy as np

from curator_image.report.scatter import scatter


def test_pictures_of_one_size_are_one_square():
    wide, high = np.array([640.0, 640.0, 100.0]), np.array([480.0, 480.0, 90.0])
    drawn = scatter(wide, high, np.array([True, False, False]))
    assert drawn.count("<rect") == 2
    assert ": 1 kept, 1 dropped" in drawn


def test_a_single_size_is_drawn():
    assert "<rect" in scatter(np.array([64.0]), np.array([64.0]), np.array([True]))
