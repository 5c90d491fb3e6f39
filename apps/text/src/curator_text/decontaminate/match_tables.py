"""The rows of `matches/` and `removed/` of a run that decontaminates, and what they are made from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_text.decontaminate.evaluation_index import EvaluationIndex
from curator_text.removal.document_tables import PLACE

type Numbers = NDArray[np.int64]

_ITEM = {
    "evaluation": pa.string(),
    "evaluation_row": pa.int64(),
    "field": pa.string(),
    "overlap": pa.float64(),
}
"""Which evaluation item, and the share of its n-grams that are in the document."""
MATCHES_SCHEMA = pa.schema(
    {
        "id": pa.string(),
        "file": pa.string(),
        "row": pa.int64(),
        **_ITEM,
        "ngrams": pa.int64(),
        "start": pa.int64(),
        "length": pa.int64(),
    }
)
REMOVED_SCHEMA = pa.schema({**PLACE, "reason": pa.string(), **_ITEM, "items": pa.int64()})
MOST_ITEMS = 1000
"""Of a document that are listed; all are counted."""


@dataclass(frozen=True, kw_only=True)
class Matches:
    """Which items are found in the documents of a block."""

    rows: Numbers
    """Document, item and n-grams found of it; by document, the largest share first."""
    best: Numbers
    """Of each document with an n-gram: its number, how many items it has, its largest share in twentieths."""
    spans: Numbers
    """Where in `rows`, first character and the one behind the last."""

    @property
    def documents(self) -> Numbers:
        """The documents that have an item, sorted."""
        return np.unique(self.rows[:, 0])


@dataclass(frozen=True, kw_only=True)
class Rule:
    """When an item counts as found."""

    index: EvaluationIndex
    ignored: NDArray[np.bool_]
    """N-grams that do not count."""
    min_overlap: float
    """Share of an item's n-grams; 0 stands for any one of them."""

    @property
    def of_item(self) -> Numbers:
        """How many n-grams of each item count."""
        index = self.index
        lost = np.repeat(self.ignored, np.diff(index.opening))
        return index.of_item - np.bincount(index.items[lost], minlength=len(index.of_item))

    def apply(self, hits: Numbers, found: NDArray[np.bool_]) -> Matches:
        """The items that are found.

        Args:
            hits: N-grams in the documents, without those that do not count.
            found: Gets True for each item that is found.
        """
        from curator_text.kernels import overlap_kernels

        index = self.index
        documents, numbers = self._pairs(hits)
        rows, best = overlap_kernels.count_items(
            documents,
            numbers,
            index.opening,
            index.items,
            np.zeros(len(index.of_item), np.int64),
            self.of_item,
            self.min_overlap,
            MOST_ITEMS,
            found,
        )
        spans = overlap_kernels.find_spans(rows, hits, index.opening, index.items)
        return Matches(rows=rows, best=best, spans=spans)

    def cuts(self, hits: Numbers) -> Numbers:
        """Where all items lie that are found: document, first character, and the one behind the last.

        Args:
            hits: As for `apply`.
        """
        from curator_text.kernels import overlap_kernels

        index = self.index
        return overlap_kernels.find_cuts(
            *self._pairs(hits),
            hits,
            index.opening,
            index.items,
            np.zeros(len(index.of_item), np.int64),
            self.of_item,
            self.min_overlap,
        )

    def _pairs(self, hits: Numbers) -> tuple[Numbers, Numbers]:
        """The distinct pairs of document and n-gram, by document."""
        units = max(len(self.index.anchors), 1)
        return np.divmod(np.unique(hits[:, 0] * units + hits[:, 1]), units)


def match_rows(matches: Matches, places: pa.Table, rule: Rule) -> pa.Table:
    """The rows of `matches/`.

    Args:
        matches: Of the documents of a block.
        places: Columns of `PLACE` of these documents.
        rule: What found them.
    """
    spans = matches.spans
    rows = matches.rows[spans[:, 0]]
    there = places.select(["id", "file", "row"]).take(pa.array(rows[:, 0], pa.int64()))
    columns: dict[str, Any] = {name: there.column(name) for name in there.column_names}
    columns |= _items(rows, rule)
    columns |= {"ngrams": rows[:, 2], "start": spans[:, 1], "length": spans[:, 2] - spans[:, 1]}
    return pa.table(columns, MATCHES_SCHEMA)


def removed_rows(matches: Matches, places: pa.Table, rule: Rule) -> pa.Table:
    """The rows of `removed/`: of each document the item with the largest share."""
    documents, first = np.unique(matches.rows[:, 0], return_index=True)
    rows = matches.rows[first]
    there = places.take(pa.array(documents, pa.int64()))
    columns: dict[str, Any] = {name: there.column(name) for name in there.column_names}
    columns |= _items(rows, rule)
    of = rule.of_item[rows[:, 1]]
    columns["reason"] = [
        f"{share:.0%} of the {n:,} n-grams of {name}:{row} {field}"
        for share, n, name, row, field in zip(
            columns["overlap"].tolist(),
            of.tolist(),
            columns["evaluation"],
            columns["evaluation_row"].to_pylist(),
            columns["field"].to_pylist(),
            strict=True,
        )
    ]
    counted = dict(matches.best[:, :2].tolist())
    columns["items"] = [counted[document] for document in documents.tolist()]
    return pa.table({name: columns[name] for name in REMOVED_SCHEMA.names}, REMOVED_SCHEMA)


def _items(rows: Numbers, rule: Rule) -> dict[str, Any]:
    index = rule.index
    items = index.table.take(pa.array(rows[:, 1], pa.int64()))
    names = [each.name for each in index.files]
    return {
        "evaluation": [names[file] for file in items.column("file").to_numpy().tolist()],
        "evaluation_row": items.column("row"),
        "field": items.column("field"),
        "overlap": rows[:, 2] / rule.of_item[rows[:, 1]],
    }
