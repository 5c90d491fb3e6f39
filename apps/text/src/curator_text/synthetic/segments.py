"""Parts of a text that a model is asked about, and how their answers make one text again."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from curator_engine.models.chat_asker import about_tokens

_LETTER = re.compile(r"[^\W\d_]")
_FENCE = re.compile(r"^\s*(```|~~~)")


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A part of a text."""

    text: str
    asked: bool = True
    """Whether the model is asked about it."""
    before: str = "\n"
    """What stands between it and the part before it."""


def segments_of(
    text: str, *, most_tokens: int = 0, least_tokens: int = 0, carry: bool = False
) -> list[Segment]:
    """The parts of a text, in order.

    Args:
        text: The text.
        most_tokens: Tokens of a part at most; 0 for one part.
        least_tokens: A part of fewer is not asked about.
        carry: Whether lines without letters, and code between fences, are parts of their own that are not asked about.

    Returns:
        The text is what `joined` makes of them, but for the white space at its ends.
    """
    found: list[Segment] = []
    for asked, lines in _runs(text) if carry else [(True, text.split("\n"))]:
        parts = _packed(lines, most_tokens) if asked and most_tokens else [("\n", "\n".join(lines))]
        for before, part in parts:
            wanted = asked and bool(part.strip()) and about_tokens(part) >= least_tokens
            found.append(Segment(text=part, asked=wanted, before=before))
    return found


def joined(segments: Sequence[Segment], answers: Sequence[str | None]) -> str:
    """The text with answers in the place of the parts that were asked about.

    Args:
        segments: The parts.
        answers: One for each; None where there was no question.
    """
    made = ""
    for place, (segment, answer) in enumerate(zip(segments, answers, strict=True)):
        made += segment.before if place else ""
        made += segment.text if answer is None else _in_place_of(segment.text, answer)
    return made


def _in_place_of(text: str, answer: str) -> str:
    """An answer with the white space around a text: models leave it out."""
    inner = text.strip()
    before, _, after = text.partition(inner) if inner else ("", "", "")
    return before + answer.strip() + after


def _runs(text: str) -> Iterator[tuple[bool, list[str]]]:
    """Lines that follow each other, and whether the model is asked about them."""
    run, asked, inside = list[str](), True, False
    for line in text.split("\n"):
        fence = bool(_FENCE.match(line))
        wanted = not (fence or inside) and (not line.strip() or bool(_LETTER.search(line)))
        inside ^= fence
        if wanted != asked and run:
            yield asked, run
            run = []
        asked = wanted
        run.append(line)
    if run:
        yield asked, run


def _packed(lines: Sequence[str], most: int) -> Iterator[tuple[str, str]]:
    """Lines put together up to a size, each with what stands before it; longer lines are cut between words."""
    part, size, before = "", 0, "\n"
    for sign, piece in _pieces(lines, most):
        tokens = about_tokens(piece) + 1
        if part and size + tokens > most:
            yield before, part
            part, size, before = "", 0, sign
        part = part + sign + piece if size else piece
        size += tokens
    yield before, part


def _pieces(lines: Sequence[str], most: int) -> Iterator[tuple[str, str]]:
    for line in lines:
        if about_tokens(line) <= most:
            yield "\n", line
            continue
        sign = "\n"
        for piece in _words(line, most):
            yield sign, piece
            sign = " "


def _words(line: str, most: int) -> Iterator[str]:
    """A line cut between words; a word that is too long alone stays whole."""
    taken, size = list[str](), 0
    for word in line.split(" "):
        tokens = (len(word.encode(errors="replace")) + 1) / 4
        if taken and size + tokens > most:
            yield " ".join(taken)
            taken, size = [], 0
        taken.append(word)
        size += tokens
    yield " ".join(taken)
