"""Limits of pictures and documents, at both sides."""

import io

import numpy as np
import pytest
from interleaved_toys import flat, frames, picture
from PIL import Image

from curator_engine.errors import ResourceError
from curator_text.interleaved.documents import Document, Part
from curator_text.interleaved.limits import (
    UNREADABLE,
    DocumentLimits,
    PictureLimits,
    code_area,
    document_reason,
    need,
    picture_reason,
    sharpness,
)


def qr_code():
    """The pixels of a QR code."""
    zxing = pytest.importorskip("zxingcpp")
    made = zxing.create_barcode("https://a.example", zxing.BarcodeFormat.QRCode)
    return np.array(zxing.write_barcode_to_image(made, scale=8))


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "limits", "reason"),
    [
        (picture(), {"min_side": 160}, ""),
        (picture(), {"min_side": 161}, "picture is too small"),
        (picture(), {"max_side": 199}, "picture is too large"),
        (picture(), {"max_aspect": 1.25}, ""),
        (picture(), {"max_aspect": 1.2}, "picture is too long"),
        (picture(), {"min_sharpness": 100.0}, ""),
        (flat(), {"min_sharpness": 100.0}, "picture is blurred"),
        (b"GIF89a", {}, UNREADABLE),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", {}, UNREADABLE),
        (picture()[:3000], {"min_sharpness": 1.0}, UNREADABLE),
        (None, {}, ""),
        (None, {"need_data": True}, "picture is only named"),
    ],
)
def test_pictures_outside_of_a_limit_go(data, limits, reason):
    assert picture_reason(Part(kind="image", data=data), PictureLimits(**limits)) == reason


def test_the_frame_that_is_meant_is_looked_at():
    part = Part(kind="image", data=frames(2), frame=5)
    assert picture_reason(part, PictureLimits()) == UNREADABLE
    part.frame = 1
    assert picture_reason(part, PictureLimits()) == ""


def test_a_picture_that_is_a_qr_code_goes():
    code = qr_code()
    part = Part(kind="image", data=png(code))
    assert 0.2 < code_area(code) <= 1
    assert picture_reason(part, PictureLimits(max_code_area=0.05)) == "picture is a QR code"
    assert picture_reason(Part(kind="image", data=flat()), PictureLimits(max_code_area=0.05)) == ""


def test_sharpness_is_the_variance_of_the_laplacian():
    point = np.zeros((5, 5), np.uint8)
    point[2, 2] = 10
    values = [-40.0, *[10.0] * 4, *[0.0] * 4]
    assert sharpness(point) == pytest.approx(np.var(values))
    assert sharpness(point[:2]) == 0


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({}, ""),
        ({"min_images": 3}, "too few pictures"),
        ({"max_images": 1}, "too many pictures"),
        ({"min_chars": 8}, "too little text"),
        ({"max_chars": 6}, "too much text"),
        ({"max_images_per_word": 1.0}, ""),
        ({"max_images_per_word": 0.9}, "too many pictures for its text"),
    ],
)
def test_documents_outside_of_a_limit_go(limits, reason):
    text = Part(kind="text", text="two wor")
    document = Document(id="a", parts=[text, Part(kind="image"), Part(kind="image")])
    assert document_reason(document, DocumentLimits(**limits)) == reason


def test_a_document_of_nothing_goes():
    assert document_reason(Document(id="a"), DocumentLimits()) == "no text and no picture"


def test_a_package_that_is_missing_is_named():
    with pytest.raises(ResourceError, match="extra 'interleaved'"):
        need("no_such_package")
