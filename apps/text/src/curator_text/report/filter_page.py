"""The page `report.html` of a run that filters: the funnel, each rule's scores, what it drops.

All that comes from documents is escaped. The numbers are those of `run.json`; what is shown of the
tables is `filter_findings.py`'s to find.
"""

import math
from collections.abc import Sequence

import numpy as np

from curator_engine.report import html_page as page
from curator_engine.report.svg_charts import Plot, share_bar, value_name
from curator_text.removal.run_folder import RunFolder, open_run
from curator_text.report.filter_findings import (
    DroppedText,
    FilterFindings,
    RuleScores,
    find_filtered,
)
from curator_text.report.run_sections import funnel_cards, run_page

_OPEN_RULES = 5
"""Rules whose charts are shown without a click: those that drop most."""
_PLACES = 9
"""Thresholds for which a table says what would be kept."""
_BAR_SHARE = 0.9
"""Height of the largest bar."""


def build_page(output: str) -> str:
    """The page of the run in a folder, as text.

    Raises:
        InputError: It is not the folder of a run.
    """
    run = open_run(output)
    findings = find_filtered(run)
    return run_page(
        run,
        f"Filter: {run.settings.get('recipe', '')}",
        [_totals(run), _funnel(run), _rules(run, findings)],
        (findings.losses, findings.sources),
    )


def _totals(run: RunFolder) -> str:
    only = bool(run.settings.get("score_only"))
    words = ("would be kept", "would be dropped") if only else ("kept", "dropped")
    return funnel_cards(run, words=words)


def _funnel(run: RunFolder) -> str:
    """What comes in, what each rule takes, what is left."""
    facts = run.facts
    documents, bad = facts.get("num_documents", 0), facts.get("quarantined", 0)
    names = [each["name"] for each in run.record.get("filters", [])]
    rules: dict[str, int] = facts.get("rules", {})
    order = [*(name for name in names if name in rules), *(n for n in rules if n not in names)]
    left = documents
    rows = [_step("in", documents + bad, 0, documents + bad)]
    if bad:
        rows.append(_step("in quarantine", left, bad, documents + bad))
    for name in order:
        left -= rules[name]
        rows.append(_step(name, left, rules[name], documents + bad))
    rows.append(_step("kept", left, 0, documents + bad))
    lead = "Each rule takes of what the rules above it leave; a document counts at the first rule that it fails."
    if words := str(run.record.get("words", "")):
        lead += f" {page.escaped(words[0].upper() + words[1:])}."
    if no_text := facts.get("no_text", 0):
        lead += f" {no_text:,} rows without text (null) are kept."
    return page.section(
        "Funnel",
        lead,
        page.table(["", "dropped", "left", "share left", ""], rows, numeric=(1, 2, 3)),
    )


def _step(name: str, left: int, gone: int, whole: int) -> Sequence[str]:
    share = left / whole if whole else 0.0
    shown = page.number(f"dropped-{name}", gone, f"{gone:,}") if gone else ""
    return page.escaped(name), shown, f"{left:,}", f"{share:.1%}", share_bar(share)


def _rules(run: RunFolder, findings: FilterFindings) -> str:
    total = run.facts.get("num_documents", 0) - run.facts.get("no_text", 0)
    worst = sorted(findings.rules, key=lambda rule: -rule.dropped)
    shown = "\n".join(
        _rule(rule, total, is_open=i < _OPEN_RULES and rule.dropped > 0)
        for i, rule in enumerate(worst)
    )
    for name, examples in findings.other_examples.items():
        shown += page.details(page.escaped(name), "".join(map(_example, examples)))
    lead = (
        "The rules that drop most come first. Bars: documents by score (heights by square root; the outer "
        "bars hold what lies beyond). Red bars fail. The line says what share of all documents the run would "
        "keep if this threshold stood there and all else were as it is."
    )
    return page.section("Rules", lead, shown)


def _rule(rule: RuleScores, total: int, *, is_open: bool) -> str:
    bounds = [
        *([f"at least {value_name(rule.least)}"] if rule.least is not None else []),
        *([f"at most {value_name(rule.most)}"] if rule.most is not None else []),
    ]
    note = f"drops {rule.dropped:,}" + (f"; keeps {' and '.join(bounds)}" if bounds else "")
    examples = "".join(map(_example, rule.examples))
    return (
        f"<details{' open' if is_open else ''}>\n<summary>{page.escaped(rule.name)} "
        f'<span class="note">{note}</span></summary>\n'
        f"{score_chart(rule, total)}\n{_moved(rule)}\n{examples}</details>"
    )


def score_chart(rule: RuleScores, total: int) -> str:
    """Documents by score, the thresholds, and what would be kept if they were moved.

    Args:
        rule: The scores.
        total: All documents.
    """
    edges = rule.edges.tolist()
    low, high = edges[0], edges[-1]
    plot = Plot(width=640, height=220, left=48, right=26, top=24, bottom=34, low=low, high=high)
    parts = [plot.grid("left")]
    most = max(rule.counts.tolist(), default=0)
    for start, end, count in zip(edges, edges[1:], rule.counts.tolist(), strict=False):
        if count:
            middle = (start + end) / 2
            fails = (rule.least is not None and middle < rule.least) or (
                rule.most is not None and middle > rule.most
            )
            title = f"{value_name(start)} to {value_name(end)}: {count:,} documents"
            top = _BAR_SHARE * math.sqrt(count / most)
            parts.append(
                plot.bar(start, end, top=top, title=title, kind="bar gone" if fails else "bar")
            )
    for bound, kept in ((rule.least, rule.kept_from), (rule.most, rule.kept_to)):
        if bound is None:
            continue
        if total:
            parts.append(plot.curve(zip(edges, (kept / total).tolist(), strict=True)))
        # Where no score lies near it, it stands at the border, with an arrow to where it is.
        label = ("\u2190 " * (bound < low)) + value_name(bound) + (" \u2192" * (bound > high))
        parts.append(plot.mark(min(max(bound, low), high), label))
    ticks = np.linspace(low, high, 5).tolist()
    parts.append(plot.ticks({tick: value_name(tick) for tick in ticks}))
    return plot.svg(parts, f"Documents by {page.escaped(rule.name)}, and what would be kept")


def _moved(rule: RuleScores) -> str:
    """How many documents would be kept with a threshold at other places."""
    places = np.unique(np.linspace(0, len(rule.edges) - 1, _PLACES).round().astype(int)).tolist()
    tables: list[str] = []
    for bound, name, kept in (
        (rule.least, "least", rule.kept_from),
        (rule.most, "most", rule.kept_to),
    ):
        if bound is not None:
            rows = [(value_name(float(rule.edges[i])), f"{int(kept[i]):,}") for i in places]
            head = [f"with {name} at", "kept"]
            tables.append(page.table(head, rows, numeric=(0, 1)))
    return page.details("Kept if moved", "".join(tables)) if tables else ""


def _example(example: DroppedText) -> str:
    text = (
        f'<div class="diff" dir="auto">{page.escaped(example.text)}</div>'
        if example.text or not example.trouble
        else f'<p class="trouble">{page.escaped(example.trouble)}</p>'
    )
    return (
        f"<article>\n<h3><bdi>{page.escaped(example.id)}</bdi> "
        f'<span class="note">{page.escaped(example.reason)}, {page.escaped(example.file)}, '
        f"row {example.row:,}</span></h3>\n{text}\n</article>\n"
    )
