"""Modifiers that cut or replace parts of a text, wherever they stand."""

import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from curator_engine.positional import positional
from curator_engine.task import ArrowArray
from curator_text.modifiers.doc_modifier import DocumentModifier, matches

_URL = r"https?://\S+|www\.\S+"
_CITATION = r"\[\d*\]|\[edit\]|\[citation needed\]"
_URLS, _CITATIONS = re.compile(_URL, re.IGNORECASE), re.compile(_CITATION)
_MARKDOWN = [
    re.compile(r"\*\*(?=\S)([^\n]*?\S)\*\*"),
    re.compile(r"(?<![\w*])\*(?=[^\s*])([^\n*]*?[^\s*])\*(?![\w*])"),
    re.compile(r"(?<!\w)_(?=\S)([^\n]*?\S)_(?!\w)"),
    re.compile(r"\[[^\[\]\n]*\]\(([^()\n]*)\)"),
]
"""Marks inside words (snake_case, 2*3*4) are none."""


@dataclass
class UrlRemover(DocumentModifier):
    """Take URLs out."""

    def modify_document(self, text: str) -> str:
        """The text without them."""
        return _URLS.sub("", text)

    def may_change(self, texts: ArrowArray) -> NDArray[np.bool_]:
        """Those with one."""
        return matches(texts, f"(?i){_URL}")


@dataclass
class CitationRemover(DocumentModifier):
    """Take marks of encyclopedias out: [3], [edit], [citation needed] (C4)."""

    def modify_document(self, text: str) -> str:
        """The text without them."""
        return _CITATIONS.sub("", text)

    def may_change(self, texts: ArrowArray) -> NDArray[np.bool_]:
        """Those with one."""
        return matches(texts, _CITATION)


@dataclass
class QuotationRemover(DocumentModifier):
    """Take away the quotation marks around a whole document.

    One of several lines keeps them if its first line ends with one: then it is that line which is quoted.
    """

    def modify_document(self, text: str) -> str:
        """The text without the outer marks."""
        is_quoted = len(text) > 2 and text[0] == '"' and text[-1] == '"'
        first, lines, _ = text.partition("\n")
        return text[1:-1] if is_quoted and not (lines and first.endswith('"')) else text

    def may_change(self, texts: ArrowArray) -> NDArray[np.bool_]:
        """Those that begin with one."""
        return matches(texts, '^"')


@dataclass
class MarkdownRemover(DocumentModifier):
    """Take the marks of Markdown out: **bold**, *italic*, _underlined_; of a [link](url) the URL stays."""

    def modify_document(self, text: str) -> str:
        """The text without the marks."""
        for mark in _MARKDOWN:
            text = mark.sub(r"\1", text)
        return text

    def may_change(self, texts: ArrowArray) -> NDArray[np.bool_]:
        """Those with such a mark."""
        return matches(texts, r"[*_]|\]\(")


@positional("left", "right", "include_left", "include_right", "strip")
@dataclass
class Slicer(DocumentModifier):
    """Keep the part of a text between two positions or two strings; nothing where a string is not in it."""

    left: int | str = 0
    """Where it begins: a position, or a string, of which the first is meant."""
    right: int | str | None = None
    """Where it ends: a position, or a string, of which the last is meant; None: the end."""
    include_left: bool = field(default=True, kw_only=True)
    """Whether the string at the left stays."""
    include_right: bool = field(default=True, kw_only=True)
    """Whether the string at the right stays."""
    strip: bool = field(default=True, kw_only=True)
    """Whether white space around the part goes."""

    def modify_document(self, text: str) -> str:
        """The part."""
        start, end = self._start(text), self._end(text)
        if start is None or end is None:
            return ""
        part = text[start:end]
        return part.strip() if self.strip else part

    def _start(self, text: str) -> int | None:
        if isinstance(self.left, int):
            return self.left
        at = text.find(self.left)
        return None if at < 0 else at + (0 if self.include_left else len(self.left))

    def _end(self, text: str) -> int | None:
        if self.right is None:
            return len(text)
        if isinstance(self.right, int):
            return self.right
        at = text.rfind(self.right)
        return None if at < 0 else at + (len(self.right) if self.include_right else 0)


@dataclass
class FastTextLabelModifier(DocumentModifier):
    """Make a line for fastText's training of a text: the label, then the text without line ends."""

    label: str
    """Such as `__label__hq`."""

    def modify_document(self, text: str) -> str:
        """The line."""
        return f"{self.label} {text.replace(chr(10), ' ')}"
