"""The page `report.html` of a run that tells languages: the funnel, the languages, examples of what went.

All that comes from documents is escaped. The numbers are those of `run.json`.
"""

import heapq
import zlib
from dataclasses import dataclass
from typing import Any

from curator_engine.report import html_page as page
from curator_engine.report.svg_charts import share_bar
from curator_text.removal.document_tables import PLACE
from curator_text.removal.run_folder import RunFolder, open_run
from curator_text.report.findings import beginning, losses_of
from curator_text.report.originals import Originals
from curator_text.report.run_sections import example_article, funnel_cards, run_page

_MOST_LANGUAGES, _EXAMPLES, _EXAMPLE_CHARS = 30, 3, 300
_MAX_TEXT_BYTES, _MAX_SCAN_BYTES = 1 << 20, 16 << 20
_COLUMNS = [*PLACE, "reason", "language", "language_score"]


@dataclass(frozen=True, kw_only=True)
class RemovedText:
    """A document that is not kept for its language."""

    id: str
    file: str
    row: int
    reason: str
    score: float | None
    text: str
    """The beginning of its text; empty if it cannot be read."""
    trouble: str
    """Why not."""


def build_page(output: str) -> str:
    """The page of the run in a folder, as text.

    Raises:
        InputError: It is not the folder of a run.
    """
    run = open_run(output)
    return run_page(
        run,
        "Languages",
        [_totals(run), _funnel(run), _languages(run), _examples(find_examples(run))],
        losses_of(run),
    )


def _totals(run: RunFolder) -> str:
    several = sum(each["several"] for each in run.facts.get("languages", {}).values())
    shown = page.number("several", several, f"{several:,}")
    return funnel_cards(run, ("in several languages", shown, ""))


def _funnel(run: RunFolder) -> str:
    """What comes in, what is taken out, what is left."""
    facts = run.facts
    documents, removed = facts.get("num_documents", 0), facts.get("num_removed", 0)
    bad = facts.get("quarantined", 0)
    whole = max(documents + bad, 1)
    steps = [
        ("in", "", documents + bad),
        *([("in quarantine", f"{bad:,}", documents)] if bad else []),
        ("of a language that is not kept", f"{removed:,}", documents - removed),
        ("kept", "", documents - removed),
    ]
    rows = [
        (name, gone, f"{left:,}", f"{left / whole:.1%}", share_bar(left / whole))
        for name, gone, left in steps
    ]
    kept = ", ".join(run.settings.get("keep") or []) or "all languages"
    lead = f"Kept: {page.escaped(kept)}."
    if no_text := facts.get("no_text", 0):
        lead += f" {no_text:,} rows without text (null) are kept."
    table = page.table(["", "removed", "left", "share left", ""], rows, numeric=(1, 2, 3))
    return page.section("Funnel", lead, table)


def _languages(run: RunFolder) -> str:
    languages: dict[str, dict[str, int]] = run.facts.get("languages", {})
    total = max(1, sum(each["documents"] for each in languages.values()))
    rows = [
        (
            page.escaped(name),
            f"{each['documents']:,}",
            f"{each['documents'] / total:.1%}",
            f"{each['text_bytes'] / 1e6:,.2f}",
            f"{each['several']:,}",
            f"{each['removed']:,}",
            share_bar(each["documents"] / total),
        )
        for name, each in languages.items()
    ]
    head = ["language", "documents", "share", "MB of text", "with others", "removed", ""]
    tool = page.escaped(run.settings.get("model") or run.settings.get("detector", ""))
    lead = (
        f"Told by {tool}: ISO 639-3 and the script of most letters. und is what was not determined."
    )
    return page.section("Languages", lead, page.table(head, rows, numeric=(1, 2, 3, 4, 5)))


def find_examples(run: RunFolder) -> dict[str, list[RemovedText]]:
    """A few documents of each language that went, which ones a hash of their places decides."""
    chosen: dict[str, list[tuple[int, str, dict[str, Any]]]] = {}
    for table in run.batches("removed", _COLUMNS):
        for row in table.to_pylist():
            name = row["language"]
            if name in chosen or len(chosen) < _MOST_LANGUAGES:
                place = f"{row['file']}:{row['row']}"
                mark = zlib.crc32(place.encode("utf-8", "surrogateescape"))
                mine = [*chosen.get(name, []), (mark, place, row)]
                chosen[name] = heapq.nsmallest(_EXAMPLES, mine, key=lambda each: each[:2])
    originals = Originals(run=run, max_bytes=_MAX_TEXT_BYTES, max_scan_bytes=_MAX_SCAN_BYTES)
    return {
        name: [_removed_text(originals, row) for *_, row in rows]
        for name, rows in sorted(chosen.items())
    }


def _removed_text(originals: Originals, row: dict[str, Any]) -> RemovedText:
    text, trouble = beginning(originals, row, _EXAMPLE_CHARS)
    return RemovedText(
        id=row["id"],
        file=row["file"],
        row=row["row"],
        reason=row["reason"],
        score=row["language_score"],
        text=text,
        trouble=trouble,
    )


def _examples(found: dict[str, list[RemovedText]]) -> str:
    if not found:
        return ""
    shown = "\n".join(
        f"<details open>\n<summary>{page.escaped(name)}</summary>\n"
        f"{''.join(map(_example, examples))}</details>"
        for name, examples in found.items()
    )
    return page.section("What went", "A few documents of each language that is not kept.", shown)


def _example(example: RemovedText) -> str:
    score = "" if example.score is None else f", score {example.score:g}"
    place = f"{page.escaped(example.file)}, row {example.row:,}"
    note = f"{page.escaped(example.reason)}{score}, {place}"
    text = page.escaped(example.text)
    return example_article(example.id, note, text=text, trouble=example.trouble)
