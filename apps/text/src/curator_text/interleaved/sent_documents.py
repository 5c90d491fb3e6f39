"""Documents as they are sent from process to process: facts as JSON, and the files of pictures behind each other."""

from typing import Any

from curator_text.interleaved.documents import Document, Part
from curator_text.read.served_process import Facts, Message


def as_message(document: Document) -> Message:
    """A document without what is said of its parts."""
    parts = list[dict[str, Any]]()
    files = list[bytes]()
    for part in document.parts:
        size = None if part.data is None else len(part.data)
        files.append(part.data or b"")
        parts.append(
            {
                "kind": part.kind,
                "text": part.text,
                "name": part.name,
                "content_type": part.content_type,
                "frame": part.frame,
                "size": size,
            }
        )
    return {"id": document.id, "fields": document.fields, "parts": parts}, b"".join(files)


def from_message(facts: Facts, data: bytes) -> Document:
    """The document that was sent."""
    document = Document(id=facts["id"], fields=facts["fields"])
    start = 0
    for each in facts["parts"]:
        size = each.pop("size")
        document.parts.append(
            Part(**each, data=None if size is None else data[start : start + size])
        )
        start += size or 0
    return document
