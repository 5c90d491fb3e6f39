"""C4's rules on lines, as datatrove has them: what is left of a document when they are applied.

Source: Raffel et al. 2020, section 2.2. The text of a document stays whole in `curator-text filter`; what is left
decides whether it goes. To write what is left is the work of `curator-text clean`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_text.filters import phrases
from curator_text.filters.token_classes import token_classes


@dataclass(frozen=True, kw_only=True)
class C4Lines:
    """Which lines stay: none with "javascript" or with a phrase on cookies, privacy or terms; citations are cut out."""

    need_end_mark: bool = True
    """Whether a line must end with one of .?!"' and not with three points."""
    min_words: int = 3
    """Least words of a line, between white space."""
    max_word_length: int = 1000
    """Characters of the longest word that a line may have."""

    def left(
        self, text: NDArray[np.uint8], offsets: NDArray[np.int64]
    ) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
        """What is left of documents, as it is taken, and of each the lines with placeholder text and with {.

        Args:
            text: UTF-8, one text behind the other.
            offsets: Where each begins, and the end of the last.
        """
        from curator_text.kernels.c4_kernels import keep_lines

        count = len(offsets) - 1
        out = np.empty(int(offsets[-1] - offsets[0]) + count + 1, np.uint8)
        left, counts = np.zeros(count + 1, np.int64), np.zeros((count, 2), np.int64)
        limits = np.array([self.min_words, self.max_word_length, self.need_end_mark], np.int64)
        known: Any = (phrases.end_marks(), *phrases.c4_phrases(), *phrases.citations())
        keep_lines(text, offsets, token_classes(), limits, *known, out, left[1:], counts)
        return out, left, counts
