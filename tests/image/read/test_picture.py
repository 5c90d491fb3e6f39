import gzip
import io
import struct
import time
import zlib

import numpy as np
import pytest
from image.drawn_pictures import picture, saved
from PIL import Image, ImageFile

from curator_image.read import picture as module
from curator_image.read.picture import PictureError, open_picture

CORNERS = np.zeros((4, 6, 3), np.uint8)
CORNERS[0, 0], CORNERS[0, 5], CORNERS[3, 0] = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def with_orientation(value, kind="PNG"):
    exif = Image.Exif()
    exif[0x0112] = value
    options = (
        {"compression": "raw"} if kind == "TIFF" else {"lossless": True} if kind == "WEBP" else {}
    )
    return saved(Image.fromarray(CORNERS), kind, exif=exif, **options)


def png(width, height, rows=b"", kind=2):
    """A PNG that claims a size."""

    def chunk(name, data):
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


# Where the red, green and blue corners are, as (row, column) in the picture that is shown.
SHOWN = {
    1: ((0, 0), (0, -1), (-1, 0)),
    2: ((0, -1), (0, 0), (-1, -1)),
    3: ((-1, -1), (-1, 0), (0, -1)),
    4: ((-1, 0), (-1, -1), (0, 0)),
    5: ((0, 0), (-1, 0), (0, -1)),
    6: ((0, -1), (-1, -1), (0, 0)),
    7: ((-1, -1), (0, -1), (-1, 0)),
    8: ((-1, 0), (0, 0), (-1, -1)),
}


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("value", range(1, 9))
def test_a_turned_picture_is_upright(value, kind):
    found = open_picture(with_orientation(value, kind))
    assert (found.orientation, found.width, found.height) == (
        value,
        *((6, 4) if value < 5 else (4, 6)),
    )
    red, green, blue = (tuple(found.rgb[at].tolist()) for at in SHOWN[value])
    assert (red, green, blue) == ((255, 0, 0), (0, 255, 0), (0, 0, 255))


@pytest.mark.parametrize("value", [0, 9, 77])
def test_an_orientation_that_is_none_is_noted(value):
    found = open_picture(with_orientation(value))
    assert (found.orientation, found.width) == (1, 6)
    assert found.notes == (f"its EXIF orientation {value} is none",)


def test_damaged_exif_is_no_hindrance():
    data = picture(exif=b"Exif\0\0MM\0\x2a\0\0\0\x08\xff\xff" + b"\xff" * 40)
    assert open_picture(data).width == 32


def test_a_picture_is_as_large_as_is_asked_for():
    data = picture(size=(3000, 1000))
    found = open_picture(data, side=300)
    assert (found.width, found.height, found.rgb.shape) == (3000, 1000, (100, 300, 3))


def test_jpeg_is_decoded_at_half_its_size_where_that_is_enough():
    decoded = []
    data = picture(size=(1024, 768))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Image.Image, "thumbnail", lambda self, *_, **__: decoded.append(self.size))
        open_picture(data)
    assert decoded == [(512, 384)]


@pytest.mark.parametrize("size", [(1, 1), (5000, 1), (1, 5000)])
def test_odd_shapes_are_pictures(size):
    assert open_picture(picture(size=size, kind="PNG")).width == size[0]


def test_too_many_pixels_are_refused():
    with pytest.raises(PictureError, match="40x20 pixels are more than 100"):
        open_picture(saved(Image.new("L", (40, 20))), max_pixels=100)


@pytest.mark.parametrize(
    "data",
    [
        png(30_000, 30_000, bytes(1000)),
        png(2**31 - 1, 2**31 - 1),
        b"GIF89a\xff\xff\xff\xff\0\0\0\x2c\0\0\0\0\xff\xff\xff\xff\0\x08\x01\0\0;",
        b"BM"
        + struct.pack("<IIIIiiHHIIIIII", 54, 0, 54, 40, 60_000, 60_000, 1, 24, 0, 0, 0, 0, 0, 0),
    ],
    ids=["png", "huge png", "gif", "bmp"],
)
def test_a_bomb_is_refused_before_it_is_decoded(data, monkeypatch):
    decoded = []
    monkeypatch.setattr(ImageFile.ImageFile, "load", decoded.append)
    with pytest.raises(PictureError, match="more than 178,956,970"):
        open_picture(data)
    assert decoded == []


def test_a_decoder_gets_no_more_bytes_when_its_time_is_over(monkeypatch):
    noise = np.random.default_rng(1).integers(0, 256, (600, 600, 3), np.uint8)
    data = saved(Image.fromarray(noise))
    with pytest.raises(PictureError, match="decoding takes more than 0 s"):
        open_picture(data, max_seconds=0)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "BMP"])
def test_a_picture_that_is_cut_off_is_refused(kind):
    noise = np.random.default_rng(1).integers(0, 256, (90, 120, 3), np.uint8)
    data = saved(Image.fromarray(noise), kind)
    assert open_picture(data).width == 120
    with pytest.raises(PictureError):
        open_picture(data[: len(data) // 2])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b"no picture", "no picture that is known"),
        (b'<?xml version="1.0"?>\n<svg xmlns="x"/>', "SVG, which is drawn"),
        (b"<svg/>", "SVG, which is drawn"),
        (b"\xef\xbb\xbf\n<!-- by me --> <svg/>", "SVG, which is drawn"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n", "no picture that is known"),
        (gzip.compress(b"x"), "no picture that is known"),
    ],
)
def test_what_is_no_picture_is_refused(data, reason):
    with pytest.raises(PictureError, match=reason):
        open_picture(data)


def test_what_is_no_picture_is_known_at_once():
    # To begin again at each of these takes minutes; the time is that of this thread alone.
    start = time.thread_time()
    with pytest.raises(PictureError, match="no picture that is known"):
        open_picture(b"<!---->" * 100_000)
    assert time.thread_time() - start < 20


def test_the_bytes_say_what_a_picture_is_not_what_follows_them():
    found = open_picture(picture(kind="PNG") + b"PK\x03\x04" + bytes(5000))
    assert found.format == "PNG"


def test_heic_is_read_if_its_library_is_there(monkeypatch):
    pillow_heif = pytest.importorskip("pillow_heif")
    file = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 48), (200, 30, 30))).save(file)
    found = open_picture(file.getvalue())
    assert (found.format, found.width) == ("HEIF", 64)
    assert abs(int(found.rgb[5, 5, 0]) - 200) < 12
    monkeypatch.setattr(module, "_reads_heif", lambda: False)
    with pytest.raises(PictureError, match=r"install curator-image\[heif\]"):
        open_picture(file.getvalue())
