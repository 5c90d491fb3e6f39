"""What recognisers give: a transcript with words and times; and what they have in common."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
"""Samples per second of everything that recognisers hear."""

type Clip = NDArray[np.float32]
"""Mono samples from -1 to 1 at 16 kHz, shape (samples,)."""


@dataclass(frozen=True, kw_only=True)
class Word:
    """A word and when it is said."""

    text: str
    start_s: float
    """From the start of the clip."""
    end_s: float
    confidence: float | None = None
    """From 0 to 1, by the recogniser's own word; None where it does not say."""


@dataclass(frozen=True, kw_only=True)
class Transcript:
    """What a recogniser heard in a clip."""

    text: str
    """Empty where nobody speaks."""
    language: str = ""
    """Code of the language, where the recogniser says it."""
    words: tuple[Word, ...] = ()
    """With times, where the recogniser gives them."""
    confidence: float | None = None
    """Mean probability of what was written, from 0 to 1; not an error rate, and of no use between models."""
    error: str = ""
    """Why this clip has no transcript; the others are not affected."""
    final: bool = False
    """Whether other clips would fail in the same way."""


class Recogniser(Protocol):
    """What turns speech into text."""

    name: str
    """Short name of the model."""

    def transcribe(self, clips: list[Clip]) -> list[Transcript]:
        """A transcript per clip, in order; clips may be of any length, also empty."""
        ...


@runtime_checkable
class Aligner(Protocol):
    """What finds when the words of a known text are said."""

    def align(self, clip: Clip, text: str, language: str = "") -> list[Word]:
        """The words with times, in order.

        Args:
            clip: What is said.
            text: What is known to be said in it.
            language: Code of its language, where the model knows several.

        Raises:
            InputError: The text cannot be put to the clip.
        """
        ...


def joined(parts: list[tuple[float, Transcript]]) -> Transcript:
    """The transcript of a clip that was heard in pieces: each with the second at which it starts."""
    heard = [part for _, part in parts if part.text]
    sizes = [max(len(part.words), len(part.text.split())) for part in heard]
    known = [
        (size, part.confidence)
        for size, part in zip(sizes, heard, strict=True)
        if part.confidence is not None
    ]
    total = sum(size for size, _ in known)
    return Transcript(
        text=" ".join(part.text for part in heard),
        language=next((part.language for _, part in parts if part.language), ""),
        words=tuple(
            Word(
                text=word.text,
                start_s=start + word.start_s,
                end_s=start + word.end_s,
                confidence=word.confidence,
            )
            for start, part in parts
            for word in part.words
        ),
        confidence=sum(size * value for size, value in known) / total if total else None,
    )
