"""Text out of PDF files, by pypdfium2: that of each page, lines of a paragraph joined."""

import re
from dataclasses import dataclass
from typing import Any

MOST_PAGES = 2000
"""Of a file; books have fewer."""


@dataclass(frozen=True, kw_only=True)
class PdfText:
    """What a PDF file holds."""

    text: str
    title: str
    date: str
    """Day on which it was made, as 2024-03-28; empty if it does not say it."""


def pdf_text(data: bytes) -> PdfText:
    """The text of a PDF file; empty where its pages are pictures.

    Raises:
        ValueError: It is none, it is damaged, or it needs a password.

    Example:
        >>> pdf_text(Path("paper.pdf").read_bytes()).title
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise ValueError(f"no PDF that can be read ({error})") from error
    try:
        about = document.get_metadata_dict()
        pages = [_of_page(document, number) for number in range(min(len(document), MOST_PAGES))]
    finally:
        document.close()
    made = re.match(r"D:(\d{4})(\d\d)(\d\d)", about.get("CreationDate", ""))
    return PdfText(
        text="\n\n".join(filter(None, pages)),
        title=" ".join(about.get("Title", "").split()),
        date="-".join(made.groups()) if made else "",
    )


def _of_page(document: Any, number: int) -> str:
    page = document[number]
    try:
        text = page.get_textpage().get_text_bounded()
    finally:
        page.close()
    return _joined(text)


def _joined(text: str) -> str:
    """Lines that go on are one: words that hyphens cut are whole, a short line ends its paragraph."""
    text = re.sub(r"(\w)[\ufffe\u00ad-]\s*\r?\n\s*(?=[a-zà-ÿ])", r"\1", text.replace("\0", ""))
    lines = [" ".join(line.split()) for line in text.splitlines()]
    longest = max(map(len, lines), default=0)
    parts = [""]
    for line in lines:
        if not line:
            parts.append("")
            continue
        parts[-1] += f" {line}" if parts[-1] else line
        if len(line) < 0.6 * longest:
            parts.append("")
    return "\n".join(filter(None, parts))
