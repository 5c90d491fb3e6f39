"""Modifiers that take lines out of a document.

The rules of C4 (Raffel et al. 2020) judge each line by itself; a blank line fails those that ask for words.
"""

from abc import abstractmethod
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from curator_engine.task import ArrowArray
from curator_text.filters.phrases import BOILERPLATE
from curator_text.modifiers.doc_modifier import DocumentModifier, contain, contain_any

NOTICES = (
    "enable javascript",
    "javascript is disabled",
    "javascript is not enabled",
    "javascript must be enabled",
    "this site requires javascript",
    "browser does not support javascript",
    "this site uses cookies",
    "this website uses cookies",
    "our site uses cookies",
    "our website uses cookies",
    "we use cookies",
    "accept all cookies",
    "your cookie settings",
    "your cookie preferences",
    "consent to our use of cookies",
    "agree to our use of cookies",
)
"""What web pages say to browsers and visitors, and hardly any text does in a short line."""


class LineModifier(DocumentModifier):
    """Lines of a document are judged one by one."""

    @abstractmethod
    def keeps(self, line: str) -> bool:
        """Whether a line stays."""

    def modify_document(self, text: str) -> str:
        """The text with the lines that stay, as they were."""
        lines = text.split("\n")
        kept = [line for line in lines if self.keeps(line)]
        return text if len(kept) == len(lines) else "\n".join(kept)


@dataclass
class NewlineNormalizer(DocumentModifier):
    """Take at most two line ends for more of them in a row."""

    def modify_document(self, text: str) -> str:
        """The text with at most one blank line between lines."""
        for end in ("\r\n", "\n"):
            while end * 3 in text:
                text = text.replace(end * 3, end * 2)
        return text

    def may_change(self, texts: ArrowArray) -> NDArray[np.bool_]:
        """Those with three in a row."""
        return contain(texts, "\n\n\n") | contain(texts, "\r\n\r\n\r\n")


@dataclass
class LineRemover(LineModifier):
    """Drop the lines that are exactly one of some texts."""

    patterns: list[str]
    """The lines to drop."""

    def __post_init__(self) -> None:
        self._lines = frozenset(self.patterns)

    def keeps(self, line: str) -> bool:
        """Whether it is none of them."""
        return line not in self._lines

    def may_change(self, texts: ArrowArray) -> NDArray[np.bool_]:
        """Those in which one of them is."""
        found: NDArray[np.bool_] = np.zeros(len(texts), np.bool_)
        for each in self.patterns:
            found |= contain(texts, each) if each else np.ones(len(texts), np.bool_)
        return found


@dataclass
class PhraseLines(LineModifier):
    """Drop lines that have one of some phrases, in capitals or not."""

    phrases: list[str]
    """The phrases."""
    max_words: int | None = field(default=None, kw_only=True)
    """Longer lines stay; None: they go as well."""

    def __post_init__(self) -> None:
        self._phrases = [phrase.lower() for phrase in self.phrases]

    def keeps(self, line: str) -> bool:
        """Whether it has none of them, or is long."""
        low = line.lower()
        if not any(phrase in low for phrase in self._phrases):
            return True
        return self.max_words is not None and len(line.split()) > self.max_words

    def may_change(self, texts: ArrowArray) -> NDArray[np.bool_]:
        """Those that have one of them."""
        return contain_any(texts, self._phrases)


@dataclass
class NoticeLines(PhraseLines):
    """Drop short lines in which a page speaks to a browser or visitor: of cookies, of JavaScript."""

    phrases: list[str] = field(default_factory=lambda: list(NOTICES))
    max_words: int | None = field(default=40, kw_only=True)


@dataclass
class PolicyLines(PhraseLines):
    """Drop lines that speak of cookies, privacy or terms of use (C4)."""

    phrases: list[str] = field(default_factory=lambda: list(BOILERPLATE))


@dataclass
class JavascriptLines(PhraseLines):
    """Drop lines with the word "javascript" (C4)."""

    phrases: list[str] = field(default_factory=lambda: ["javascript"])


@dataclass
class TerminalPunctuationLines(LineModifier):
    """Drop lines that do not end with a mark, or that end with an ellipsis (C4)."""

    end_marks: str = '.?!"'
    """Characters with which a line that stays may end."""

    def keeps(self, line: str) -> bool:
        """Whether it ends as a sentence does."""
        text = line.rstrip()
        return text.endswith(tuple(self.end_marks)) and not text.endswith("...")


@dataclass
class ShortLines(LineModifier):
    """Drop lines of few words, and those with a word that is too long for one (C4)."""

    min_words: int = 5
    """A line with fewer goes."""
    max_word_length: int = field(default=1000, kw_only=True)
    """A line with a longer word goes."""

    def keeps(self, line: str) -> bool:
        """Whether it has enough words, none of them too long."""
        words = line.split()
        if len(words) < self.min_words:
            return False
        return len(line) <= self.max_word_length or max(map(len, words)) <= self.max_word_length
