"""Documents that are sent from process to process."""

from curator_text.interleaved.documents import Document, Part
from curator_text.interleaved.sent_documents import as_message, from_message


def test_what_is_sent_is_what_comes():
    parts = [
        Part(kind="text", text="für", content_type="text/plain"),
        Part(kind="image", data=b"one", name="a.png", frame=2),
        Part(kind="image", name="too-large.png"),
        Part(kind="image", data=b""),
    ]
    document = Document(id="a", fields={"pages": 3}, parts=parts)
    assert from_message(*as_message(document)) == document
