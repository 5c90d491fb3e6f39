"""What the process of documents does with files, called in this process."""

import pytest
from interleaved_toys import frames, pdf_with_picture, picture

from curator_text.interleaved import document_process
from curator_text.interleaved.document_process import answer, reading
from curator_text.interleaved.picture_measures import Wanted
from curator_text.interleaved.sent_documents import from_message


def test_a_pdf_is_answered_with_its_document():
    jpeg = picture(kind="JPEG")
    facts = {"do": "pdf", "id": "a.pdf"}
    found = from_message(*reading({})(facts, pdf_with_picture(jpeg, 200, 160)))
    assert (found.id, found.parts[1].data) == ("a.pdf", jpeg)


def test_pictures_of_a_file_are_answered_with_their_measures():
    facts, _ = answer({"do": "measure", "frames": [0, 9]}, frames(2), Wanted())
    assert facts == {"pictures": [{"width": 200, "height": 160}, {}]}


def test_what_is_no_pdf_says_so():
    facts, _ = answer({"do": "pdf", "id": "a"}, b"<html>", Wanted())
    assert "no PDF" in facts["reason"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [(MemoryError(), "needs too much memory"), (OSError(), "the reader failed: OSError")],
)
def test_a_failure_costs_the_file_only(monkeypatch, error, reason):
    def fail(*args, **options):
        raise error

    monkeypatch.setattr(document_process, "pdf_document", fail)
    assert answer({"do": "pdf", "id": "a"}, b"", Wanted()) == ({"reason": reason}, b"")
