"""PDF files and pictures in a process that is watched."""

import pytest
from interleaved_toys import frames, pdf_with_picture, picture

from curator_text.interleaved.documents import Part
from curator_text.interleaved.picture_measures import Wanted
from curator_text.interleaved.watched_reader import WatchedReader


@pytest.fixture(scope="module")
def reader():
    with WatchedReader(wanted=Wanted(sharpness=True)) as made:
        yield made


def test_a_pdf_comes_with_its_pictures_or_says_why_not(reader):
    jpeg = picture(kind="JPEG")
    document = reader.pdf(pdf_with_picture(jpeg, 200, 160), "a.pdf")
    assert [part.kind for part in document.parts] == ["text", "image", "text"]
    assert document.parts[1].data == jpeg
    with pytest.raises(ValueError, match="no PDF"):
        reader.pdf(b"", "b.pdf")


def test_pictures_are_measured_in_their_order(reader):
    tiff, png = frames(2), picture(20, 10)
    parts = [
        *(Part(kind="image", data=tiff, frame=n) for n in (0, 1, 7)),
        *(Part(kind="image", data=data) for data in (png, b"none")),
    ]
    found = reader.measure(parts)
    assert [each.get("width") for each in found] == [200, 200, None, 20, None]
    assert found[3]["sharpness"] > 0
    assert reader.measure([]) == []


def test_a_picture_that_takes_too_long_costs_itself(reader):
    reader.process.timeout_s = 0.0
    assert reader.measure([Part(kind="image", data=picture())]) == ["took too long"]
    reader.process.timeout_s = 60
    assert reader.measure([Part(kind="image", data=picture())])[0]["height"] == 160
