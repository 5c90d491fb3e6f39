import numpy as np
import pytest
from drawn_pictures import fingerprints, saved, scene
from PIL import Image, ImageOps

from curator_image.duplicates.fingerprint import MIN_QUALITY, WINDOW, fingerprint, read_luma
from curator_image.read.picture import open_picture


def _of(picture):
    data = saved(picture)
    return fingerprint(open_picture(data), data)


def test_a_file_and_its_size_are_known():
    table = fingerprints({"a": scene(1, (700, 500))})
    assert table.to_pylist()[0].items() >= {"uuid": "a", "width": 700, "height": 500}.items()


def test_the_grey_picture_has_at_most_256_pixels_a_side():
    assert read_luma(_of(scene(1, (700, 500)))["luma"]).shape == (183, 256)
    assert read_luma(_of(scene(1, (100, 50)))["luma"]).shape == (50, 100)


def test_a_flat_picture_has_no_windows_and_says_so():
    row = _of(Image.new("RGB", (300, 200), (90, 90, 90)))
    assert row["windows"] == b""
    assert row["quality"] < MIN_QUALITY


def test_a_border_of_one_grey_does_not_change_the_inner_windows():
    picture = scene(1)
    plain = np.frombuffer(_of(picture)["windows"], WINDOW)
    framed = np.frombuffer(_of(ImageOps.expand(picture, 30, "white"))["windows"], WINDOW)
    common = set(plain["bits"].tolist()) & set(framed["bits"].tolist())
    assert len(common) > 0.5 * len(plain)


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (3000, 2), (9, 9)])
def test_any_shape_has_a_fingerprint(size):
    assert len(_of(scene(1, (64, 64)).resize(size))["colours"]) == 512
