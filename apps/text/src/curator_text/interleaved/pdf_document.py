"""A PDF file as a document: the texts and pictures of its pages, in the order in which they are read.

Pictures that are JPEG in the file stay the same bytes; others become PNG. By pypdfium2.
"""

import io
import re
from typing import Any

from curator_text.interleaved.documents import Document, Part

MOST_PAGES, MOST_PICTURES = 2000, 5000
"""Of a file; what is beyond is not read."""
MOST_PIXELS = 100_000_000
"""Of a picture that is decoded."""
_AS_THEY_ARE = {"DCTDecode": ("jpg", "image/jpeg"), "JPXDecode": ("jp2", "image/jp2")}

type Box = tuple[float, float, float, float]
"""Left, bottom, right, top, in points from the lower left corner of the page."""


def pdf_document(data: bytes, *, id: str) -> Document:
    """The document in a PDF file.

    A picture stands behind the last line of text that is above it and in its column.

    Raises:
        ValueError: It is none, it is damaged, or it needs a password.
    """
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise ValueError(f"no PDF that can be read ({error})") from error
    document = Document(id=id)
    try:
        about = pdf.get_metadata_dict()
        document.fields = {"pages": len(pdf), **{k.lower(): v for k, v in about.items() if v}}
        for number in range(min(len(pdf), MOST_PAGES)):
            page = pdf[number]
            try:
                _read_page(page, number, document)
            finally:
                page.close()
    except pypdfium2.PdfiumError as error:
        raise ValueError(f"damaged PDF ({error})") from error
    finally:
        pdf.close()
    return document


def _read_page(page: Any, number: int, document: Document) -> None:
    lines = _lines(page)
    pictures = list[tuple[int, Part]]()
    for each in _pictures_of(page):
        if document.count("image") + len(pictures) >= MOST_PICTURES:
            break
        name = f"page-{number + 1}-image-{len(pictures) + 1}"
        pictures.append((_place(each.get_bounds(), lines), _picture(each, name)))
    texts = [text for text, _ in lines]
    start = 0
    for place, part in sorted(pictures, key=lambda each: each[0]):
        _add_text(document, texts[start:place])
        document.parts.append(part)
        start = max(start, place)
    _add_text(document, texts[start:])


def _pictures_of(page: Any) -> list[Any]:
    from pypdfium2 import raw

    return list(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]))


def _lines(page: Any) -> list[tuple[str, Box]]:
    """The lines of a page in the file's order, each with its box."""
    text = page.get_textpage()
    found = list[tuple[str, Box]]()
    for number in range(text.count_rects()):
        box = text.get_rect(number)
        line = " ".join(text.get_text_bounded(*box).replace("\0", "").split())
        if line:
            found.append((line, box))
    return found


def _place(box: Box, lines: list[tuple[str, Box]]) -> int:
    """How many lines stand before a picture."""
    left, bottom, right, top = box
    middle = (bottom + top) / 2
    before = [
        number
        for number, (_, (start, low, end, high)) in enumerate(lines, start=1)
        if start < right and end > left and (low + high) / 2 > middle
    ]
    return max(before, default=0)


def _add_text(document: Document, lines: list[str]) -> None:
    """Add lines as one text, with words whole that hyphens cut."""
    text = re.sub(r"(\w)[\ufffe\u00ad-]\n(?=[a-zà-ÿ])", r"\1", "\n".join(lines))
    if text:
        document.parts.append(Part(kind="text", text=text, content_type="text/plain"))


def _picture(found: Any, name: str) -> Part:
    """A picture; without bytes if it is too large to decode."""
    filters = found.get_filters(skip_simple=True)
    if len(filters) == 1 and filters[0] in _AS_THEY_ARE:
        ending, kind = _AS_THEY_ARE[filters[0]]
        data = bytes(found.get_data(decode_simple=True))
        return Part(kind="image", name=f"{name}.{ending}", content_type=kind, data=data)
    part = Part(kind="image", name=f"{name}.png", content_type="image/png")
    width, height = found.get_px_size()
    if 0 < width * height <= MOST_PIXELS:
        file = io.BytesIO()
        found.get_bitmap().to_pil().save(file, "PNG")
        part.data = file.getvalue()
    return part
