"""Texts and pictures of a PDF, in reading order."""

import pytest
from interleaved_toys import pdf_with_picture, picture

from curator_text.interleaved.pdf_document import pdf_document


def test_a_picture_stands_between_the_lines_around_it_with_its_own_bytes():
    jpeg = picture(kind="JPEG")
    document = pdf_document(pdf_with_picture(jpeg, 200, 160), id="a.pdf")
    above, found, below = document.parts
    assert (above.text, below.text) == ("Above the picture.", "Below the picture.")
    assert found.data == jpeg
    assert (found.name, found.content_type) == ("page-1-image-1.jpg", "image/jpeg")
    assert document.fields["pages"] == 1


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4", b"<html>"])
def test_what_is_no_pdf_is_refused(data):
    with pytest.raises(ValueError, match="no PDF"):
        pdf_document(data, id="a")
