"""Find words in transcripts: the phrase as it is, else the texts that have most of its words."""

from collections.abc import Sequence
from dataclasses import dataclass

from curator_audio.transcripts.normalize import normalize

type TimedWord = tuple[str, float, float]
"""A word, its first and its last second."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a text has of a phrase."""

    share: float
    """1 where the phrase stands in it; else the share of its words that do, below 1."""
    at_s: float | None = None
    """When the phrase begins, where the times of words are known."""


def find_words(
    phrase: str, text: str, *, language: str = "en", words: Sequence[TimedWord] = ()
) -> Found | None:
    """Look for a phrase in a text, both normalised; None if no word of it is there.

    Args:
        phrase: What to look for.
        text: A transcript.
        language: Of both; see `normalize.py`.
        words: The same with times, if they are known.

    Example:
        >>> find_words("Eighteen thirteen", "It was 1813, in May.").share
        1.0
    """
    wanted, said = (normalize(each, language=language).split() for each in (phrase, text))
    if not wanted:
        return None
    if _place(wanted, said) is not None:
        return Found(share=1.0, at_s=_time(wanted, words, language))
    known = set(said)
    share = sum(word in known for word in wanted) / len(wanted)
    # All words in another order are not the phrase.
    return Found(share=min(share, 0.99)) if share else None


def _place(wanted: Sequence[str], said: Sequence[str]) -> int | None:
    """Where the words stand one after the other."""
    size = len(wanted)
    return next((k for k in range(len(said)) if said[k : k + size] == wanted), None)


def _time(wanted: Sequence[str], words: Sequence[TimedWord], language: str) -> float | None:
    """When they are said; None where normalised words are not those with times, as in numbers."""
    parts = [(part, start) for word, start, _ in words for part in _parts(word, language)]
    place = _place(wanted, [part for part, _ in parts])
    return None if place is None else parts[place][1]


def _parts(word: str, language: str) -> list[str]:
    return normalize(word, language=language).split()
