"""Words and marks as spaCy finds them, which datatrove calls for most languages: slower, for any language of it.

spaCy cuts languages without spaces by a library of the language (jieba, SudachiPy, PyThaiNLP), which has to be there.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import ResourceError

_CONFIGS: dict[str, dict[str, Any]] = {"zh": {"nlp": {"tokenizer": {"segmenter": "jieba"}}}}
_BY_LINES = ("ja",)
"""Languages whose library takes no long texts."""


@lru_cache(maxsize=2)
def load_words(lang: str) -> Any:
    """What finds the words of a language.

    Raises:
        ResourceError: spaCy is not installed, or has not what the language needs.
    """
    try:
        import spacy  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise ResourceError(
            f"--exact-words {lang} needs spaCy; install curator-text[words]."
        ) from error
    library: Any = spacy
    try:
        return library.blank(lang, config=_CONFIGS.get(lang, {}))
    except (ImportError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise ResourceError(f"--exact-words {lang}: spaCy cannot cut it here: {reason}") from error


def exact_spans(
    texts: Sequence[str], starts: NDArray[np.int64], lang: str
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Begin and end in bytes of each word and mark, and how many there are up to the end of each text.

    Args:
        texts: The texts.
        starts: The byte at which each begins.
        lang: As spaCy calls the language, such as en.
    """
    begin, stop, ends = list[NDArray[np.int64]](), list[NDArray[np.int64]](), list[int]()
    words, total = load_words(lang), 0
    for text, start in zip(texts, starts.tolist(), strict=True):
        places = np.array(_places(words, text, by_lines=lang in _BY_LINES), np.int64).reshape(-1, 2)
        if not text.isascii():
            points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
            widths = 1 + (points > 0x7F) + (points > 0x7FF) + (points > 0xFFFF)
            places = np.concatenate(([0], np.cumsum(widths)))[places]
        begin.append(places[:, 0] + start)
        stop.append(places[:, 1] + start)
        total += len(places)
        ends.append(total)
    empty = np.empty(0, np.int64)
    return np.concatenate([empty, *begin]), np.concatenate([empty, *stop]), np.array(ends, np.int64)


def _places(words: Any, text: str, *, by_lines: bool) -> list[tuple[int, int]]:
    """Begin and end of each word and mark, in characters."""
    places, at = list[tuple[int, int]](), 0
    with words.memory_zone():
        for part in text.splitlines(keepends=True) if by_lines else [text]:
            found: Any = words.tokenizer(part)
            places += [
                (at + token.idx, at + token.idx + len(token.text))
                for token in found
                if not token.text.isspace()
            ]
            at += len(part)
    return places
