"""What the report of a run that decontaminates shows, read from its tables: a few documents of each evaluation file.

Tables are streamed. `decontaminate_page.py` makes the page.
"""

import heapq
from dataclasses import dataclass
from typing import Any

from curator_text.removal.remove_documents import Loss
from curator_text.removal.run_folder import RunFolder
from curator_text.report.findings import losses_of, text_or_trouble
from curator_text.report.originals import Originals, place_of

_EXAMPLES, _MOST_FILES, _MOST_SPANS = 3, 30, 100
_CONTEXT, _LONGEST = 160, 600
"""Characters that are shown before and after what was found, and of what was found."""
_MAX_TEXT_BYTES, _MAX_SCAN_BYTES = 1 << 20, 16 << 20
_COLUMNS = [
    *("id", "file", "row", "byte_offset", "length", "reason"),
    *("evaluation", "evaluation_row", "field", "overlap"),
]


@dataclass(frozen=True, kw_only=True)
class FoundText:
    """A document that holds an evaluation item."""

    id: str
    file: str
    row: int
    reason: str
    pieces: list[tuple[bool, str]]
    """What stands there: whether it was found in the item, and the text."""
    trouble: str
    """Why there are no pieces."""


@dataclass(frozen=True, kw_only=True)
class ContaminationFindings:
    """What is shown."""

    examples: dict[str, list[FoundText]]
    """By evaluation file, those with the smallest overlaps."""
    losses: list[Loss]
    """The alarming ones, then the largest."""
    sources: int
    """Of how many."""


def find_contamination(run: RunFolder) -> ContaminationFindings:
    """Read the tables of a run."""
    losses, sources = losses_of(run)
    return ContaminationFindings(examples=_examples(run), losses=losses, sources=sources)


def _examples(run: RunFolder) -> dict[str, list[FoundText]]:
    chosen: dict[str, list[tuple[float, str, int, dict[str, Any]]]] = {}
    tables = (table for name in ("removed", "changes") for table in run.batches(name, _COLUMNS))
    for table in tables:
        for row in table.to_pylist():
            name = row["evaluation"]
            if name in chosen or len(chosen) < _MOST_FILES:
                rated = (row["overlap"], row["file"], row["row"], row)
                mine = [*chosen.get(name, []), rated]
                chosen[name] = heapq.nsmallest(_EXAMPLES, mine, key=lambda each: each[:3])
    originals = Originals(run=run, max_bytes=_MAX_TEXT_BYTES, max_scan_bytes=_MAX_SCAN_BYTES)
    return {
        name: [_found_text(run, originals, row) for *_, row in rows]
        for name, rows in sorted(chosen.items())
    }


def _found_text(run: RunFolder, originals: Originals, row: dict[str, Any]) -> FoundText:
    same = {name: row[name] for name in ("file", "row", "evaluation", "evaluation_row", "field")}
    spans, _ = run.find("matches", ["start", "length"], limit=_MOST_SPANS, **same)
    text, trouble = text_or_trouble(originals, place_of(row))
    return FoundText(
        id=row["id"],
        file=row["file"],
        row=row["row"],
        reason=row["reason"],
        pieces=[] if text is None else _pieces(text, [(e["start"], e["length"]) for e in spans]),
        trouble=trouble,
    )


def _pieces(text: str, spans: list[tuple[int, int]]) -> list[tuple[bool, str]]:
    """The first span of a text and what stands around it, with the other spans therein."""
    if not spans:
        return [(False, _shortened(text, _LONGEST))]
    first = min(spans)[0]
    end = min(first + _LONGEST, max(start + length for start, length in spans))
    pieces = [(False, text[max(0, first - _CONTEXT) : first])]
    at = first
    for start, length in sorted(spans):
        low, high = min(max(start, at), end), min(start + length, end)
        pieces += [(False, text[at:low]), (True, text[low:high])]
        at = max(at, high)
    pieces.append((False, text[at : at + _CONTEXT]))
    return [(is_found, piece) for is_found, piece in pieces if piece]


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most].rstrip() + " …"
