"""C4's rules on documents, as datatrove has them; they see what C4's rules on lines leave, see `c4_lines.py`.

Source: Raffel et al. 2020, section 2.2. The lines themselves go by `curator-text clean`, not here.
"""

from dataclasses import dataclass, field

import numpy as np

from curator_text.filters.c4_lines import C4Lines
from curator_text.filters.doc_filter import Bounds, Scores, TokenFilter
from curator_text.filters.documents import Documents, LeftLines


@dataclass
class _C4Filter(TokenFilter):
    """A rule on what C4's rules on lines leave."""

    need_end_mark: bool = field(default=True, kw_only=True)
    """Whether a line without an end mark goes."""
    min_words_per_line: int = field(default=3, kw_only=True)
    """Lines of fewer words go."""
    max_word_length: int = field(default=1000, kw_only=True)
    """Lines with a word of more characters go."""

    def left(self, documents: Documents) -> LeftLines:
        """What the lines' rules leave."""
        return documents.left_by(
            C4Lines(
                need_end_mark=self.need_end_mark,
                min_words=self.min_words_per_line,
                max_word_length=self.max_word_length,
            )
        )


@dataclass
class C4LoremIpsumFilter(_C4Filter):
    """Drop documents with placeholder text ("lorem ipsum")."""

    max_lines: int = 0
    name = "c4_lorem_ipsum"

    def score_batch(self, documents: Documents) -> Scores:
        """Lines with such text, of those that are long enough and end well."""
        return self.left(documents).placeholders.astype(np.float64)

    def bounds(self) -> Bounds:
        """At most so many."""
        return None, self.max_lines


@dataclass
class C4CurlyBracketsFilter(_C4Filter):
    """Drop documents with a curly bracket, as code has it."""

    max_lines: int = 0
    name = "c4_curly_brackets"

    def score_batch(self, documents: Documents) -> Scores:
        """Lines with a bracket, of those that are long enough, end well and do not speak of javascript."""
        return self.left(documents).curly.astype(np.float64)

    def bounds(self) -> Bounds:
        """At most so many."""
        return None, self.max_lines


@dataclass
class C4SentencesFilter(_C4Filter):
    """Drop documents of which too few sentences are left."""

    min_sentences: int = 5
    name = "c4_sentences"

    def score_batch(self, documents: Documents) -> Scores:
        """Sentences that are left."""
        return self.left(documents).documents.tokens.sentences.astype(np.float64)

    def bounds(self) -> Bounds:
        """At least so many."""
        return self.min_sentences, None
