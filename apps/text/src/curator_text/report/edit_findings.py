"""What the report of a run that changes texts shows: for each rule a few documents, and what changed.

What a document became is made again: from the input and the rules that `run.json` has.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from curator_engine.errors import SettingsError
from curator_text.modifiers.recipe import CleaningRecipe, recipe_of
from curator_text.removal.document_tables import PLACE
from curator_text.removal.run_folder import RunFolder
from curator_text.report.findings import text_or_trouble
from curator_text.report.originals import Originals, place_of
from curator_text.report.text_diff import Piece, word_diff

_EXAMPLES = 3
_MAX_TEXT_BYTES, _MAX_SCAN_BYTES = 1 << 20, 16 << 20
_MOST_CHARS = 600


@dataclass(frozen=True, kw_only=True)
class EditedText:
    """A document that a rule changes."""

    id: str
    file: str
    row: int
    pieces: list[Piece]
    """What the rule changes; empty if it cannot be shown."""
    trouble: str
    """Why not."""


@dataclass(frozen=True, kw_only=True)
class EditFindings:
    """What is shown."""

    examples: dict[str, list[EditedText]] = field(default_factory=dict[str, list[EditedText]])
    """By rule; none of a run on private data."""


def find_edited(run: RunFolder) -> EditFindings:
    """Read the tables of a run."""
    described: list[dict[str, Any]] = run.record.get("modifiers", [])
    if not described:
        return EditFindings()
    names = [each["name"] for each in described]
    recipe = known_recipe(run)
    originals = Originals(run=run, max_bytes=_MAX_TEXT_BYTES, max_scan_bytes=_MAX_SCAN_BYTES)
    shown = {
        name: [_edited(originals, recipe, name, row) for row in rows]
        for name, rows in _chosen(run, names).items()
        if rows
    }
    return EditFindings(examples=shown)


def known_recipe(run: RunFolder) -> CleaningRecipe | None:
    """The rules of a run; None if they are not those of this package."""
    try:
        return recipe_of(run.record.get("modifiers", []))
    except (SettingsError, KeyError, TypeError):
        # A modifier of the user's own, or of another version.
        return None


def _chosen(run: RunFolder, names: list[str]) -> dict[str, list[dict[str, Any]]]:
    """A few rows of `changes/` for each rule, which ones a hash of their places decides."""
    best: dict[str, list[tuple[int, dict[str, Any]]]] = {name: [] for name in names}
    for row in _rows(run, names):
        mark = zlib.crc32(f"{row['file']}:{row['row']}".encode("utf-8", "surrogateescape"))
        for name in names:
            if row[name]:
                best[name] = sorted([*best[name], (mark, row)], key=lambda e: e[0])[:_EXAMPLES]
    return {name: [row for _, row in rows] for name, rows in best.items()}


def _rows(run: RunFolder, names: list[str]) -> Iterator[dict[str, Any]]:
    """Of each piece of the table a few rows for each rule."""
    for table in run.batches("changes", [*PLACE, *names]):
        for name in names:
            met = table.filter(table.column(name).to_numpy() > 0)
            step = max(1, met.num_rows // _EXAMPLES)
            yield from met.take(np.arange(0, met.num_rows, step)[:_EXAMPLES]).to_pylist()


def _edited(
    originals: Originals, recipe: CleaningRecipe | None, name: str, row: dict[str, Any]
) -> EditedText:
    text, trouble = text_or_trouble(originals, place_of(row))
    pieces: list[Piece] = []
    if recipe is None:
        trouble = "the rules of this run are not known here."
    elif text is not None:
        before = text
        for rule, after in recipe.steps(text):
            if rule == name:
                pieces = _visible(word_diff(before, after, max_chars=_MOST_CHARS))
                break
            before = after
        trouble = "" if pieces else "the input has changed since the run."
    return EditedText(
        id=row["id"], file=row["file"], row=row["row"], pieces=pieces, trouble=trouble
    )


def _visible(pieces: list[Piece]) -> list[Piece]:
    """Line ends and tabs before words that change as marks, as else they could not be seen."""
    marks = str.maketrans({"\n": "\u21b5\n", "\r": "\u240d", "\t": "\u21e5"})
    shown: list[Piece] = []
    for each in pieces:
        blank = len(each.text) - len(each.text.lstrip())
        changes = each.kind in ("deleted", "inserted")
        text = each.text[:blank].translate(marks) + each.text[blank:]
        shown.append(Piece(each.kind, text) if changes else each)
    return shown
