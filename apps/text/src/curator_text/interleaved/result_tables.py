"""What a run says of the documents and pictures of a file: a table of what went, and one of all with their measures."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from curator_engine.files.paths import join
from curator_text.interleaved.score_tables import Fields, Row, scores_schema
from curator_text.removal.document_tables import TableParts

WITH_DOCUMENT = "document: "
"""How the reason begins of texts and pictures that went with their document."""
REMOVED = pa.schema(
    [
        *(pa.field(n, pa.string()) for n in ("id", "file")),
        pa.field("record", pa.int64()),
        pa.field("position", pa.int32()),
        *(pa.field(n, pa.string()) for n in ("modality", "reason", "name")),
        *(pa.field(n, pa.int64()) for n in ("num_bytes", "num_texts", "num_images")),
    ]
)
"""A row per document that went, without a position, and per picture that went from a document."""
_ROWS_AT_A_TIME = 1 << 14

type Reasons = dict[str, dict[str, int]]
"""Of documents, pictures and texts, how many went by which reason."""


@dataclass(kw_only=True)
class ResultTables:
    """`removed/NAME.parquet` and `scores/NAME.parquet`, which appear whole at the end, and not at all without rows.

    Example:
        with ResultTables(output="out", name="a.tar") as tables:
            tables.add(document_row(document) | {"reason": "too little text"}, [])
    """

    output: str
    """Folder of the run."""
    name: str
    """Of the input file."""
    fields: Fields = field(default_factory=dict[str, pa.DataType])
    """Fields of documents that a condition looks at."""
    stamp: str = ""
    """Of the input file as it is."""
    reasons: Reasons = field(
        default_factory=lambda: {"document": {}, "image": {}, "text": {}}, init=False
    )
    _stack: ExitStack = field(default_factory=ExitStack, init=False, repr=False)
    _removed: "_Rows" = field(init=False, repr=False)
    _scores: "_Rows" = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._removed = self._table("removed", REMOVED)
        self._scores = self._table("scores", scores_schema(self.fields, self.stamp))

    def __enter__(self) -> "ResultTables":
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:
            self._removed.flush()
            self._scores.flush()
        self._stack.__exit__(kind, error, trace)

    @property
    def written(self) -> list[str]:
        """The files with rows."""
        return [each.table.path for each in (self._removed, self._scores) if each.count]

    def add(self, document: Row, pictures: list[Row]) -> None:
        """Write what became of a document and its pictures; each row has its `reason`, empty if it stays."""
        gone = [row for row in (*pictures, document) if row["reason"]]
        self._removed.add(map(_removed, gone))
        for row in gone:
            self._count(row)
        self._scores.add(_scored(document, pictures))

    def _table(self, folder: str, schema: pa.Schema) -> "_Rows":
        path = join(self.output, folder, f"{self.name}.parquet")
        return _Rows(table=TableParts(path, schema, stack=self._stack))

    def _count(self, row: Row) -> None:
        found = {(row["modality"], row["reason"]): 1}
        if row["modality"] == "document":
            reason = f"{WITH_DOCUMENT}{row['reason']}"
            found |= {(kind, reason): row[f"num_{kind}s"] for kind in ("text", "image")}
        for (kind, reason), count in found.items():
            if count:
                self.reasons[kind][reason] = self.reasons[kind].get(reason, 0) + count


@dataclass(kw_only=True)
class _Rows:
    """A table that is written some rows at a time."""

    table: TableParts
    count: int = 0
    waiting: list[Row] = field(default_factory=list[Row])

    def add(self, rows: Iterable[Row]) -> None:
        """Write rows; columns that they lack are null there."""
        before = len(self.waiting)
        self.waiting += rows
        self.count += len(self.waiting) - before
        if len(self.waiting) >= _ROWS_AT_A_TIME:
            self.flush()

    def flush(self) -> None:
        """Write the rows that wait."""
        self.table.add(pa.Table.from_pylist(self.waiting, self.table.schema))
        self.waiting = []


def _removed(row: Row) -> Row:
    """As `removed/` has it."""
    return row if row["modality"] == "document" else row | {"num_texts": 0, "num_images": 1}


def _scored(document: Row, pictures: list[Row]) -> Iterator[Row]:
    """As `scores/` has them; pictures go with their document."""
    with_it = f"{WITH_DOCUMENT}{document['reason']}" if document["reason"] else ""
    for row in (document, *pictures):
        reason = row["reason"] or with_it
        yield row | {"keep": not reason, "reason": reason or None}
