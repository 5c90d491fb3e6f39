import numpy as np
import pytest
from image_drawings import photo, rgb_of
from PIL import Image, ImageFilter

from curator_image.read.picture import Picture
from curator_image.scores.measure import SCORES, measure


def measured(image, **facts):
    rgb = rgb_of(image)
    facts = {"width": rgb.shape[1], "height": rgb.shape[0]} | facts
    return measure(Picture(format="PNG", rgb=rgb, **facts))


def one_colour(*colour, size=(64, 48)):
    return Image.new("RGB", size, colour)


def test_every_score_of_the_table_is_measured_and_no_other():
    assert tuple(measured(photo())) == SCORES


def test_size_is_that_of_the_whole_picture():
    scores = measured(photo(), width=3000, height=1500)
    assert (scores["width"], scores["height"]) == (3000, 1500)
    assert (scores["megapixels"], scores["aspect"]) == (4.5, 2.0)


@pytest.mark.parametrize("size", [(1, 1), (1, 90), (90, 1), (2, 3), (8, 8), (41, 7)])
def test_the_smallest_pictures_are_measured(size):
    scores = measured(one_colour(10, 200, 30, size=size))
    assert scores["uniform_ratio"] == 1
    assert all(np.isfinite(value) for value in scores.values())


def test_a_blurred_picture_is_told_from_a_sharp_one():
    assert measured(photo())["sharpness"] > 300
    assert measured(photo().filter(ImageFilter.GaussianBlur(4)))["sharpness"] < 10


def test_bars_do_not_make_a_blurred_picture_sharp():
    framed = Image.new("RGB", (400, 400), "white")
    framed.paste(photo().filter(ImageFilter.GaussianBlur(4)).crop((0, 0, 300, 300)), (50, 50))
    assert measured(framed)["sharpness"] < 10


@pytest.mark.parametrize(
    ("levels", "bits"), [((0,), 0.0), ((0, 255), 1.0), (tuple(range(0, 256, 16)), 4.0)]
)
def test_entropy_is_that_of_the_tones(levels, bits):
    row = np.repeat(np.array(levels, np.uint8), 16)
    rgb = np.tile(row[None, :, None], (16, 1, 3))
    assert measured(rgb)["entropy"] == pytest.approx(bits)


@pytest.mark.parametrize(
    ("grey", "brightness", "dark", "bright"),
    [(0, 0.0, 1, 0), (51, 0.2, 1, 0), (128, 128 / 255, 0, 0), (255, 1.0, 0, 1)],
)
def test_exposure_of_plain_greys(grey, brightness, dark, bright):
    scores = measured(one_colour(grey, grey, grey))
    assert scores["brightness"] == pytest.approx(brightness)
    assert (scores["dark_ratio"], scores["bright_ratio"]) == (dark, bright)
    assert scores["contrast"] == pytest.approx(0, abs=1e-6)


def test_black_and_white_halves_have_the_most_contrast():
    rgb = np.zeros((20, 20, 3), np.uint8)
    rgb[:, 10:] = 255
    assert measured(rgb)["contrast"] == pytest.approx(0.5)
