import numpy as np
import pytest
from drawn_pictures import scene
from PIL import Image, ImageOps

from curator_image.duplicates.align import Transform
from curator_image.duplicates.colours import colours_agree, colours_of

HALVES = Image.new("RGB", (64, 64), "red")
HALVES.paste("blue", (32, 0, 64, 64))


def _agree(first, second, transform=None):
    mine, its = (colours_of(np.asarray(each.convert("RGB"))) for each in (first, second))
    return colours_agree(mine, its, transform or Transform(), (64, 64), (64, 64))


def test_a_picture_has_its_own_colours():
    assert _agree(HALVES, HALVES)


def test_colours_are_compared_where_they_lie():
    assert not _agree(HALVES, ImageOps.mirror(HALVES))
    assert _agree(HALVES, ImageOps.mirror(HALVES), Transform(turn=1, x=64.0))


@pytest.mark.parametrize("order", [1, -1])
def test_grey_goes_with_any_colour(order):
    assert _agree(*[HALVES, HALVES.convert("L")][::order])


def test_paler_is_the_same_colour():
    assert _agree(HALVES, Image.blend(HALVES, Image.new("RGB", (64, 64), "grey"), 0.5))


def test_a_scene_of_another_colour_does_not_agree():
    grey = scene(1, (64, 64)).convert("L")
    assert not _agree(
        ImageOps.colorize(grey, "red", "white"), ImageOps.colorize(grey, "blue", "white")
    )
