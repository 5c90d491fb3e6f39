import numpy as np
import pytest
from image_drawings import luma_of, photo
from PIL import Image, ImageDraw, ImageFont, ImageOps

from curator_image.scores.overlay import inside_borders, overlay_ratio


def written(image, colour, size=28):
    image = image.copy()
    ImageDraw.Draw(image).text(
        (10, image.height - 60), "Sample of a caption", colour, ImageFont.load_default(size)
    )
    return luma_of(image)


@pytest.mark.parametrize("colour", ["black", "white", "red", "grey"])
@pytest.mark.parametrize("border", [(12, 12), (0, 40), (40, 0), (0, 30, 0, 0)])
def test_bars_of_any_colour_are_found_to_the_pixel(colour, border):
    image = photo()
    framed = luma_of(ImageOps.expand(image, border, colour))
    assert inside_borders(framed).shape == (image.height, image.width)


def test_a_photo_has_no_bars():
    assert inside_borders(luma_of(photo())).shape == luma_of(photo()).shape


@pytest.mark.parametrize("background", ["white", "black"])
def test_something_small_on_one_colour_has_no_bars(background):
    image = Image.new("RGB", (200, 200), background)
    ImageDraw.Draw(image).ellipse((60, 60, 140, 140), fill="red")
    assert inside_borders(luma_of(image)).shape == (200, 200)


def test_a_sky_that_gets_lighter_has_no_bars():
    rows = np.linspace(60, 200, 200).astype(np.uint8)
    assert inside_borders(np.tile(rows[:, None], (1, 200))).shape == (200, 200)


@pytest.mark.parametrize("colour", ["white", "black", (230, 230, 230)])
def test_writing_over_a_photo_is_seen(colour):
    assert overlay_ratio(luma_of(photo())) < 0.002
    assert overlay_ratio(written(photo(), colour)) > 0.005


def test_a_page_is_full_of_writing():
    page = Image.new("RGB", (400, 400), "white")
    draw = ImageDraw.Draw(page)
    for row in range(10, 390, 24):
        draw.text((10, row), "Words and more words of a page", "black", ImageFont.load_default(18))
    assert overlay_ratio(luma_of(page)) > 0.1
