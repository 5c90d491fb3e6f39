"""Some documents of texts and pictures as the page shows them: the beginning of their texts, and small pictures."""

import base64
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from curator_engine.report import html_page as page
from curator_text.interleaved.documents import Document
from curator_text.interleaved.read_documents import documents_of

_DOCUMENTS, _PICTURES, _CHARS = 6, 4, 240
_SIDE, _QUALITY = 160, 70
_MOST_PIXELS = 50_000_000
"""Of a picture that is made small for the page."""


def some_documents(output: str) -> str:
    """A section with the first documents that have pictures; nothing where there are none, or the folder is remote."""
    shown = [html for each in islice(_kept(output), 10 * _DOCUMENTS) if (html := _shown(each))]
    if not shown:
        return ""
    lead = "The first that have pictures whose bytes are there, up to four of each."
    return page.section("Documents that stay", lead, "".join(shown[:_DOCUMENTS]))


def _kept(output: str) -> Iterator[Document]:
    """The documents in `data/`, in the order of files."""
    for path in sorted(each for each in Path(output, "data").rglob("*") if each.is_file()):
        for found in documents_of(str(path), path.name, _no_pdf):
            if found.document is not None:
                yield found.document


def _no_pdf(data: bytes, id: str) -> Document:
    """There are no PDF files in `data/`."""
    return Document(id=id)


def _shown(document: Document) -> str:
    images = [part.data for part in document.parts if part.kind == "image" and part.data]
    small = [each for data in images[:_PICTURES] if (each := _small(data))]
    if not small:
        return ""
    text = " ".join(part.text for part in document.parts if part.kind == "text")
    more = "..." if len(text) > _CHARS else ""
    pictures = " ".join(f'<img src="data:image/webp;base64,{each}" alt="">' for each in small)
    words = f"<bdi>{page.escaped(text[:_CHARS] + more)}</bdi>"
    return f"<h3>{page.escaped(document.id)}</h3><p>{pictures}</p><p>{words}</p>"


def _small(data: bytes) -> str | None:
    """A picture as a small WebP in base64; None if it cannot be read, or is too large to be read for a page."""
    from PIL import Image

    file = io.BytesIO()
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                return None
            picture.thumbnail((_SIDE, _SIDE))
            picture.convert("RGB").save(file, "WEBP", quality=_QUALITY)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return base64.b64encode(file.getvalue()).decode()
