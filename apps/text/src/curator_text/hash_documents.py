"""Read documents and hash their texts: the first step of exact deduplication.

Writes two files per block: `<task id>.arrow` with a row per document, sorted by `high`, so that the
documents of a range of hashes lie together (`high` and `low`: the halves of the text's 128-bit XXH3;
`row`: its number in the block; `position`, `length` and `line` as in `sign.py`; `order` for the keep
policy; `id`); and `<task id>.npz` with `position` by document and `bad`, as `sign.py` does, so that
removal works the same.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import ipc

from curator_engine.files.storage import join, open_atomic
from curator_engine.stages.jsonl import LineBlock, read_block
from curator_engine.stages.parquet import iter_row_groups
from curator_engine.task import ArrowArray, ArrowColumn, FileGroupTask
from curator_text.candidates import save_arrays
from curator_text.minhash import join_chunks, utf8
from curator_text.normalize import Normalize, normalized
from curator_text.sign import Piece, SignDocuments, hash_texts

_BOM = b"\xef\xbb\xbf"


@dataclass(kw_only=True)
class HashDocuments(SignDocuments):
    """Hash the documents of a file or span, block by block; they are read as `SignDocuments` does."""

    normalize: Normalize = "off"
    preload: ClassVar[tuple[str, ...]] = ()
    _ids: ArrowArray | None = field(default=None, init=False, repr=False)
    """Of the documents of the block that was read last."""

    def _parse(self, data: bytes) -> tuple[LineBlock, NDArray[Any]]:
        block, order = super()._parse(data)
        if self.id_field:
            has_text: Any = block.table.column(self.text_field).is_valid().combine_chunks()
            self._ids = line_ids(data, block, self.id_field).filter(has_text)
        return block, order

    def _texts(self, data: bytes) -> LineBlock:
        # To load compiled kernels for this alone takes longer than they save.
        text = {self.text_field: pa.string()}
        return read_block(data, text, required=text)

    def _read_rows(self, path: str, task: FileGroupTask) -> Iterator[Piece]:
        limit = task.reader_config.get("max_rows")
        for row, table in iter_row_groups(path, self._columns, span=task.span, max_rows=limit):
            piece = self._rows_piece(path, row, table)
            if self.id_field:
                there = self.id_field in table.column_names
                ids = as_text(table.column(self.id_field)) if there else _no_ids(table.num_rows)
                self._ids = ids.take(pa.array(piece.line, pa.int64()))
            yield piece

    def _sign(self, task: FileGroupTask, piece: Piece, position: int) -> FileGroupTask:
        stem = join(self.path, f"{task.task_id}_{position}")
        hashes, _ = hash_texts(normalized(piece.texts, self.normalize))
        order = self._order(piece)
        columns: dict[str, Any] = {
            "high": hashes[:, 0],
            "low": hashes[:, 1],
            "row": np.arange(len(hashes)),
            "position": piece.position,
            "length": piece.length,
            "line": piece.line,
            "order": pa.nulls(len(hashes)) if order is None else order,
            "id": _no_ids(len(hashes)) if self._ids is None else self._ids,
        }
        by_hash = pa.array(np.argsort(hashes[:, 0], kind="stable"), pa.int64())
        _save_table(f"{stem}.arrow", pa.table(columns).take(by_hash))
        save_arrays(f"{stem}.npz", {"position": piece.position, "bad": piece.bad})
        ends = utf8(piece.texts)[1]
        facts = {
            "path": task.data[0],
            "name": task._metadata["name"],
            "file_index": task._metadata["file_index"],
            "offset": piece.offset,
            "size": piece.size,
            "documents": len(hashes),
            "lines": piece.lines,
            "bad": len(piece.bad),
            "lacking": piece.lacking,
            "no_text": piece.no_text,
            "short": 0,
            "text_bytes": int(ends[-1] - ends[0]),
            "span": task.span,
            "max_rows": task.reader_config.get("max_rows"),
            "stamp": task.stamp,
        }
        found = {"block": facts, "order": _kind_of(order)}
        return FileGroupTask(data=[f"{stem}.npz"], _metadata=found)

    def _order(self, piece: Piece) -> ArrowArray | None:
        """What the keep policy compares, null where it is missing; None if it compares nothing."""
        if self.keep.kind == "first":
            return None
        if self.keep.kind == "longest":
            lengths: Any = pc.call_function("utf8_length", [piece.texts])
            return lengths.cast(pa.float64())
        missing = piece.order == "" if piece.order.dtype.kind == "U" else np.isnan(piece.order)
        return pa.array(piece.order, mask=missing)


def line_ids(data: bytes, block: LineBlock, field: str) -> ArrowArray:
    """The value of a field of each item, as text; null where it is missing or empty.

    Args:
        data: The block's bytes.
        block: What was read of them.
        field: The field.
    """
    lines = zip(block.starts.tolist(), block.lengths.tolist(), strict=True)
    values = (json.loads(data[s : s + n].removeprefix(_BOM)).get(field) for s, n in lines)
    first = next(values, None)
    column = _plain_ids(data, field, first)
    if column is not None:
        found, ids = column
        places = np.searchsorted(found.starts, block.starts)
        return as_text(ids.take(pa.array(places, pa.int64())))
    # Values of several kinds, or bad lines in between: one by one.
    return _non_empty(
        [None if v is None else str(v) for v in (first, *values)][: len(block.starts)]
    )


def _plain_ids(data: bytes, field: str, first: Any) -> tuple[LineBlock, ArrowColumn] | None:
    """The field of all lines, if all of them are of the first one's kind: texts or whole numbers."""
    if not isinstance(first, str) and type(first) is not int:
        return None
    try:
        found = read_block(data, {field: pa.string() if isinstance(first, str) else pa.int64()})
    except (pa.ArrowInvalid, OverflowError):
        return None
    return None if found.bad else (found, found.table.column(field))


def as_text(column: ArrowColumn) -> ArrowArray:
    """Ids as texts; null where they are missing or empty."""
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _non_empty(join_chunks(column).cast(pa.string()))
    return _non_empty([None if v is None else str(v) for v in column.to_pylist()])


def _non_empty(ids: ArrowArray | list[str | None]) -> ArrowArray:
    texts: Any = pa.array(ids, pa.string()) if isinstance(ids, list) else ids
    return pc.if_else(pc.equal(texts, pa.scalar("")), None, texts)


def _save_table(path: str, table: pa.Table) -> None:
    with open_atomic(path) as file:
        sink: Any = file
        with ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table.combine_chunks())


def _no_ids(count: int) -> ArrowArray:
    return pa.nulls(count, pa.string())


def _kind_of(order: ArrowArray | None) -> str:
    """`text` or `number`; empty if there are no values."""
    if order is None or order.null_count == len(order):
        return ""
    return "text" if pa.types.is_string(order.type) else "number"
