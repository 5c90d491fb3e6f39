"""Modifiers that judge paragraphs or the whole page: boilerplate, placeholders, code (C4)."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from curator_engine.task import ArrowArray
from curator_text.filters.phrases import BOILERPLATE, PLACEHOLDER
from curator_text.modifiers.doc_modifier import DocumentModifier, contain, contain_any


@dataclass
class BoilerPlateStringModifier(DocumentModifier):
    """Drop paragraphs that speak of cookies, privacy or terms of use (C4).

    Paragraphs lie between blank lines.
    """

    remove_if_at_top_or_bottom: bool = True
    """Only those of which nothing but such paragraphs lies above, or below; else wherever they are."""
    max_words: int | None = field(default=None, kw_only=True)
    """Longer paragraphs stay; None: they go as well."""

    def modify_document(self, text: str) -> str:
        """The text without them; as it was if there are none."""
        paragraphs = text.split("\n\n")
        goes = [self._goes(each) for each in paragraphs]
        if not any(goes):
            return text
        if self.remove_if_at_top_or_bottom:
            top, bottom = _run(goes), _run(goes[::-1])
            goes = [i < top or i >= len(goes) - bottom for i in range(len(goes))]
        return "\n\n".join(p for p, gone in zip(paragraphs, goes, strict=True) if not gone)

    def _goes(self, paragraph: str) -> bool:
        low = paragraph.lower()
        if not any(phrase in low for phrase in BOILERPLATE):
            return False
        return self.max_words is None or len(paragraph.split()) <= self.max_words

    def may_change(self, texts: ArrowArray) -> NDArray[np.bool_]:
        """Those with such a phrase."""
        return contain_any(texts, list(BOILERPLATE))


@dataclass
class PlaceholderPages(DocumentModifier):
    """Leave nothing of a page with placeholder text, "lorem ipsum" (C4)."""

    def modify_document(self, text: str) -> str:
        """Nothing, or the text."""
        return "" if PLACEHOLDER in text.lower() else text

    def may_change(self, texts: ArrowArray) -> NDArray[np.bool_]:
        """Those with it."""
        return contain(texts, PLACEHOLDER, any_case=True)


@dataclass
class CurlyBracketPages(DocumentModifier):
    """Leave nothing of a page with a curly bracket: it is likely code (C4)."""

    def modify_document(self, text: str) -> str:
        """Nothing, or the text."""
        return "" if "{" in text else text

    def may_change(self, texts: ArrowArray) -> NDArray[np.bool_]:
        """Those with one."""
        return contain(texts, "{")


def _run(flags: list[bool]) -> int:
    """How many are true before the first that is not."""
    return next((i for i, flag in enumerate(flags) if not flag), len(flags))
