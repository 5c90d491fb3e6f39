"""How far a transcript is from a reference: word and character error rates, and agreement of two.

    rate = (substitutions + deletions + insertions) / tokens of the reference

Rates of several texts are pooled: errors over tokens of all of them, not the mean of their rates.
Languages that put no spaces between words need the character error rate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import jiwer

from curator_audio.transcripts.normalize import normalize


@dataclass(frozen=True, kw_only=True)
class ErrorRate:
    """Edits that turn a reference into a hypothesis, as counts of words or characters.

    Example:
        >>> word_errors("ask not what", "ask what what").rate
        0.6666666666666666
    """

    tokens: int = 0
    """Words or characters of the reference."""
    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0

    @property
    def errors(self) -> int:
        """Edits in all."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float | None:
        """Errors per token of the reference, above 1 where much is inserted; None without a reference."""
        return self.errors / self.tokens if self.tokens else None

    def __add__(self, other: Self) -> "ErrorRate":
        """The counts of both."""
        return ErrorRate(
            tokens=self.tokens + other.tokens,
            substitutions=self.substitutions + other.substitutions,
            deletions=self.deletions + other.deletions,
            insertions=self.insertions + other.insertions,
        )


def word_errors(reference: str, hypothesis: str) -> ErrorRate:
    """Errors in words of texts that are normalised already, or are to be compared as they are."""
    return _errors(reference.split(), hypothesis.split())


def character_errors(reference: str, hypothesis: str) -> ErrorRate:
    """Errors in characters, spaces among them, of texts that are normalised already."""
    return _errors(list(reference), list(hypothesis))


@dataclass(frozen=True, kw_only=True)
class Edit:
    """Words of a reference, and those that stand in their place in a hypothesis; one of them may be empty."""

    reference: str
    hypothesis: str

    @property
    def is_error(self) -> bool:
        """Whether they differ."""
        return self.reference != self.hypothesis


def edits(reference: str, hypothesis: str) -> list[Edit]:
    """What becomes of a reference, in its order: words that stay, are others, are left out or come in.

    Example:
        >>> [each.hypothesis for each in edits("ask not what", "ask what what") if each.is_error]
        ['what']
    """
    said, heard = reference.split(), hypothesis.split()
    if not said or not heard:
        return [Edit(reference=" ".join(said), hypothesis=" ".join(heard))]
    found = jiwer.process_words([_joined(said)], [_joined(heard)], _SPLIT, _SPLIT)
    return [
        Edit(
            reference=" ".join(said[part.ref_start_idx : part.ref_end_idx]),
            hypothesis=" ".join(heard[part.hyp_start_idx : part.hyp_end_idx]),
        )
        for part in found.alignments[0]
    ]


def agreement(first: str, second: str, *, language: str = "en") -> float:
    """How much two recognisers agree: 1 for the same words, 0 for none in common.

    One minus the edits between the normalised texts, per word of the longer one, so that it is the
    same both ways round. Two empty texts agree.
    """
    words = [normalize(text, language=language).split() for text in (first, second)]
    longer = max(map(len, words))
    return 1 - _errors(*words).errors / longer if longer else 1.0


def _errors(reference: Sequence[str], hypothesis: Sequence[str]) -> ErrorRate:
    if not reference or not hypothesis:
        return ErrorRate(
            tokens=len(reference), deletions=len(reference), insertions=len(hypothesis)
        )
    found = jiwer.process_words([_joined(reference)], [_joined(hypothesis)], _SPLIT, _SPLIT)
    return ErrorRate(
        tokens=len(reference),
        substitutions=found.substitutions,
        deletions=found.deletions,
        insertions=found.insertions,
    )


_BETWEEN = "\0"


def _joined(tokens: Sequence[str]) -> str:
    """The tokens as one text; a character may be a space, so what stands between is none."""
    return _BETWEEN.join(tokens)


_SPLIT = jiwer.Compose([jiwer.ReduceToListOfListOfWords(word_delimiter=_BETWEEN)])
