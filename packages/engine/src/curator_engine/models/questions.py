"""What a model is asked, and what it says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

_MOST_CHARS = 20_000
NOTHING = "the model said nothing"
"""The error of an empty answer."""


@dataclass(frozen=True, kw_only=True)
class Frames:
    """Pictures in the order in which they are shown."""

    pictures: NDArray[np.uint8]
    """RGB, shape (frames, height, width, 3)."""
    times: tuple[float, ...]
    """Seconds from the first moment that is shown."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """One prompt, with the pictures that it is about or none."""

    prompt: str
    frames: Frames | None = None
    system: str = ""
    """What the model is told first; empty for nothing."""
    max_tokens: int | None = None
    """Tokens of the answer at most; None: as many as the model was opened for."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A text, or why there is none."""

    text: str = ""
    error: str = ""
    """One line; empty if there is a text."""
    final: bool = False
    """Whether any further question would meet the same error."""


def answer_of(text: str) -> Answer:
    """What a model wrote, as valid Unicode and without the thinking that some put before it."""
    said = without_thinking(text.encode("utf-8", "replace").decode())
    return Answer(text=said[:_MOST_CHARS]) if said else Answer(error=NOTHING)


def without_thinking(text: str) -> str:
    """A text without the thinking that some models put before it; nothing if that never ends."""
    return re.sub(r"^\s*<think>.*?(</think>|\Z)", "", text, flags=re.DOTALL).strip()


def short_name(model: str) -> str:
    """The last part of a folder, hub id or served name: what captions are filed under."""
    return PurePosixPath(model.rstrip("/")).name or model


def longest_answer(questions: Sequence[Question], otherwise: int) -> int:
    """Tokens of the longest answer that one of some questions may get.

    Args:
        questions: At least one.
        otherwise: Of a question that says nothing of it.
    """
    return max(each.max_tokens or otherwise for each in questions)
