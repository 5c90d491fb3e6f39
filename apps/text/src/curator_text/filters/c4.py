"""C4's rules on documents, as datatrove has them; they see what C4's rules on lines leave, see `c4_lines.py`.

Source: Raffel et al. 2020, section 2.2. The lines themselves go by `curator-text clean`, not here.
"""

import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from curator_engine.errors import SettingsError
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


@dataclass
class C4BadWordsFilter(_C4Filter):
    """Drop documents with a word of a list that is given as a file; off without one, for no list comes with the package.

    C4's own is the "List of Dirty, Naughty, Obscene, and Otherwise Bad Words". Case does not count.
    """

    file: str | None = None
    """A word or phrase a line, in UTF-8."""
    keep_fraction: float = field(default=0.0, kw_only=True)
    """Share of the documents with such a word that stay, drawn by their text."""
    seed: int = field(default=0, kw_only=True)
    """Of the draw."""
    whole_words: bool = field(default=True, kw_only=True)
    """Whether what stands beside the word must be no letter, digit or underscore; C4 says no for Japanese, Thai and Chinese."""
    digest: str = field(default="", init=False)
    """Of the words, so that scores of another list are not taken for those of this one."""
    name = "c4_bad_words"

    def __post_init__(self) -> None:
        if not 0 <= self.keep_fraction <= 1:
            raise SettingsError(f"keep_fraction={self.keep_fraction} is not in [0, 1].")
        if self.file is not None:
            self.digest = hashlib.sha256("\n".join(bad_words(self.file)).encode()).hexdigest()[:16]

    @property
    def is_off(self) -> bool:
        """Whether there is nothing to look for."""
        return self.file is None

    def score_batch(self, documents: Documents) -> Scores:
        """0 without such a word in the lines that are left, else a number in (0, 1] that is drawn by the text."""
        if self.file is None:
            return np.zeros(len(documents.texts), np.float64)
        texts: list[Any] = self.left(documents).documents.texts.to_pylist()
        some, exact = _patterns(self.file, self.digest, whole=self.whole_words)
        scores = np.zeros(len(texts), np.float64)
        for i, text in enumerate(texts):
            lower = text.lower()
            if some.search(lower.encode()) and exact.search(lower):
                scores[i] = self._drawn(text)
        return scores

    def _drawn(self, text: str) -> float:
        import xxhash

        return (xxhash.xxh3_64_intdigest(text.encode(), self.seed) + 1) / 2**64

    def bounds(self) -> Bounds:
        """At most the share that stays."""
        return None, self.keep_fraction


def bad_words(path: str) -> list[str]:
    """The words of a list, in small letters.

    Raises:
        SettingsError: There is no such file, it is no text of UTF-8, or it has no words.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"C4BadWords.file={path}: it cannot be read as text ({type(error).__name__}); "
            "give a file with a word a line, in UTF-8."
        ) from error
    words = list(dict.fromkeys(line.strip().lower() for line in lines if line.strip()))
    if not words:
        raise SettingsError(f"C4BadWords.file={path}: it has no words; give a word a line.")
    return words


@lru_cache(maxsize=4)
def _patterns(path: str, digest: str, *, whole: bool) -> tuple[Any, re.Pattern[str]]:
    """What finds texts that may have a word, quickly and in bytes, and what decides.

    RE2 knows letters of ASCII only, so beside a word it takes all others for none, which finds too much and
    never too little.
    """
    import re2

    words = sorted(bad_words(path), key=len, reverse=True)
    either = "|".join(map(re.escape, words))
    raw = "|".join(re2.escape(word) for word in words)
    options = re2.Options()
    options.max_mem = 1 << 28
    if not whole:
        return re2.compile(raw.encode(), options), re.compile(either)
    beside = "[^A-Za-z0-9_]"
    some = re2.compile(f"(?:^|{beside})(?:{raw})(?:{beside}|$)".encode(), options)
    return some, re.compile(rf"(?:\W|^)(?:{either})(?:\W|$)")
