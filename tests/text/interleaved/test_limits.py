"""Limits of pictures and documents, at both sides."""

import pytest

from curator_text.interleaved.documents import Document, Part
from curator_text.interleaved.limits import (
    UNREADABLE,
    DocumentLimits,
    PictureLimits,
    document_reason,
    picture_reason,
)

MEASURES = {"width": 200, "height": 160, "sharpness": 100.0, "code_area": 0.05}


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"min_side": 160}, ""),
        ({"min_side": 161}, "picture is too small"),
        ({"max_side": 199}, "picture is too large"),
        ({"max_aspect": 1.25}, ""),
        ({"max_aspect": 1.2}, "picture is too long"),
        ({"min_sharpness": 100.0}, ""),
        ({"min_sharpness": 100.1}, "picture is blurred"),
        ({"max_code_area": 0.05}, ""),
        ({"max_code_area": 0.04}, "picture is a QR code"),
    ],
)
def test_pictures_outside_of_a_limit_go(limits, reason):
    assert picture_reason(MEASURES, PictureLimits(**limits)) == reason


def test_a_picture_without_measures_goes():
    assert picture_reason({}, PictureLimits()) == UNREADABLE


def test_a_picture_that_is_too_large_to_decode_goes():
    found = {"width": 20_000, "height": 20_000}
    assert picture_reason(found, PictureLimits(min_sharpness=1.0)) == "picture is too large"


def test_pixels_are_wanted_where_a_limit_needs_them():
    assert not PictureLimits().wanted.sharpness
    assert PictureLimits(min_sharpness=1.0, max_code_area=0.0).wanted.code_area


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
