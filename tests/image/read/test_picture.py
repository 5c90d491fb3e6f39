import io

import numpy as np
import pytest
from PIL import Image

from curator_image.read.picture import PictureError, open_picture


def bytes_of(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def test_a_turned_picture_is_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = open_picture(bytes_of(Image.new("RGB", (40, 20)), "JPEG", exif=exif))
    assert (picture.width, picture.height, picture.rgb.shape) == (20, 40, (40, 20, 3))


def test_a_transparent_picture_lies_on_white():
    picture = open_picture(bytes_of(Image.new("RGBA", (4, 4), (255, 0, 0, 0))))
    assert np.all(picture.rgb == 255)


def test_too_many_pixels_are_refused():
    with pytest.raises(PictureError, match="40x20 pixels are more than 100"):
        open_picture(bytes_of(Image.new("L", (40, 20))), max_pixels=100)


def test_what_is_no_picture_is_refused():
    with pytest.raises(PictureError):
        open_picture(b"no picture")


def test_jpeg_is_decoded_at_half_its_size_where_that_is_enough():
    decoded = []
    data = bytes_of(Image.new("RGB", (1024, 768)), "JPEG")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Image.Image, "thumbnail", lambda self, *_, **__: decoded.append(self.size))
        open_picture(data)
    assert decoded == [(512, 384)]
