import io

import pytest
from image.drawn_pictures import saved
from image.scenes import encoded, scene
from PIL import Image

from curator_image.images.reencode import Reencode, reencode_as


def opened(data):
    return Image.open(io.BytesIO(data))


def test_a_turned_picture_is_upright_and_has_no_exif():
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(scene(1), "JPEG", exif=exif)
    out = opened(Reencode(kind="webp").encode(data))
    assert (out.format, out.size, dict(out.getexif())) == ("WEBP", (240, 320), {})


def test_a_picture_is_made_smaller_and_never_larger():
    data = encoded(scene(1))
    assert opened(Reencode(kind="jpeg", max_side=100).encode(data)).size == (100, 75)
    assert opened(Reencode(kind="png", max_side=1000).encode(data)).size == (320, 240)


def test_what_is_transparent_becomes_white():
    out = opened(Reencode(kind="png").encode(saved(Image.new("RGBA", (4, 4), (9, 9, 9, 0)))))
    assert out.getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("name", "expected"), [("a/b.png", "a/b.jpg"), ("b.JPEG", "b.JPEG"), ("b", "b.jpg")]
)
def test_a_name_gets_the_ending(name, expected):
    assert Reencode(kind="jpeg").named(name) == expected


def test_off_is_none():
    assert reencode_as("off", quality=90, max_side=None) is None
