import io

import numpy as np
import pytest
from image_drawings import luma_of, photo
from PIL import Image, ImageDraw

from curator_image.read.picture import open_picture
from curator_image.scores.detail import blockiness
from curator_image.scores.measure import measure

OWN_SIZE = (8.0, 8.0)


def blocks(image):
    found = blockiness(luma_of(image), OWN_SIZE)
    assert found is not None
    return found


def jpeg(image, quality):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


def opened(image, quality):
    return Image.open(io.BytesIO(jpeg(image, quality)))


def test_blocks_of_coarse_jpeg_are_seen_and_of_fine_are_not():
    assert blocks(opened(photo(), 10)) > 0.9
    assert blocks(opened(photo(), 95)) < 0.2


def test_the_grid_is_found_wherever_it_begins():
    cropped = opened(photo(), 10).crop((3, 5, 300, 290))
    assert blocks(cropped) > 0.9


@pytest.mark.parametrize("side", [512, 700, 1024])
def test_blocks_are_seen_in_a_picture_made_smaller(side):
    large = photo().resize((side, side))
    coarse, fine = (measure(open_picture(jpeg(large, q)))["blockiness"] for q in (8, 92))
    assert coarse > 0.5 > fine


def test_a_drawing_of_few_lines_has_no_blocks():
    image = Image.new("L", (256, 256), "white")
    ImageDraw.Draw(image).rectangle((64, 64, 160, 160), fill="black")
    assert blocks(image) == 0


def test_blocks_that_are_too_small_or_too_few_are_not_measured():
    assert blockiness(luma_of(photo()), (1.0, 1.0)) is None
    assert blockiness(np.zeros((20, 300), np.uint8), OWN_SIZE) is None
