"""PDF files into text."""

import pytest
from web_pages import pdf

from curator_text.extract.pdf_text import _joined, pdf_text


def test_text_title_and_day_are_found():
    found = pdf_text(pdf("The harbour was quiet."))
    assert (found.text, found.title, found.date) == (
        "The harbour was quiet.",
        "A paper",
        "2024-03-28",
    )


@pytest.mark.parametrize("data", [b"%PDF-1.4 nothing", b""])
def test_what_is_none_is_said(data):
    with pytest.raises(ValueError, match="no PDF"):
        pdf_text(data)


def test_lines_that_go_on_are_joined():
    lines = "A paragraph that goes on for some\r\nlines with a hyphen-\r\nated word in it, and then\r\nends.\r\nAnother one begins here at once."
    assert _joined(lines) == (
        "A paragraph that goes on for some lines with a hyphenated word in it, and then ends.\n"
        "Another one begins here at once."
    )
