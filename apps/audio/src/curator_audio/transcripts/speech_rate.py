"""How fast somebody speaks: words and characters per second of a transcript."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SpeechRate:
    """Rates of a transcript; 0 where the recording has no length."""

    words: float
    """Words per second; people speak at 1 to 5."""
    characters: float
    """Characters other than spaces per second; people speak at 5 to 25."""


def speech_rate(text: str, seconds: float) -> SpeechRate:
    """The rates at which a text is said in these seconds.

    Example:
        >>> speech_rate("ask not what", 2.0)
        SpeechRate(words=1.5, characters=5.0)
    """
    if seconds <= 0:
        return SpeechRate(words=0.0, characters=0.0)
    words = text.split()
    return SpeechRate(words=len(words) / seconds, characters=sum(map(len, words)) / seconds)
