"""Articles out of XML dumps of Wikipedia, one at a time, in bounded memory.

XML from others is not trusted: a document type, where entities that expand without end are declared, ends
the reading; no dump has one.
"""

import bz2
import gzip
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast
from xml.parsers import expat

from curator_engine.files.storage import open_read

MOST_ARTICLE_CHARS = 16 << 20
"""Of an article's markup; the longest of Wikipedia have 2 million."""
_PIECE_BYTES = 1 << 18
_WANTED = frozenset({"title", "ns", "id", "timestamp", "text"})


@dataclass(frozen=True, kw_only=True)
class Article:
    """An article of a dump."""

    title: str
    space: str
    """Number of its name space; 0 for articles."""
    id: str
    changed: str
    """When, as 2024-03-28T10:00:00Z."""
    markup: str = field(repr=False)
    is_whole: bool = True
    """False if it is longer than is read."""


@dataclass
class _Reading:
    """What is known of the page that is being read."""

    found: list[Article] = field(default_factory=list[Article])
    facts: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    at: str = ""
    size: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "page":
            self.facts, self.size = {}, 0
        # The page's own id comes first; those of revisions and authors follow.
        self.at = name if name in _WANTED and (name not in self.facts or name == "text") else ""
        if self.at:
            self.facts[name] = []

    def text(self, text: str) -> None:
        if self.at:
            self.size += len(text)
            if self.size <= MOST_ARTICLE_CHARS:
                self.facts[self.at].append(text)

    def end(self, name: str) -> None:
        self.at = ""
        if name != "page":
            return
        facts = {key: "".join(parts) for key, parts in self.facts.items()}
        self.found.append(
            Article(
                title=facts.get("title", "").strip(),
                space=facts.get("ns", "0").strip(),
                id=facts.get("id", "").strip(),
                changed=facts.get("timestamp", "").strip(),
                markup=facts.get("text", ""),
                is_whole=self.size <= MOST_ARTICLE_CHARS,
            )
        )


def wiki_articles(path: str) -> Iterator[Article]:
    """The articles of a dump, .xml or packed by bz2 or gzip, of all name spaces.

    Raises:
        ValueError: It is no dump, or is damaged.
        OSError: It cannot be read.
        EOFError: It is cut off.
    """
    reading = _Reading()
    parser: Any = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reading.start, reading.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = reading.text, _refuse
    parser.buffer_text = True
    with open_read(path) as raw, closing(_unpacked(raw)) as file:
        is_last = False
        while not is_last:
            piece = file.read(_PIECE_BYTES)
            is_last = not piece
            try:
                parser.Parse(piece, is_last)
            except expat.ExpatError as error:
                yield from reading.found
                raise ValueError(f"no XML that can be read ({error})") from error
            yield from reading.found
            reading.found.clear()


def _refuse(*declared: object) -> None:
    raise ValueError("XML with a document type, which no dump has")


def _unpacked(raw: BinaryIO) -> BinaryIO:
    start = raw.read(3)
    raw.seek(0)
    if start == b"BZh":
        return cast("BinaryIO", bz2.BZ2File(raw))
    return cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if start[:2] == b"\x1f\x8b" else raw
