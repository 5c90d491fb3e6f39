import numpy as np
import pytest
from image_drawings import photo, rgb_of
from PIL import Image, ImageOps

from curator_image.scores.colour import colour


def test_greyscale_has_no_colour():
    scores = colour(rgb_of(ImageOps.grayscale(photo()).convert("RGB")))
    assert (scores["colourfulness"], scores["grey_ratio"]) == (0, 1)


def test_a_photo_has_colour():
    scores = colour(rgb_of(photo()))
    assert scores["colourfulness"] > 30
    assert scores["grey_ratio"] < 0.3


def test_colourfulness_is_hasler_and_suesstrunk_s():
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (40, 50, 3), np.uint8)
    red, green, blue = rgb.reshape(-1, 3).T.astype(float)
    rg, yb = red - green, (red + green) / 2 - blue
    expected = np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean())
    assert colour(rgb)["colourfulness"] == pytest.approx(expected)


@pytest.mark.parametrize("shade", [(255, 0, 0), (250, 250, 250)])
def test_one_colour_with_a_spot_is_nearly_uniform(shade):
    image = Image.new("RGB", (100, 100), shade)
    image.paste((0, 0, 255), (40, 40, 50, 50))
    assert colour(rgb_of(image))["uniform_ratio"] == pytest.approx(0.99)


def test_a_photo_is_not_uniform():
    assert colour(rgb_of(photo()))["uniform_ratio"] < 0.2


def test_large_pictures_are_measured_on_some_of_their_points():
    large = photo().resize((512, 512))
    small = large.resize((128, 128))
    of_large, of_small = (colour(rgb_of(each)) for each in (large, small))
    assert of_large["colourfulness"] == pytest.approx(of_small["colourfulness"], rel=0.05)
