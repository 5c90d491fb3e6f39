"""What a report shows of a run, read from its tables: sizes, similarities, losses, a few examples.

Tables are streamed; what is kept in memory does not grow with them. `page.py` makes the page.
"""

import heapq
import logging
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_text.fuzzy.lsh import candidate_probability
from curator_text.removal.remove_documents import Loss
from curator_text.removal.run_folder import FILES, SOURCES, RunFolder
from curator_text.report.originals import Originals, Place, place_of
from curator_text.report.text_diff import Piece, word_diff

SIMILARITY_STEPS = 50
MAX_LOSSES = 100
_LARGEST, _LEAST_SIMILAR, _MEMBERS = 4, 4, 3
_MAX_TEXT_BYTES, _MAX_SCAN_BYTES = 1 << 20, 64 << 20
_PLACE = ["file", "row", "byte_offset", "length"]

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Member:
    """A removed document of an example."""

    id: str
    file: str
    row: int
    similarity: float | None
    pieces: list[Piece]
    """What makes its text of the kept document's; empty if a text cannot be read."""
    trouble: str
    """Why not."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """A cluster that is shown."""

    cluster_id: str
    size: int
    file: str
    row: int
    why: str
    """Why it is shown."""
    members: list[Member]
    """Those that are least like the kept document."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What is shown."""

    sizes: list[tuple[str, int]]
    """Clusters by number of documents, such as ("5-8", 17)."""
    removed: list[int]
    """Removed documents by similarity: `SIMILARITY_STEPS` equal steps from 0 to 1."""
    missed: float | None
    """Expected number of duplicates that no band has brought together; None if not to be told."""
    losses: list[Loss]
    """The alarming ones, then the largest."""
    sources: int
    """Of how many."""
    examples: list[Example]


def find(run: RunFolder) -> Findings:
    """Read the tables of a run."""
    removed = np.zeros(SIMILARITY_STEPS, np.int64)
    missed = 0.0
    least: list[tuple[float, str]] = []
    for batch in run.batches("removed", ["similarity", "cluster_id"]):
        similarity = _numbers(batch.column("similarity"))
        removed += _histogram(similarity)
        missed += _missed(run, similarity)
        least = _least_similar(least, batch, similarity)
    sizes, chosen = _clusters(run, [cluster for _, cluster in least])
    losses, sources = losses_of(run)
    return Findings(
        sizes=_by_size(sizes),
        removed=removed.tolist(),
        missed=missed if removed.any() and _bands(run) else None,
        losses=losses,
        sources=sources,
        examples=_examples(run, chosen),
    )


def _numbers(column: Any) -> NDArray[np.float64]:
    """The values that are not null."""
    values = np.asarray(column.to_numpy(), dtype=np.float64)
    return values[~np.isnan(values)]


def _histogram(similarity: NDArray[np.float64]) -> NDArray[np.int64]:
    steps = np.clip((similarity * SIMILARITY_STEPS).astype(np.int64), 0, SIMILARITY_STEPS - 1)
    return np.bincount(steps, minlength=SIMILARITY_STEPS)


def _bands(run: RunFolder) -> dict[str, int]:
    """The bands of a job that has an S-curve."""
    names = ("num_bands", "minhashes_per_band")
    there = "s_curve" in run.record and all(isinstance(run.settings.get(n), int) for n in names)
    return {n: run.settings[n] for n in names} if there else {}


def _missed(run: RunFolder, similarity: NDArray[np.float64]) -> float:
    """For each one found with probability p, (1 - p) / p are expected that were not."""
    bands = _bands(run)
    if not bands:
        return 0.0
    values, counts = np.unique(np.round(similarity, 3), return_counts=True)
    found = [max(candidate_probability(s, **bands), 1e-6) for s in values.tolist()]
    return sum(n * (1 - p) / p for p, n in zip(found, counts.tolist(), strict=True))


def _least_similar(
    least: list[tuple[float, str]], batch: pa.Table, similarity: NDArray[np.float64]
) -> list[tuple[float, str]]:
    """The clusters of the removed documents that are least like what stays, each cluster once."""
    if not len(similarity):
        return least
    count = min(50 * _LEAST_SIMILAR, len(similarity))
    cut = float(np.partition(similarity, count - 1)[count - 1])
    rows = batch.filter(pc.field("similarity") <= cut).to_pylist()
    found = [(float(row["similarity"]), str(row["cluster_id"])) for row in rows]
    best: dict[str, float] = {}
    for value, cluster in heapq.nsmallest(count, [*least, *found]):
        best.setdefault(cluster, value)
    return [(value, cluster) for cluster, value in list(best.items())[:_LEAST_SIMILAR]]


def _clusters(run: RunFolder, wanted: list[str]) -> tuple[Counter[int], list[dict[str, Any]]]:
    """Clusters by size, and the rows of the largest ones and of the wanted ones."""
    sizes = Counter[int]()
    largest: list[dict[str, Any]] = []
    others: dict[str, dict[str, Any]] = {}
    for batch in run.batches("clusters", ["cluster_id", "size", *_PLACE]):
        values, counts = np.unique(batch.column("size").to_numpy(), return_counts=True)
        sizes.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))
        top = batch.sort_by([("size", "descending")]).slice(0, _LARGEST)
        largest = heapq.nsmallest(
            _LARGEST, [*largest, *top.to_pylist()], key=lambda c: (-c["size"], c["cluster_id"])
        )
        for row in batch.filter(_is_one_of(wanted)).to_pylist():
            others.setdefault(row["cluster_id"], row)
    shown = {row["cluster_id"] for row in largest}
    rows = [{**row, "why": "one of the largest"} for row in largest]
    rows += [
        {**others[c], "why": "holds one of the least similar duplicates"}
        for c in wanted
        if c in others and c not in shown
    ]
    return sizes, rows


def _is_one_of(clusters: list[str]) -> pc.Expression:
    return pc.field("cluster_id").isin(pa.array(clusters, pa.string()))


def _by_size(sizes: Counter[int]) -> list[tuple[str, int]]:
    """Sizes up to four alone, then by powers of two."""
    steps = Counter[int]()
    for size, count in sizes.items():
        steps[size if size <= 4 else 2 + math.ceil(math.log2(size))] += count
    names = {step: str(step) for step in (2, 3, 4)}
    names |= {
        k: f"{2 ** (k - 3) + 1:,}-{2 ** (k - 2):,}" for k in range(5, max(steps, default=4) + 1)
    }
    return [(names[step], steps[step]) for step in range(2, max(steps, default=1) + 1)]


def losses_of(run: RunFolder) -> tuple[list[Loss], int]:
    """The largest losses by source if that was asked for, else by file; and of how many."""
    name, column = (SOURCES, "source") if run.parts(SOURCES) else (FILES, "file")
    kept: list[Loss] = []
    total = 0
    for batch in run.batches(name, [column, "documents", "removed"]):
        total += batch.num_rows
        rows = (
            Loss(source=row[column], documents=row["documents"], removed=row["removed"])
            for row in batch.to_pylist()
        )
        kept = heapq.nsmallest(MAX_LOSSES, [*kept, *rows], key=_urgency)
    return kept, total


def _urgency(loss: Loss) -> tuple[bool, int, str]:
    return not loss.is_alarming, -loss.removed, loss.source


def _examples(run: RunFolder, clusters: list[dict[str, Any]]) -> list[Example]:
    """The clusters with the members that are least like what stays, and what differs."""
    wanted = [row["cluster_id"] for row in clusters]
    members: dict[str, list[dict[str, Any]]] = {cluster: [] for cluster in wanted}
    for batch in run.batches("removed", ["id", "cluster_id", "similarity", *_PLACE]):
        for row in _few(batch.filter(_is_one_of(wanted))):
            rows = [*members[row["cluster_id"]], row]
            members[row["cluster_id"]] = heapq.nsmallest(_MEMBERS, rows, key=_least_first)
    originals = Originals(run=run, max_bytes=_MAX_TEXT_BYTES, max_scan_bytes=_MAX_SCAN_BYTES)
    return [
        Example(
            cluster_id=row["cluster_id"],
            size=row["size"],
            file=row["file"],
            row=row["row"],
            why=row["why"],
            members=_compare(originals, place_of(row), members[row["cluster_id"]]),
        )
        for row in clusters
    ]


def _few(rows: pa.Table) -> Iterable[dict[str, Any]]:
    """The rows that are least similar, per cluster as many as are shown."""
    seen = Counter[str]()
    for row in rows.sort_by([("similarity", "ascending"), ("id", "ascending")]).to_pylist():
        seen[row["cluster_id"]] += 1
        if seen[row["cluster_id"]] <= _MEMBERS:
            yield row


def _least_first(row: dict[str, Any]) -> tuple[float, str]:
    return 2.0 if row["similarity"] is None else row["similarity"], row["id"]


def _compare(originals: Originals, kept: Place, rows: list[dict[str, Any]]) -> list[Member]:
    old, trouble = text_or_trouble(originals, kept)
    members: list[Member] = []
    for row in rows:
        new, own_trouble = text_or_trouble(originals, place_of(row))
        members.append(
            Member(
                id=row["id"],
                file=row["file"],
                row=row["row"],
                similarity=row["similarity"],
                pieces=[] if old is None or new is None else word_diff(old, new),
                trouble=trouble or own_trouble,
            )
        )
    return members


def beginning(originals: Originals, row: dict[str, Any], most: int) -> tuple[str, str]:
    """The first characters of the text of a table's row; if it cannot be read, nothing and why."""
    text, trouble = text_or_trouble(originals, place_of(row))
    short = text or ""
    return (short if len(short) <= most else f"{short[:most].rstrip()} …"), trouble


def text_or_trouble(originals: Originals, place: Place) -> tuple[str | None, str]:
    """A document's text, or None and why it cannot be read, whatever the reason."""
    try:
        return originals.text(place), ""
    except Exception as error:
        # The input may be anywhere, and looking at it must not fail what is finished.
        _logger.debug("no text of %s", place, exc_info=True)
        return None, " ".join(str(error).split()) or type(error).__name__
