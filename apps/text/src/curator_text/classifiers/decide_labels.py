"""Decide from the answers of a classifier which documents go, and write `labels/` and `removed/`; no text is read."""

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.errors import SettingsError
from curator_engine.files.paths import join
from curator_engine.items.where import clauses_of
from curator_engine.task import FileGroupTask
from curator_text.removal.corpus_stage import DecidingStage
from curator_text.removal.document_tables import PLACE, TableParts, read_documents

_WHERE_EXAMPLE = '--where "quality_prob > 0.9"'
_NO_LABEL = "none"


def removed_schema(fields: dict[str, Any]) -> pa.Schema:
    """The columns of `removed/`, given those of the answers.

    Raises:
        SettingsError: A field is called as another column.
    """
    if taken := {*PLACE, "keep", "reason"} & fields.keys():
        raise SettingsError(f"the classifier's field {min(taken)!r} is a column of the result.")
    return pa.schema({**PLACE, "reason": pa.string(), **fields})


def labels_schema(fields: dict[str, Any]) -> pa.Schema:
    """The columns of `labels/`."""
    return removed_schema(fields).insert(len(PLACE), pa.field("keep", pa.bool_()))


def check_where(where: str | None, fields: dict[str, Any]) -> None:
    """Make sure that a condition can be decided from the answers.

    Raises:
        SettingsError: Not a condition, or one on a column that is not there.
    """
    schema = pa.schema({**PLACE, **fields})
    if where is not None:
        clauses_of(where, schema.empty_table(), example=_WHERE_EXAMPLE)


@dataclass(kw_only=True)
class DecideLabels(DecidingStage[FileGroupTask]):
    """Decide about the documents of one source task, whose labels are known."""

    fields: dict[str, Any] = field(default_factory=dict[str, Any])
    """The columns of the answers, with their types."""
    label_field: str = ""
    """That of the label."""
    keep: list[str] = field(default_factory=list[str])
    """Labels that stay; all if empty."""
    where: str | None = None
    """A condition on the columns, without which a document goes."""
    folders = ("labels", "removed")

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Write the tables of a source task, and the numbers of the documents that go."""
        corpus = self.corpus()
        mine = corpus.blocks_of(task)
        name = f"part-{mine[0]:05d}.parquet"
        going, counts = [np.empty(0, np.int64)], [Counter[str](), Counter[str]()]
        with ExitStack() as stack:
            place = join(self.output, "labels", name)
            every = TableParts(place, labels_schema(self.fields), stack=stack)
            every.open()
            place = join(self.output, "removed", name)
            gone = TableParts(place, removed_schema(self.fields), stack=stack)
            for b in mine:
                rows, goes = self._decided(read_documents(corpus, b))
                every.add(rows)
                gone.add(rows.filter(pa.array(goes)).drop_columns(["keep"]))
                going.append(np.flatnonzero(goes) + int(corpus.bases[b]))
                labels = self._labels(rows)
                counts[0].update(str(each or _NO_LABEL) for each in labels)
                pairs = zip(labels, goes.tolist(), strict=True)
                counts[1].update(str(each or _NO_LABEL) for each, is_gone in pairs if is_gone)
        facts = {label: [count, counts[1][label]] for label, count in counts[0].items()}
        return self.decided(mine[0], np.concatenate(going), {"labels": facts})

    def _labels(self, rows: pa.Table) -> list[str | None]:
        """The labels as words: also of a column of true and false."""
        column: Any = rows.column(self.label_field)
        return column.cast(pa.string()).to_pylist()

    def _decided(self, table: pa.Table) -> tuple[pa.Table, NDArray[np.bool_]]:
        """The rows of `labels/`, and which of the documents go."""
        labels = self._labels(table)
        reasons = [
            None
            if not self.keep or label in self.keep
            else f"{self.label_field} {label} is not kept"
            for label in labels
        ]
        if self.where is not None:
            shown = table.select([*PLACE, *self.fields])
            for clause in clauses_of(self.where, shown, example=_WHERE_EXAMPLE):
                reasons = [
                    reason or (None if holds else f"not {clause.text}")
                    for reason, holds in zip(reasons, clause.holds.tolist(), strict=True)
                ]
        goes = np.array([reason is not None for reason in reasons], np.bool_)
        columns: dict[str, Any] = {name: table.column(name) for name in (*PLACE, *self.fields)}
        columns |= {"keep": ~goes, "reason": pa.array(reasons, pa.string())}
        schema = labels_schema(self.fields)
        return pa.table({name: columns[name] for name in schema.names}, schema), goes


def added_up(found: list[FileGroupTask]) -> dict[str, dict[str, int]]:
    """Documents and removed documents of each label, the most first."""
    documents, removed = Counter[str](), Counter[str]()
    for task in found:
        for label, (count, gone) in task._metadata["labels"].items():
            documents[label] += count
            removed[label] += gone
    ranked = sorted(documents.items(), key=lambda each: (-each[1], each[0]))
    return {label: {"documents": count, "removed": removed[label]} for label, count in ranked}
