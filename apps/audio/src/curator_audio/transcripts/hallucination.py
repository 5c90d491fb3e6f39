"""Signs that a recogniser wrote what nobody said: loops, endless words, stock phrases, impossible speed.

Signs, not proof: a chorus repeats its words too. Measures and limits are those of NeMo Curator's
`WhisperHallucinationStage`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from curator_audio.transcripts.speech_rate import speech_rate
from curator_engine.errors import InputError

COMMON_PHRASES = (
    "thanks for watching",
    "thank you for watching",
    "thank you so much for watching",
    "please subscribe",
    "please like and subscribe",
    "dont forget to subscribe",
    "see you in the next video",
    "subtitles by the amaraorg community",
    "transcription by castingwords",
)
"""What Whisper models write over music and silence, without marks and in lower case."""
AGGLUTINATIVE = frozenset(
    [
        "az",
        "de",
        "et",
        "eu",
        "fi",
        "hu",
        "ja",
        "kk",
        "ko",
        "ky",
        "mn",
        "nl",
        "sv",
        "ta",
        "te",
        "tr",
        "uz",
        "ml",
        "kn",
        "da",
        "no",
    ]
)
"""Languages that build long words, by their codes."""
_PREFIX_CHARS = 8
"""Characters from which a phrase is also found at the start of a text."""


@dataclass(frozen=True, kw_only=True)
class HallucinationLimits:
    """What counts as a sign."""

    least_unique_words: float = 0.4
    """Share of different words, at or below which a text repeats itself."""
    long_word: int = 25
    """Characters from which a word is too long."""
    long_word_agglutinative: int = 35
    """The same in languages that build long words."""
    long_word_ratio: float = 3.0
    """By how many times its length the longest word may exceed the second longest."""
    most_characters_per_s: float = 40.0
    """Characters per second above which nobody speaks."""


def hallucination_signs(
    text: str,
    *,
    seconds: float = 0.0,
    language: str = "",
    phrases: Iterable[str] = COMMON_PHRASES,
    limits: HallucinationLimits | None = None,
) -> list[str]:
    """The signs in a transcript: of repeated_ngrams, long_word, phrase_match, high_char_rate.

    Args:
        text: A transcript; an empty one has no signs.
        seconds: Length of the recording; 0 if it is not known.
        language: Code of the language.
        phrases: Stock phrases; see `read_phrases`.
        limits: Other limits than the usual.

    Example:
        >>> hallucination_signs("no no no no no no")
        ['repeated_ngrams']
    """
    words = text.split()
    if not words:
        return []
    limits = limits or HallucinationLimits()
    signs = {
        "repeated_ngrams": len(set(words)) / len(words) <= limits.least_unique_words,
        "long_word": _has_long_word(words, language, limits),
        "phrase_match": _is_stock_phrase(text, phrases),
        "high_char_rate": speech_rate(text, seconds).characters > limits.most_characters_per_s,
    }
    return [sign for sign, found in signs.items() if found]


def read_phrases(path: str) -> tuple[str, ...]:
    """Stock phrases from a file, one per line.

    Raises:
        InputError: It cannot be read, or is no text.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"the list of phrases {path} cannot be read ({error}); check it."
        ) from error
    return tuple(line.strip() for line in lines if line.strip())


def _has_long_word(words: list[str], language: str, limits: HallucinationLimits) -> bool:
    *others, longest = sorted(len(word) for word in words)
    builds = language.lower().split("-")[0] in AGGLUTINATIVE
    if longest >= (limits.long_word_agglutinative if builds else limits.long_word):
        return True
    return bool(others) and (longest - others[-1]) / others[-1] >= limits.long_word_ratio


def _is_stock_phrase(text: str, phrases: Iterable[str]) -> bool:
    said = _plain(text)
    for phrase in map(_plain, phrases):
        if said == phrase or (len(phrase) >= _PREFIX_CHARS and said.startswith(phrase)):
            return True
    return False


def _plain(text: str) -> str:
    """Lower case, without the marks that recognisers put or leave out."""
    kept = "".join(c for c in text.lower() if c not in ".?!,'\u2019")
    return " ".join(kept.split())
