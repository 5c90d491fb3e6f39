"""List what was edited: `changes/` and `removed/`, and the numbers of documents that go; no text is read."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.files.paths import join
from curator_engine.task import FileGroupTask
from curator_text.removal.array_files import load_table
from curator_text.removal.corpus import Corpus
from curator_text.removal.corpus_stage import DecidingStage
from curator_text.removal.document_tables import PLACE, TableParts, located

REMOVED = pa.schema({**PLACE, "rule": pa.string(), "reason": pa.string()})
"""The columns of `removed/`."""


@dataclass(kw_only=True)
class ListEdits(DecidingStage[FileGroupTask]):
    """List the edited documents of one source task."""

    rules: list[str]
    folders = ("changes", "removed")

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Write the tables of a source task, and the numbers of the documents that go."""
        corpus = self.corpus()
        mine = corpus.blocks_of(task)
        name = f"part-{mine[0]:05d}.parquet"
        going, totals = [np.empty(0, np.int64)], Totals(self.rules)
        with ExitStack() as stack:
            changed = TableParts(
                join(self.output, "changes", name), changes_schema(self.rules), stack=stack
            )
            removed = TableParts(join(self.output, "removed", name), REMOVED, stack=stack)
            for b in mine:
                rows = self._rows(corpus, b)
                totals.add(rows)
                gone = rows.column("rule").is_valid()
                out = rows.filter(gone)
                removed.add(out.select(REMOVED.names).cast(REMOVED))
                going.append(out.column("number").to_numpy() + int(corpus.bases[b]))
                stay = rows.filter(rows.column("rule").is_null())
                changed.add(_changes(stay, self.rules))
        numbers: NDArray[np.int64] = np.concatenate(going)
        return self.decided(mine[0], numbers, {"totals": totals.counts})

    def _rows(self, corpus: Corpus, b: int) -> pa.Table:
        return located(load_table(corpus.path(corpus.blocks[b], ".arrow")), corpus, b)


class Totals:
    """Counts of edited documents, by rule and together."""

    def __init__(self, rules: Sequence[str]) -> None:
        self.counts: dict[str, Any] = {
            "changed": 0,
            "chars_before": 0,
            "chars_after": 0,
            "dropped": {},
            "documents": dict.fromkeys(rules, 0),
            "met": dict.fromkeys(rules, 0),
        }

    def add(self, rows: pa.Table) -> None:
        """Count some documents."""
        stays = ~rows.column("rule").is_valid().to_numpy()
        for name in self.counts["met"]:
            met = rows.column(f"n.{name}").to_numpy()
            self.counts["documents"][name] += int((met > 0).sum())
            self.counts["met"][name] += int(met.sum())
        self.counts["changed"] += int(stays.sum())
        for name in ("before", "after"):
            self.counts[f"chars_{name}"] += int(rows.column(name).to_numpy()[stays].sum())
        dropped = self.counts["dropped"]
        for rule in rows.column("rule").drop_null().to_pylist():
            dropped[str(rule)] = dropped.get(str(rule), 0) + 1

    def merge(self, other: dict[str, Any]) -> None:
        """Add what another has counted."""
        for name, value in other.items():
            if isinstance(value, dict):
                mine = self.counts[name]
                for key, count in value.items():
                    mine[key] = mine.get(key, 0) + count
            else:
                self.counts[name] += value


def changes_schema(rules: Sequence[str]) -> pa.Schema:
    """The columns of `changes/`: a row per document that stays with another text."""
    numbers = dict.fromkeys(["chars_before", "chars_after", *rules], pa.int64())
    return pa.schema({**PLACE, **numbers})


def _changes(rows: pa.Table, rules: Sequence[str]) -> pa.Table:
    columns: list[Any] = [rows.column(name) for name in PLACE]
    columns += [rows.column("before"), rows.column("after")]
    columns += [rows.column(f"n.{name}") for name in rules]
    return pa.table(columns, schema=changes_schema(rules))
