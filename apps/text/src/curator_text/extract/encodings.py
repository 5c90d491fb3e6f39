"""Bytes of a page into text, as real pages have them.

What a page says of its encoding is often wrong, and detectors take UTF-8 for Windows code pages. So strict
UTF-8 comes before both: bytes of another encoding that happen to be UTF-8 are hardly ever met.
"""

import codecs
import re
from dataclasses import dataclass

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""UTF-32 first: its mark begins with that of UTF-16."""
_META = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,400}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE
)
_META_BYTES = 4096
"""Where a page says its encoding; the standard asks for it within 1024 bytes."""
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
# As browsers read them: what calls itself Latin-1 is Windows-1252.
_AS_BROWSERS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
}
_MOST_BAD = 0.01
"""Share of characters that may be none: a page with more is no text in the encoding that was chosen."""


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """A page as text."""

    text: str
    encoding: str
    """By Python's name."""
    bad: int = 0
    """Characters that could not be read, and are U+FFFD."""

    @property
    def is_readable(self) -> bool:
        """Whether it is a text at all: hardly a character is unreadable, and none is NUL."""
        return self.bad <= _MOST_BAD * len(self.text) and "\0" not in self.text[:4096]


def decode(data: bytes, *, content_type: str = "") -> Decoded:
    """The text of a page's bytes.

    A byte order mark comes first, then strict UTF-8, then what the server says, what the page says, what a
    detector guesses; of the last three the first one that reads all bytes, else the first that is known.

    Args:
        data: The page.
        content_type: As the server sent it.

    Example:
        >>> decode("für".encode("cp1252"), content_type="text/html; charset=iso-8859-1").text
        'für'
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _read(data[len(mark) :], name)
    try:
        return Decoded(text=data.decode(), encoding="utf-8")
    except UnicodeDecodeError:
        pass
    said = [_known(each) for each in (_of_header(content_type), _of_page(data))]
    # UTF-8 that is broken in a few places is still UTF-8, where both sides say so.
    tried = [_read(data, name) for name in dict.fromkeys(filter(None, said))]
    if found := next((each for each in tried if not each.bad), None):
        return found
    guess = _known(_detected(data))
    tried += [_read(data, guess)] if guess else []
    return next(
        (each for each in tried if each.is_readable), tried[0] if tried else _read(data, "utf-8")
    )


def _read(data: bytes, name: str) -> Decoded:
    text = data.decode(name, "replace")
    return Decoded(text=text, encoding=name, bad=text.count("\ufffd"))


def _of_header(content_type: str) -> str:
    found = _HEADER.search(content_type)
    return found[1] if found else ""


def _of_page(data: bytes) -> str:
    found = _META.search(data[:_META_BYTES])
    return found[1].decode("ascii", "replace") if found else ""


def _known(name: str) -> str:
    """Python's name of an encoding of text, as browsers read it; empty if there is none."""
    try:
        found = codecs.lookup(name)
        # Not all that Python can decode is an encoding of texts, as zlib.
        b"".decode(found.name)
    except (LookupError, ValueError, UnicodeError):
        return ""
    if found.name.startswith("utf-16"):
        # A page that could be read as ASCII up to these words is none.
        return "utf-8"
    return _AS_BROWSERS.get(found.name, found.name)


def _detected(data: bytes) -> str:
    from resiliparse.parse.encoding import detect_encoding

    return detect_encoding(data) or ""
