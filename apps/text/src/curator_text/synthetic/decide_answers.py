"""Decide from the answers which documents go, and write `answers/` and `removed/`; no text is read."""

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.files.paths import join
from curator_engine.items.where import clauses_of
from curator_engine.task import FileGroupTask
from curator_text.removal.corpus import Corpus
from curator_text.removal.corpus_stage import DecidingStage
from curator_text.removal.document_tables import PLACE, TableParts, read_documents
from curator_text.synthetic.ask_documents import ANSWERED

REMOVED_SCHEMA = pa.schema({**PLACE, "reason": pa.string(), **ANSWERED})
ANSWERS_SCHEMA = REMOVED_SCHEMA.insert(len(PLACE), pa.field("keep", pa.bool_()))
_compute: Any = pc
_WHERE_EXAMPLE = '--where "score >= 3.5"'


@dataclass(kw_only=True)
class DecideAnswers(DecidingStage[FileGroupTask]):
    """Decide about the documents of one source task that were asked about."""

    where: str | None = None
    """A condition on what is said of an answer, without which a document goes."""
    folders = ("answers", "removed")

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Write the tables of a source task, and the numbers of the documents that go."""
        corpus = self.corpus()
        mine = corpus.blocks_of(task)
        name = f"part-{mine[0]:05d}.parquet"
        going, counts = [np.empty(0, np.int64)], Counter[str]()
        with ExitStack() as stack:
            every = TableParts(join(self.output, "answers", name), ANSWERS_SCHEMA, stack=stack)
            every.open()
            gone = TableParts(join(self.output, "removed", name), REMOVED_SCHEMA, stack=stack)
            for b in mine:
                rows = self._decided(_documents(corpus, b))
                every.add(rows)
                out = _compute.invert(rows.column("keep"))
                gone.add(rows.filter(out).drop_columns(["keep"]))
                goes: NDArray[np.bool_] = out.to_numpy()
                going.append(np.flatnonzero(goes) + int(corpus.bases[b]))
                counts.update(_counted(rows))
        return self.decided(mine[0], np.concatenate(going), {"counts": dict(counts)})

    def _decided(self, rows: pa.Table) -> pa.Table:
        """The rows, with the condition as a reason of those that do not meet it."""
        if self.where is None:
            return rows
        reasons: list[str | None] = rows.column("reason").to_pylist()
        for clause in clauses_of(self.where, _shown(rows), example=_WHERE_EXAMPLE):
            reasons = [
                reason or (None if holds else f"not {clause.text}")
                for reason, holds in zip(reasons, clause.holds.tolist(), strict=True)
            ]
        columns: dict[str, Any] = {name: rows.column(name) for name in rows.column_names}
        columns["reason"] = pa.array(reasons, pa.string())
        columns["keep"] = pa.array([reason is None for reason in reasons])
        return pa.table(columns, ANSWERS_SCHEMA)


def check_where(where: str | None) -> None:
    """Make sure that a condition can be decided from what is said of answers.

    Raises:
        SettingsError: Not a condition, or one on a column that is not there.
    """
    if where is not None:
        clauses_of(where, _shown(ANSWERS_SCHEMA.empty_table()), example=_WHERE_EXAMPLE)


def _shown(rows: pa.Table) -> pa.Table:
    return rows.drop_columns(["keep", "reason"])


def _documents(corpus: Corpus, b: int) -> pa.Table:
    """The rows of `answers/` of a block."""
    rows = read_documents(corpus, b)
    rows = rows.append_column("keep", _compute.is_null(rows.column("reason")))
    return rows.select(ANSWERS_SCHEMA.names).cast(ANSWERS_SCHEMA)


def _counted(rows: pa.Table) -> Counter[str]:
    """Questions, tokens, ends and reasons of some rows."""
    counts = Counter[str]()
    for name in ("questions", "tokens_in", "tokens_out"):
        counts[name] = int(rows.column(name).to_numpy().sum())
    ends: list[Any] = rows.column("end").to_pylist()
    counts.update(f"end {end}" for end in ends if end)
    reasons: list[Any] = rows.column("reason").to_pylist()
    counts.update(f"reason {reason.partition(':')[0]}" for reason in reasons if reason)
    return counts


def added_up(tasks: Sequence[FileGroupTask]) -> dict[str, Any]:
    """The counts of all tasks: `questions`, `tokens_in`, `tokens_out`, and documents by `ends` and `reasons`."""
    total = Counter[str]()
    for task in tasks:
        total.update(task._metadata["counts"])

    def by(word: str) -> dict[str, int]:
        found = {
            key.removeprefix(f"{word} "): count
            for key, count in total.items()
            if key.startswith(f"{word} ")
        }
        return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))

    plain = {name: total[name] for name in ("questions", "tokens_in", "tokens_out")}
    return {**plain, "ends": by("end"), "reasons": by("reason")}
