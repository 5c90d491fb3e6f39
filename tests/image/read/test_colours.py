from pathlib import Path

import numpy as np
import pytest
from image.drawn_pictures import picture, saved
from PIL import Image, ImageCms

from curator_image.read.picture import open_picture

FOLDER = Path(__file__).parents[1]


def shown(image, kind="PNG", **options):
    return open_picture(saved(image, kind, **options)).rgb


def red(alpha):
    return Image.new("RGBA", (4, 4), (255, 0, 0, alpha))


def palette():
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 255, 0, 0])
    return image


@pytest.mark.parametrize(
    ("image", "options", "colour"),
    [
        (red(0), {}, (255, 255, 255)),
        (red(255), {}, (255, 0, 0)),
        (red(128), {}, (255, 127, 127)),
        (Image.new("LA", (4, 4), (0, 0)), {}, (255, 255, 255)),
        (Image.new("LA", (4, 4), (90, 255)), {}, (90, 90, 90)),
        (palette(), {"transparency": 1}, (255, 255, 255)),
        (palette(), {}, (255, 0, 0)),
        (Image.new("RGB", (4, 4), (9, 8, 7)), {"transparency": (9, 8, 7)}, (255, 255, 255)),
        (Image.new("1", (4, 4), 1), {}, (255, 255, 255)),
        (Image.fromarray(np.full((4, 4), 0x8000, np.uint16)), {}, (128, 128, 128)),
    ],
)
def test_a_picture_is_shown_over_white_with_8_bits(image, options, colour):
    assert abs(shown(image, **options).astype(int) - colour).max() <= 1


@pytest.mark.parametrize(
    ("values", "level", "notes"),
    [
        (np.full((4, 4), 0x4000, np.uint16), 64, 0),
        (np.full((4, 4), 0.5, np.float32), 128, 0),
        (np.linspace(-5, 5, 16, dtype=np.float32).reshape(4, 4), 0, 1),
        (np.full((4, 4), 200, np.int32), 200, 0),
        (np.full((4, 4), np.nan, np.float32), 0, 0),
    ],
)
def test_a_tiff_of_wide_values_is_scaled(values, level, notes):
    found = open_picture(saved(Image.fromarray(values), "TIFF"))
    assert (found.rgb[0, 0].tolist(), len(found.notes)) == ([level] * 3, notes)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_has_its_colours(kind):
    image = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    red, green, blue = open_picture(saved(image, kind)).rgb[8, 8].tolist()
    assert red > 200
    assert green < 60
    assert blue < 60


def test_a_profile_is_applied_and_named():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    found = open_picture(picture(kind="PNG", icc_profile=profile))
    assert found.notes == ("its colour profile cannot be used",)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    found = open_picture(picture(kind="PNG", icc_profile=srgb))
    assert found.icc.startswith("sRGB")
    assert not found.notes


def swapped():
    """A profile of RGB in which red and green have each other's colours."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return (
        data.replace(b"rXYZ", b"tXYZ")
        .replace(b"gXYZ", b"rXYZ")
        .replace(b"tXYZ", b"gXYZ")
        .replace(b"s\0R\0G\0B", b"m\0i\0n\0e")
    )


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_colours_are_those_of_the_profile(mode):
    image = Image.new(mode, (8, 8), (255, 0, 0) if mode == "RGB" else (255, 0, 0, 255))
    red, green, _ = shown(image, icc_profile=swapped())[4, 4].tolist()
    assert green > 200 > 60 > red


def test_a_profile_does_not_take_the_transparency_away():
    assert np.all(shown(red(0), icc_profile=swapped()) == 255)


@pytest.mark.parametrize("profile", [b"no profile", b"\0" * 200, b"x" * 60_000])
def test_a_damaged_profile_is_noted(profile):
    found = open_picture(picture(kind="PNG", icc_profile=profile))
    assert found.notes == ("its colour profile cannot be used",)
    assert found.rgb[5, 5, 2] == 200
