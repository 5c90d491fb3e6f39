"""What is measured of pictures, also of hostile ones."""

import io

import numpy as np
import pytest
from interleaved_toys import flat, frames, picture
from PIL import Image

from curator_engine.errors import ResourceError
from curator_text.interleaved.picture_measures import Wanted, code_area, measures, need

ALL = Wanted(sharpness=True, code_area=True)


def qr_code():
    """The pixels of a QR code."""
    zxing = pytest.importorskip("zxingcpp")
    made = zxing.create_barcode("https://a.example", zxing.BarcodeFormat.QRCode)
    return np.array(zxing.write_barcode_to_image(made, scale=8))


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def test_sizes_are_known_without_pixels():
    assert measures(picture()) == {"width": 200, "height": 160}
    assert measures(picture()[:3000]) == {"width": 200, "height": 160}


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", picture()[:3000]]
)
def test_what_is_no_picture_has_no_measures(data):
    assert measures(data, wanted=ALL) == {}


def test_pixels_are_measured_where_it_is_wanted():
    assert measures(flat(), wanted=ALL) == {
        "width": 200,
        "height": 160,
        "sharpness": 0.0,
        "code_area": 0.0,
    }
    assert measures(picture(), wanted=Wanted(sharpness=True))["sharpness"] > 100


def test_the_frame_that_is_meant_is_looked_at():
    assert measures(frames(2), 5) == {}
    assert measures(frames(2), 1)


def test_a_code_covers_a_share_of_its_picture():
    code = qr_code()
    assert measures(png(code), wanted=ALL)["code_area"] == pytest.approx(code_area(code), abs=1e-6)
    assert 0.2 < code_area(code) <= 1


def test_a_package_that_is_missing_is_named():
    with pytest.raises(ResourceError, match="extra 'interleaved'"):
        need("no_such_package")
