"""The rows of tables about documents, such as `removed/`: where each lies, and how they are written."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curator_engine.files.storage import open_atomic
from curator_text.removal.array_files import load_table
from curator_text.removal.corpus import Corpus

PLACE = {
    "id": pa.string(),
    "file": pa.string(),
    "row": pa.int64(),
    "byte_offset": pa.int64(),
    "length": pa.int64(),
}
"""Which document, and where it lies in its file."""
_compute: Any = pc


@dataclass
class TableParts:
    """A table that is written a piece at a time, and appears whole at the end or not at all."""

    path: str
    schema: pa.Schema
    stack: ExitStack = field(kw_only=True)
    """Closed when all pieces are written."""
    writer: Any = field(default=None, init=False)

    def open(self) -> Any:
        """The writer, opened by the first piece."""
        if self.writer is None:
            file = self.stack.enter_context(open_atomic(self.path))
            made = pq.ParquetWriter(file, self.schema, compression="zstd")
            self.writer = self.stack.enter_context(made)
        return self.writer

    def add(self, rows: pa.Table) -> None:
        """Write a piece as one row group, which `earlier_scores.py` counts on; none if it is empty."""
        if rows.num_rows:
            self.open().write_table(rows, row_group_size=rows.num_rows)


def read_documents(corpus: Corpus, b: int) -> pa.Table:
    """The rows of a block that its step has written to `<task id>.arrow`, with the columns of `PLACE`."""
    block = corpus.blocks[b]
    table = load_table(corpus.path(block, ".arrow"))
    return located(table.slice(block.first, block.documents), corpus, b)


def located(table: pa.Table, corpus: Corpus, b: int) -> pa.Table:
    """The documents of a block with the columns of `PLACE`; without an id they are called FILE:ROW."""
    count = table.num_rows
    rows = pa.array(table.column("line").to_numpy() + corpus.first_lines[b], pa.int64())
    files: Any = pa.repeat(pa.scalar(corpus.blocks[b].name, pa.string()), count)
    places: dict[str, Any] = {
        "id": _compute.coalesce(
            table.column("id"),
            _compute.binary_join_element_wise(files, rows.cast(pa.string()), ":"),
        ),
        "file": files,
        "row": rows,
        "byte_offset": table.column("position"),
        "length": table.column("length"),
    }
    for name in table.column_names:
        if name not in (*PLACE, "position", "line"):
            places[name] = table.column(name)
    return pa.table(places)
