"""The page `report.html` of a run that decontaminates: the funnel, the evaluation files, what was found where.

All that comes from documents is escaped. The numbers are those of `run.json`; what is shown of the
tables is `contamination_findings.py`'s to find.
"""

import math
from typing import Any

import numpy as np

from curator_engine.report import html_page as page
from curator_engine.report.svg_charts import Plot, share_bar
from curator_text.removal.run_folder import RunFolder, open_run
from curator_text.report.contamination_findings import (
    ContaminationFindings,
    FoundText,
    find_contamination,
)
from curator_text.report.run_sections import example_article, funnel_cards, run_page

_BAR_SHARE = 0.9
"""Height of the largest bar."""


def build_page(output: str) -> str:
    """The page of the run in a folder, as text.

    Raises:
        InputError: It is not the folder of a run.
    """
    run = open_run(output)
    findings = find_contamination(run)
    return run_page(
        run,
        "Decontamination",
        [_totals(run), _funnel(run), _evaluation(run), _overlaps(run), _examples(findings)],
        (findings.losses, findings.sources),
    )


def _totals(run: RunFolder) -> str:
    facts = run.facts
    kept = facts.get("num_documents", 0) - facts.get("num_removed", 0)
    found, items = sum(facts.get("found_items", {}).values()), _items(run)
    shown = page.number("found_items", found, f"{found:,}")
    return funnel_cards(run, *_cut_totals(facts, kept), ("items found", shown, f"of {items:,}"))


def _cut_totals(facts: dict[str, Any], kept: int) -> list[tuple[str, str, str]]:
    """With --remove span: documents that stay without some passages."""
    if (changed := facts.get("changed")) is None:
        return []
    cuts, chars = facts.get("cuts", 0), facts.get("cut_chars", 0)
    share = f"{changed / kept:.1%} of those kept" if kept else ""
    return [
        ("changed", page.number("changed", changed, f"{changed:,}"), share),
        ("passages cut", page.number("cuts", cuts, f"{cuts:,}"), f"{chars:,} characters"),
    ]


def _items(run: RunFolder) -> int:
    return sum(each["items"] for each in run.facts.get("evaluation", []))


def _funnel(run: RunFolder) -> str:
    """What comes in, what is taken out, what is left."""
    facts = run.facts
    documents, removed = facts.get("num_documents", 0), facts.get("num_removed", 0)
    bad = facts.get("quarantined", 0)
    whole = documents + bad
    some = sum(facts.get("overlaps", []))
    steps = [
        ("in", "", whole),
        *([("in quarantine", f"{bad:,}", documents)] if bad else []),
        ("with an n-gram of an evaluation item", "", some),
        ("with enough of one", f"{removed:,}", removed + facts.get("changed", 0)),
        ("kept", "", documents - removed),
        *([("kept without some passages", "", facts["changed"])] if "changed" in facts else []),
    ]
    rows = [
        (name, gone, f"{left:,}", f"{left / whole if whole else 0.0:.1%}", share_bar(left / whole))
        for name, gone, left in steps
        if whole
    ]
    lead = _rule(run)
    if no_text := facts.get("no_text", 0):
        lead += f" {no_text:,} rows without text (null) are kept."
    table = page.table(["", "removed", "documents", "share", ""], rows, numeric=(1, 2, 3))
    return page.section("Funnel", lead, table)


def _rule(run: RunFolder) -> str:
    settings, facts = run.settings, run.facts
    least, n = settings.get("min_overlap", 0.0), settings.get("ngram", 0)
    share = (
        f"at least {least:.0%} of an item's n-grams are" if least else "any n-gram of an item is"
    )
    what = "A document goes"
    if settings.get("remove") == "span":
        what = (
            "A passage is cut out of a document (see cuts/), and one with fewer than "
            f"{settings.get('min_chars_left', 0):,} characters left goes,"
        )
    text = (
        f"{what} if {share} in it; an n-gram is {n} words, without case, accents and punctuation."
    )
    if around := settings.get("around", 0):
        text += f" {around:,} characters on both sides of a passage are cut as well."
    if ignored := facts.get("ignored_ngrams", 0):
        text += (
            f" {ignored:,} of {facts.get('ngrams', 0):,} n-grams are in more than "
            f"{settings.get('max_matches'):,} documents and do not count."
        )
    return text


def _evaluation(run: RunFolder) -> str:
    facts = run.facts
    found, documents = facts.get("found_items", {}), facts.get("found_documents", {})
    files: list[dict[str, Any]] = facts.get("evaluation", [])
    rows = [
        (
            f"<bdi>{page.escaped(each['name'])}</bdi>",
            f"{each['rows']:,}",
            f"{each['items']:,}",
            f"{each['short']:,}",
            f"{found.get(each['name'], 0):,}",
            f"{documents.get(each['name'], 0):,}",
            share_bar(found.get(each["name"], 0) / each["items"] if each["items"] else 0.0),
        )
        for each in files
    ]
    head = ["evaluation file", "rows", "items", "too short", "items found", "in documents", ""]
    lead = (
        "An item is a field of a row. Items of fewer words than --min-words are not looked for. "
        f"The index of all took {facts.get('index_bytes', 0) / 1e6:,.1f} MB of memory."
    )
    return page.section("Evaluation sets", lead, page.table(head, rows, numeric=(1, 2, 3, 4, 5)))


def _overlaps(run: RunFolder) -> str:
    """Documents by their largest overlap, and what would be kept if the threshold were moved."""
    counts: list[int] = run.facts.get("overlaps", [])
    if not sum(counts):
        return ""
    parts, total = len(counts) - 1, run.facts.get("num_documents", 0)
    # A share of 1 has a count of its own, which the last bar shows with those just below it.
    bars = [*counts[: parts - 1], counts[parts - 1] + counts[parts]]
    edges = np.linspace(0, 1, parts + 1).tolist()
    least = float(run.settings.get("min_overlap", 0.0))
    plot = Plot(width=640, height=220, left=48, right=26, top=24, bottom=34)
    shown = [plot.grid("left")]
    for start, end, count in zip(edges, edges[1:], bars, strict=False):
        if count:
            top = _BAR_SHARE * math.sqrt(count / max(bars))
            kind = "bar gone" if start >= least - 1e-9 else "bar"
            title = f"{start:.0%} to {end:.0%}: {count:,} documents"
            shown.append(plot.bar(start, end, top=top, title=title, kind=kind))
    gone = np.cumsum(counts[::-1])[::-1]
    kept = total - gone
    shown.append(plot.curve(zip(edges, (kept / max(total, 1)).tolist(), strict=True)))
    shown += [
        plot.mark(least, f"{least:.0%}"),
        plot.ticks({x: f"{x:.0%}" for x in (0, 0.25, 0.5, 0.75, 1)}),
    ]
    rows = [(f"{edges[i]:.0%}", f"{int(kept[i]):,}") for i in range(0, parts + 1, 2)]
    moved = page.table(["with --min-overlap at", "kept"], rows, numeric=(0, 1))
    lead = (
        "Documents with an n-gram of an item, by the largest share of one that is in them (heights by square "
        "root). Red bars go. The line says what share of all documents would be kept with the threshold there."
    )
    if run.settings.get("remove") == "span":
        lead += (
            " With --remove span those of red bars lose passages, and what is kept is kept whole."
        )
    label = "Documents by overlap, and what would be kept"
    content = f"{plot.svg(shown, label)}\n{page.details('Kept if moved', moved)}"
    return page.section("Overlaps", lead, content)


def _examples(findings: ContaminationFindings) -> str:
    if not findings.examples:
        return ""
    shown = "\n".join(
        f"<details open>\n<summary>{page.escaped(name)}</summary>\n"
        f"{''.join(map(_example, examples))}</details>"
        for name, examples in findings.examples.items()
    )
    lead = "Of each evaluation file the documents with the smallest overlaps; what was found is marked."
    return page.section("What was found", lead, shown)


def _example(example: FoundText) -> str:
    text = "".join(
        f"<del>{page.escaped(piece)}</del>" if is_found else page.escaped(piece)
        for is_found, piece in example.pieces
    )
    note = f"{page.escaped(example.reason)}, {page.escaped(example.file)}, row {example.row:,}"
    return example_article(example.id, note, text=text, trouble=example.trouble)
