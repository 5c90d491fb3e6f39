"""Limits on scores: which items are dropped, and the reason in words."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limit:
    """The least or the most that a score of a kept item may be."""

    group: str
    """What an item is dropped as, such as motion."""
    score: str
    value: float
    least: bool
    """Whether the value is the least; else it is the most."""

    def broken_by(self, scores: Mapping[str, float]) -> str | None:
        """The reason to drop an item with these scores, with both numbers, or None."""
        score = scores.get(self.score)
        if score is None or (score >= self.value if self.least else score <= self.value):
            return None
        # A figure that rounds to the limit would contradict itself.
        shown = next(
            text
            for digits in range(3, 18)
            if float(text := f"{score:.{digits}g}") != self.value or float(text) == score
        )
        return f"{self.score} {shown} {'<' if self.least else '>'} {self.value:g}"
