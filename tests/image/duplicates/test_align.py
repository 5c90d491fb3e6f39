import numpy as np
import pytest
from drawn_pictures import scene

from curator_image.duplicates.align import Transform, align, levels_of, matrix, overlap_of


def _place(transform, x, y):
    u, v = matrix(transform.turn) @ (x, y)
    a, b = transform.a, transform.b
    return a * u - b * v + transform.x, b * u + a * v + transform.y


@pytest.mark.parametrize("turn", range(8))
def test_there_and_back_is_the_same_place(turn):
    there = Transform(turn=turn, a=1.3, b=0.2, x=5.0, y=-7.0)
    assert _place(there.inverse(), *_place(there, 11.0, 3.0)) == pytest.approx((11.0, 3.0))


def test_a_rough_guess_becomes_exact():
    grey = np.asarray(scene(1, (256, 192)).convert("L"))
    part = grey[20:180, 30:230]
    found = align(levels_of(part), levels_of(grey), Transform(x=25.0, y=24.0))
    assert (found.transform.x, found.transform.y) == pytest.approx((30.0, 20.0), abs=0.1)
    assert found.transform.scale == pytest.approx(1.0, abs=0.002)
    assert found.similarity > 0.98


def test_different_pictures_are_not_laid_over_each_other():
    first, second = (levels_of(np.asarray(scene(seed).convert("L"))) for seed in (1, 2))
    assert align(first, second, Transform()) is None


def test_a_transform_says_what_it_does():
    words = str(Transform(turn=1, a=0.5, x=10.0, y=2.0))
    assert words == "mirrored, scaled by 0.500, shifted by 10, 2"


@pytest.mark.parametrize("turn", range(8))
def test_the_overlap_is_a_share_of_the_smaller_picture(turn):
    size, other = (100.0, 100.0), (200.0, 200.0)
    across, down = (100.0, 100.0) - 0.5 * matrix(turn) @ (50.0, 50.0)
    inside = Transform(turn=turn, a=0.5, x=float(across), y=float(down))
    at_the_side = Transform(turn=turn, a=0.5, x=float(across) - 100.0, y=float(down))
    assert overlap_of(size, other, inside) == pytest.approx(1.0)
    assert overlap_of(size, other, at_the_side) == pytest.approx(0.5, abs=0.02)
    assert overlap_of(other, size, inside.inverse()) == pytest.approx(1.0, abs=0.05)
