"""The page `report.html` of a run that looks for repeated passages or lines: totals, which repeat most, losses.

All that comes from documents is escaped. The numbers are those of `run.json`.
"""

from collections import Counter
from dataclasses import dataclass

from curator_engine.report import html_page as page
from curator_text.removal.run_folder import RunFolder, open_run
from curator_text.report.findings import losses_of
from curator_text.report.run_sections import end_cards, run_page

_SHOWN = 30
_KNOWN = 100_000
"""Passages that are told apart; of those above it the ones that took least so far are forgotten."""
_TITLES = {"substring": "Repeated passages", "lines": "Repeated lines"}
_COLUMNS = ["first_file", "first_row", "first_byte", "characters", "text"]


@dataclass(frozen=True, kw_only=True)
class Repeated:
    """A passage that stands at several places."""

    text: str
    """Its beginning."""
    file: str
    row: int
    """Where it stands first."""
    spans: int
    """Other places."""
    characters: int
    """At these together."""


def most_repeated(run: RunFolder, limit: int) -> list[Repeated]:
    """The passages that take most characters at places other than the first."""
    spans, characters = Counter[tuple[str, int, int]](), Counter[tuple[str, int, int]]()
    texts: dict[tuple[str, int, int], str] = {}
    for batch in run.batches("passages", _COLUMNS):
        for row in batch.to_pylist():
            key = row["first_file"], row["first_row"], row["first_byte"]
            spans[key] += 1
            characters[key] += row["characters"]
            texts.setdefault(key, row["text"])
        if len(texts) > 2 * _KNOWN:
            kept = dict(characters.most_common(_KNOWN))
            characters = Counter(kept)
            spans = Counter({key: spans[key] for key in kept})
            texts = {key: texts[key] for key in kept}
    return [
        Repeated(text=texts[key], file=key[0], row=key[1], spans=spans[key], characters=count)
        for key, count in characters.most_common(limit)
    ]


def build_page(output: str) -> str:
    """The page of the run in a folder, as text.

    Raises:
        InputError: It is not the folder of a run.
    """
    run = open_run(output)
    worst = most_repeated(run, _SHOWN)
    return run_page(
        run,
        _TITLES.get(run.record.get("job", ""), "Repeats"),
        [_totals(run), _passages(worst)],
        losses_of(run),
    )


def _totals(run: RunFolder) -> str:
    facts = run.facts
    documents, removed = facts.get("num_documents", 0), facts.get("num_removed", 0)
    size, cut = facts.get("text_bytes", 0), facts.get("repeated_bytes", 0)
    only = run.settings.get("remove") == "nothing"
    totals = [
        ("documents", page.number("num_documents", documents, f"{documents:,}"), ""),
        (
            "would be dropped" if only else "dropped",
            page.number("num_removed", removed, f"{removed:,}"),
            f"{removed / documents:.1%}" if documents else "",
        ),
        (
            "passages",
            page.number("passages", facts.get("passages", 0), f"{facts.get('passages', 0):,}"),
            "",
        ),
        (
            "repeated",
            page.number("repeated_bytes", cut, f"{cut / 1e6:,.1f} MB"),
            f"{cut / size:.1%} of the text" if size else "",
        ),
        (
            "texts changed",
            page.number("changed", facts.get("changed", 0), f"{facts.get('changed', 0):,}"),
            "",
        ),
    ]
    return page.cards([*totals, *end_cards(facts)])


def _passages(worst: list[Repeated]) -> str:
    if not worst:
        return page.section("Passages", "Nothing repeats.", "")
    rows = [
        (
            f'<div class="diff" dir="auto">{page.escaped(each.text)}</div>',
            f"<bdi>{page.escaped(each.file)}</bdi>, row {each.row:,}",
            f"{each.spans:,}",
            f"{each.characters:,}",
        )
        for each in worst
    ]
    lead = "Those that take most characters beyond their first place; all are in passages/."
    head = ["passage", "stands first in", "other places", "characters there"]
    return page.section("Passages", lead, page.table(head, rows, numeric=(2, 3)))
