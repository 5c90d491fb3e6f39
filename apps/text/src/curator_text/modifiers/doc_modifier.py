"""What a modifier of documents is: a text for a text, and a quick look at which texts it may change."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.task import ArrowArray


class DocumentModifier(ABC):
    """A text for each text; subclass it with this one method.

    Example:
        class ShoutRemover(DocumentModifier):
            def modify_document(self, text: str) -> str:
                return text.replace("!", ".")
    """

    @property
    def name(self) -> str:
        """What it is called in tables: its class, without `Modifier` at the end."""
        return type(self).__name__.removesuffix("Modifier")

    @abstractmethod
    def modify_document(self, text: str) -> str:
        """The text as it should be; an empty one where nothing of it should stay."""

    def may_change(self, texts: ArrowArray) -> NDArray[np.bool_] | None:
        """Which texts `modify_document` may change, found quicker than by calling it; None: any.

        Args:
            texts: Strings without nulls.
        """
        return None


def matches(texts: ArrowArray, pattern: str) -> NDArray[np.bool_]:
    """Which texts a regular expression is found in; RE2's, which has no look-around."""
    found: Any = pc.match_substring_regex(texts, pattern)
    return np.asarray(found.to_numpy(zero_copy_only=False), np.bool_)


def contain(texts: ArrowArray, part: str, *, any_case: bool = False) -> NDArray[np.bool_]:
    """Which texts have a part."""
    found: Any = pc.match_substring(texts, part, ignore_case=any_case)
    return np.asarray(found.to_numpy(zero_copy_only=False), np.bool_)


def contain_any(texts: ArrowArray, parts: list[str]) -> NDArray[np.bool_]:
    """Which texts have one of some parts, in capitals or not."""
    found: NDArray[np.bool_] = np.zeros(len(texts), np.bool_)
    for part in parts:
        found |= contain(texts, part, any_case=True)
    return found


def as_texts(texts: list[str]) -> ArrowArray:
    """Texts as modifiers get them; what UTF-8 has no form for, half a surrogate pair, is replaced."""
    try:
        return pa.array(texts, pa.large_string())
    except (UnicodeEncodeError, pa.ArrowInvalid):
        kept = [each.encode("utf-8", "replace").decode() for each in texts]
        return pa.array(kept, pa.large_string())
