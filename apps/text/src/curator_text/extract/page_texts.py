"""A page's bytes into a document: the work that is done in a process of its own, where a page can do no harm."""

import io
import re
import tarfile
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any

from curator_text.extract.encodings import decode
from curator_text.extract.html_extractors import EXTRACTORS, HTMLExtractorAlgorithm
from curator_text.extract.page_facts import page_facts
from curator_text.extract.page_formulas import count_formulas
from curator_text.extract.pdf_text import pdf_text
from curator_text.extract.tex_text import tex_text
from curator_text.extract.wiki_text import is_redirect, wiki_text
from curator_text.language.codes import UNDETERMINED
from curator_text.language.detectors import Pycld2

MOST_SOURCE_BYTES = 128 << 20
"""Of a paper's sources, unpacked."""
_MOST_SOURCE_FILES = 2000
_ESCAPES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""What no text holds, and JSON readers trip over."""
_HTML = re.compile(
    rb"<\s*(?:!doctype|html|head|body|div|p|title|meta|script|table|h[1-6]|article|section|span|a)[\s>/]",
    re.IGNORECASE,
)
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_SNIFFED_BYTES = 16 << 10


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is wanted of each page."""

    extractor: str = "trafilatura"
    """Of `EXTRACTORS`, for HTML."""
    min_chars: int = 1
    """Characters of a document, at least."""
    links: bool = True
    """Whether links are wanted."""
    min_formulas: int = 0
    """Formulas of a document, at least."""

    @property
    def counts_formulas(self) -> bool:
        """Whether formulas are counted, which costs a look at every text."""
        return self.extractor == "math" or self.min_formulas > 0


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page as it was found."""

    kind: str
    """html, pdf, tex, wiki, text; empty if its first bytes are to say."""
    data: bytes = field(repr=False)
    url: str = ""
    title: str = ""
    """If it is known without looking into the page."""
    content_type: str = ""
    """As the server sent it."""


@dataclass(frozen=True, kw_only=True)
class Extracted:
    """What became of a page."""

    reason: str = ""
    """Why there is no document; empty if there is one."""
    text: str = ""
    title: str = ""
    date: str = ""
    language: str = UNDETERMINED
    encoding: str = ""
    kind: str = ""
    url: str = ""
    """The address that the page says it has; empty if it says none."""
    links: tuple[str, ...] = ()
    formulas: int | None = None
    """Formulas between signs of LaTeX in the text; None where they were not asked for."""

    def as_dict(self) -> dict[str, Any]:
        """As it is sent from process to process."""
        return asdict(self)


def extract(page: Page, wanted: Wanted) -> Extracted:
    """The document of a page, or the reason why there is none.

    Example:
        >>> extract(Page(kind="html", data=b"<p>A text.</p>"), Wanted(extractor="resiliparse")).text
        'A text.'
    """
    kind = page.kind or sniffed(page.data, page.content_type)
    if kind not in _MAKERS:
        return Extracted(reason="not HTML" if kind == "" else kind)
    found = _MAKERS[kind](page, wanted)
    text = _ESCAPES.sub("", found.pop("text", "")).strip()
    facts = {name: _clean(value) for name, value in found.items()}
    if wanted.counts_formulas:
        facts["formulas"] = count_formulas(text)
    if not facts.get("reason"):
        facts["reason"] = _why_not(text, facts.get("formulas", 0), wanted)
    language = Pycld2().detect(text).language if text and not facts["reason"] else UNDETERMINED
    facts |= {"kind": kind, "language": language, "text": "" if facts["reason"] else text}
    return Extracted(**facts)


def _why_not(text: str, formulas: int, wanted: Wanted) -> str:
    """Why a text is no document, or nothing."""
    if not text:
        return "no main text"
    if len(text) < wanted.min_chars:
        return "too short"
    return "too few formulas" if formulas < wanted.min_formulas else ""


def sniffed(data: bytes, content_type: str = "") -> str:
    """What a page is, by its first bytes: html, pdf; empty if it is neither."""
    start = data[:_SNIFFED_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"%PDF-"):
        return "pdf"
    # UTF-16 has zeros between letters.
    plain = start.replace(b"\0", b"")
    said = content_type.partition(";")[0].strip().lower()
    if plain.startswith(
        (b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"\x1f\x8b", b"RIFF", b"{", b"[")
    ):
        return ""
    return "html" if said in _HTML_TYPES or _HTML.search(plain) else ""


def _clean(value: Any) -> Any:
    return _ESCAPES.sub("", value) if isinstance(value, str) else value


def _html(page: Page, wanted: Wanted) -> dict[str, Any]:
    found = decode(page.data, content_type=page.content_type)
    if not found.is_readable:
        return {"reason": "not a text in any known encoding", "encoding": found.encoding}
    if not _HTML.search(found.text[:_SNIFFED_BYTES].encode("utf-8", "replace")):
        return {"reason": "not HTML", "encoding": found.encoding}
    facts = page_facts(found.text, url=page.url)
    return {
        "text": "\n".join(_paragraphs(found.text, wanted.extractor)),
        "title": facts.title,
        "date": facts.date,
        "url": facts.url,
        "links": facts.links if wanted.links else (),
        "encoding": found.encoding,
    }


def _paragraphs(html: str, name: str) -> list[str]:
    extractor = _extractor(name)
    if name != "justext":
        return extractor.extract_text(html) or []
    from resiliparse.extract.html2text import extract_plain_text

    from curator_text.extract.stop_words import stop_words

    # Its lists are by language, which must be told before there is a text.
    language = Pycld2().detect(extract_plain_text(html)).language
    name = _LISTS.get(language, "")
    return extractor.extract_text(html, stop_words(name) if name else frozenset(), name) or []


@cache
def _extractor(name: str) -> HTMLExtractorAlgorithm:
    return EXTRACTORS[name]()


def _pdf(page: Page, wanted: Wanted) -> dict[str, Any]:
    try:
        found = pdf_text(page.data)
    except ValueError as error:
        return {"reason": str(error)}
    reason = "" if found.text.strip() else "a PDF without text"
    return {"text": found.text, "title": found.title, "date": found.date, "reason": reason}


def _tex(page: Page, wanted: Wanted) -> dict[str, Any]:
    try:
        files = source_files(page.data)
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError) as error:
        return {"reason": f"no sources that can be read ({error})"}
    text, title = tex_text(files)
    return {"text": text, "title": title, "reason": "" if text else "no LaTeX"}


def source_files(data: bytes) -> dict[str, str]:
    """The sources of a paper by name: a tar, a single file, packed or not. Nothing is written anywhere.

    Raises:
        ValueError: It is larger than any paper.
        OSError: It is damaged.
    """
    data = _unpacked(data)
    if data[257:262] != b"ustar" and data[:1] != b"\0":
        return {"main.tex": _source(data)}
    files: dict[str, str] = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for count, member in enumerate(tar):
            if count >= _MOST_SOURCE_FILES:
                break
            # Links and devices have no contents of their own.
            if member.isreg() and member.name.lower().endswith((".tex", ".ltx", ".bbl")):
                body = tar.extractfile(member)
                files[member.name] = _source(body.read()) if body else ""
    return files


def _source(data: bytes) -> str:
    return decode(data).text


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return data
    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
    found = stream.decompress(data, MOST_SOURCE_BYTES + 1)
    if len(found) > MOST_SOURCE_BYTES:
        raise ValueError("larger than any paper")
    return found


def _wiki(page: Page, wanted: Wanted) -> dict[str, Any]:
    markup = page.data.decode("utf-8", "replace")
    if is_redirect(markup):
        return {"reason": "a redirect", "title": page.title}
    return {"text": wiki_text(markup), "title": page.title}


def _text(page: Page, wanted: Wanted) -> dict[str, Any]:
    found = decode(page.data, content_type=page.content_type)
    reason = "" if found.is_readable else "not a text in any known encoding"
    return {"text": found.text, "encoding": found.encoding, "title": page.title, "reason": reason}


_MAKERS: dict[str, Callable[[Page, Wanted], dict[str, Any]]] = {
    "html": _html,
    "pdf": _pdf,
    "tex": _tex,
    "wiki": _wiki,
    "text": _text,
}
"""By kind of page."""
_LISTS = {
    "eng": "English",
    "deu": "German",
    "fra": "French",
    "spa": "Spanish",
    "ita": "Italian",
    "por": "Portuguese",
    "nld": "Dutch",
    "pol": "Polish",
    "rus": "Russian",
    "ukr": "Ukrainian",
    "ces": "Czech",
    "slk": "Slovak",
    "swe": "Swedish",
    "dan": "Danish",
    "nob": "Norwegian_Bokmal",
    "nno": "Norwegian_Nynorsk",
    "fin": "Finnish",
    "hun": "Hungarian",
    "ron": "Romanian",
    "bul": "Bulgarian",
    "ell": "Greek",
    "tur": "Turkish",
    "ara": "Arabic",
    "fas": "Persian",
    "heb": "Hebrew",
    "hin": "Hindi",
    "ind": "Indonesian",
    "vie": "Vietnamese",
    "cat": "Catalan",
    "hrv": "Croatian",
    "srp": "Serbian",
    "slv": "Slovenian",
    "lit": "Lithuanian",
    "lav": "Latvian",
    "est": "Estonian",
    "zho": "Chinese",
    "jpn": "Japanese",
    "tha": "Thai",
    "kor": "Korean",
}
"""jusText's names of languages, and those without spaces."""
