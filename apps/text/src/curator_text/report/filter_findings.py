"""What the report of a run that filters shows, read from its tables: scores, thresholds moved, examples.

Tables are streamed, the scores twice: once to see where they lie, once to count. What is kept in
memory does not grow with them. `filter_page.py` makes the page.
"""

import heapq
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.items.where import clauses_of
from curator_text.removal.document_tables import PLACE
from curator_text.removal.remove_documents import Loss
from curator_text.removal.run_folder import RunFolder
from curator_text.report.findings import beginning, losses_of
from curator_text.report.originals import Originals
from curator_text.scoring.score_tables import where_fields

BINS = 48
_SAMPLE = 20_000
"""Scores that are looked at to choose what a histogram spans."""
_TAIL = 0.5
"""Percent of the scores at either end that may lie beyond a histogram; its outer bars count them."""
_EXAMPLES, _EXAMPLE_CHARS = 3, 500
_MAX_TEXT_BYTES, _MAX_SCAN_BYTES = 1 << 20, 16 << 20
_EXAMPLE_COLUMNS = [*PLACE, "rule", "reason"]


@dataclass(frozen=True, kw_only=True)
class DroppedText:
    """A document that a rule drops."""

    id: str
    file: str
    row: int
    reason: str
    text: str
    """The beginning of its text; empty if it cannot be read."""
    trouble: str
    """Why not."""


@dataclass(kw_only=True)
class RuleScores:
    """The scores of one rule."""

    name: str
    least: float | None
    """The least score that is kept; None: no bound. Likewise the next one."""
    most: float | None
    dropped: int
    """Documents of which this is the first rule that they fail."""
    edges: NDArray[np.float64]
    """Of the bins, shape (BINS + 1,)."""
    counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(BINS, np.int64))
    """Documents by score; the outer bins hold also what lies beyond."""
    kept_from: NDArray[np.int64] = field(default_factory=lambda: np.zeros(BINS + 1, np.int64))
    """Documents that the run would keep if `least` were at an edge; shape (BINS + 1,)."""
    kept_to: NDArray[np.int64] = field(default_factory=lambda: np.zeros(BINS + 1, np.int64))
    """The same for `most`."""
    examples: list[DroppedText] = field(default_factory=list[DroppedText])


@dataclass(frozen=True, kw_only=True)
class FilterFindings:
    """What is shown."""

    rules: list[RuleScores]
    """In the order of the recipe."""
    other_examples: dict[str, list[DroppedText]]
    """Of rules that are no score: the condition."""
    losses: list[Loss]
    """The alarming ones, then the largest."""
    sources: int
    """Of how many."""


def find_filtered(run: RunFolder) -> FilterFindings:
    """Read the tables of a run."""
    counts: Mapping[str, int] = run.facts.get("rules", {})
    filters: list[dict[str, Any]] = run.record.get("filters", [])
    names = [each["name"] for each in filters]
    edges = _edges(run, filters)
    rules = [
        RuleScores(
            name=each["name"],
            least=each["least"],
            most=each["most"],
            dropped=counts.get(each["name"], 0),
            edges=edges[each["name"]],
        )
        for each in filters
    ]
    where = run.settings.get("where")
    fields = where_fields(where, names)
    for table in run.batches("scores", [*PLACE, "rule", *names, *fields]):
        _count(table, rules, where=where)
    shown = _examples(run)
    for rule in rules:
        rule.examples = shown.pop(rule.name, [])
    losses, sources = losses_of(run)
    return FilterFindings(rules=rules, other_examples=shown, losses=losses, sources=sources)


def _edges(run: RunFolder, filters: list[dict[str, Any]]) -> dict[str, NDArray[np.float64]]:
    """The edges of each score's bins: where nearly all of the scores lie, and the thresholds."""
    names = [each["name"] for each in filters]
    total = run.facts.get("num_documents", 0) - run.facts.get("no_text", 0)
    step = max(1, total // _SAMPLE)
    sample: dict[str, list[NDArray[np.float64]]] = {name: [] for name in names}
    for table in run.batches("scores", names):
        for name in names:
            # A copy: a slice would keep all scores in memory.
            sample[name].append(table.column(name).to_numpy()[::step].copy())
    return {each["name"]: _span(each, sample[each["name"]]) for each in filters}


def _span(rule: dict[str, Any], parts: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    scores = np.concatenate([np.empty(0), *parts])
    scores = scores[np.isfinite(scores)]
    ends = [] if not len(scores) else np.percentile(scores, [_TAIL, 100 - _TAIL]).tolist()
    ends += [
        each for each in (rule["least"], rule["most"]) if each is not None and _near(each, ends)
    ]
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    return np.linspace(low, high if high > low else low + 1, BINS + 1)


def _near(threshold: float, ends: list[float]) -> bool:
    """Whether a threshold can be shown without pressing all scores into one bar."""
    if len(ends) < 2:
        return True
    width = max(ends[1] - ends[0], abs(ends[0]), abs(ends[1]), 1e-9)
    return ends[0] - 2 * width <= threshold <= ends[1] + 2 * width


def _count(table: pa.Table, rules: list[RuleScores], *, where: str | None) -> None:
    """Add some documents to the counts."""
    number = {rule.name: i for i, rule in enumerate(rules)}
    failed = table.column("rule").to_pylist()
    first = np.array([-2 if each is None else number.get(each, -1) for each in failed], np.int64)
    # Which documents pass the condition and all rules after the one in hand.
    later = np.ones(table.num_rows, np.bool_)
    for clause in clauses_of(where, table) if where is not None else []:
        later &= clause.holds
    for rule in reversed(rules):
        values = table.column(rule.name).to_numpy()
        rule.counts += _histogram(values, rule.edges)
        # What fails this rule first passes those before it.
        otherwise = (first == -2) | ((first == number[rule.name]) & later)
        if rule.least is not None:
            shown = values[otherwise & _within(values, None, rule.most)]
            rule.kept_from += _at_least(shown, rule.edges)
        if rule.most is not None:
            shown = values[otherwise & _within(values, rule.least, None)]
            rule.kept_to += _at_most(shown, rule.edges)
        later = later & _within(values, rule.least, rule.most)


def _within(
    scores: NDArray[np.float64], least: float | None, most: float | None
) -> NDArray[np.bool_]:
    kept = np.ones(len(scores), np.bool_)
    if least is not None:
        kept &= scores >= least
    return kept if most is None else kept & (scores <= most)


def _histogram(scores: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    known = scores[~np.isnan(scores)]
    place = np.clip(np.searchsorted(edges, known, side="right") - 1, 0, BINS - 1)
    return np.bincount(place, minlength=BINS)


def _at_least(scores: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many scores are at least each edge."""
    reached = np.searchsorted(edges, scores[~np.isnan(scores)], side="right")
    counts = np.bincount(reached, minlength=len(edges) + 1)
    return np.cumsum(counts[::-1])[::-1][1:]


def _at_most(scores: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many scores are at most each edge."""
    below = np.searchsorted(edges, scores[~np.isnan(scores)], side="left")
    return np.cumsum(np.bincount(below, minlength=len(edges) + 1))[:-1]


def _examples(run: RunFolder) -> dict[str, list[DroppedText]]:
    """A few documents that each rule drops, which ones a hash of their places decides."""
    chosen: dict[str, list[tuple[int, str, dict[str, Any]]]] = {}
    for row in _dropped(run):
        mark = zlib.crc32(f"{row['file']}:{row['row']}".encode("utf-8", "surrogateescape"))
        mine = chosen.setdefault(row["rule"], [])
        chosen[row["rule"]] = heapq.nsmallest(
            _EXAMPLES, [*mine, (mark, f"{row['file']}:{row['row']}", row)], key=lambda e: e[:2]
        )
    originals = Originals(run=run, max_bytes=_MAX_TEXT_BYTES, max_scan_bytes=_MAX_SCAN_BYTES)
    return {
        rule: [_dropped_text(originals, row) for _, _, row in rows] for rule, rows in chosen.items()
    }


def _dropped(run: RunFolder) -> Iterator[dict[str, Any]]:
    """Some rows of documents that go: of each piece of the table a few of each rule."""
    name = "removed" if run.parts("removed") else "scores"
    for table in run.batches(name, _EXAMPLE_COLUMNS):
        rules: NDArray[Any] = np.array(table.column("rule").to_pylist(), dtype=object)
        for rule in sorted({each for each in rules if each is not None}):
            places = np.flatnonzero(rules == rule)
            some = places[:: max(1, len(places) // _EXAMPLES)]
            yield from table.take(pa.array(some, pa.int64())).to_pylist()


def _dropped_text(originals: Originals, row: dict[str, Any]) -> DroppedText:
    text, trouble = beginning(originals, row, _EXAMPLE_CHARS)
    return DroppedText(
        id=row["id"],
        file=row["file"],
        row=row["row"],
        reason=row["reason"],
        text=text,
        trouble=trouble,
    )
