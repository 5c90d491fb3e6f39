"""Read documents and embed them: the first step of semantic deduplication.

Writes two files per block: `<task id>.parquet` with a row per document (`id`, `embeddings`, `name`,
`order`), which the engine's clustering reads, and `<task id>.npz` with its `position`, `length` and
`line` and the `bad` lines, as `sign.py` does, so that removal works the same.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.errors import InputError, UnreadableFileError
from curator_engine.files.blocks import BrokenFileError, iter_blocks
from curator_engine.files.storage import join, list_names, remove
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.stages.device import Device
from curator_engine.stages.files import format_of
from curator_engine.stages.jsonl import LineBlock, read_block
from curator_engine.stages.jsonl_files import rejections
from curator_engine.stages.pairwise import write_table
from curator_engine.stages.parquet import iter_row_groups, without_invalid_text
from curator_engine.stages.vectors import Matrix, vector_column, vectors_of
from curator_engine.task import ArrowArray, ArrowColumn, FileGroupTask
from curator_text.candidates import save_arrays
from curator_text.corpus import Block, Corpus
from curator_text.fingerprint import DIMS, fingerprints
from curator_text.keep import KeepPolicy
from curator_text.minhash import join_chunks
from curator_text.semantic_settings import FINGERPRINT

BLOCK_BYTES = 16 << 20
"""Bytes of lines that are in memory at a time."""
_FILE_BITS = 44


@dataclass(frozen=True, kw_only=True)
class _Piece:
    """The rows of one block as they were read."""

    column: ArrowColumn
    """Texts or embeddings."""
    position: NDArray[np.int64]
    length: NDArray[np.int64]
    line: NDArray[np.int64]
    rows: list[dict[str, Any]]
    """The id and keep fields of each row; empty dicts if none are asked for."""
    bad: list[int]
    offset: int
    size: int
    lines: int
    lacking: int


@dataclass(kw_only=True)
class EmbedDocuments(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Embed the documents of a file or span, block by block."""

    path: str
    """Folder for the embeddings."""
    model: str = FINGERPRINT
    """`fingerprint`, or the folder or hub id of a sentence-transformers model."""
    text_field: str = "text"
    embedding_field: str | None = None
    """Field with an embedding that is there already; no model is used then."""
    embedding_dim: int | None = None
    """Numbers per embedding of that field."""
    id_field: str | None = None
    keep: KeepPolicy = field(default_factory=KeepPolicy)
    """Whose field becomes the column `order`."""
    max_chars: int | None = None
    """Characters of a text that a model sees; None for all that it takes."""
    model_batch_size: int = 64
    device: Device = "auto"
    preload: ClassVar[tuple[str, ...]] = ("curator_text.preload",)
    _model: Any = field(default=None, init=False, repr=False)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model."""
        if self.embedding_field is None and self.model != FINGERPRINT:
            from curator_text.models import load_text_model

            self._model = load_text_model(self.model, device=self.device)

    def teardown(self) -> None:
        """Let the model go."""
        self._model = None

    def process(self, task: FileGroupTask) -> Iterator[FileGroupTask]:
        """Yield a reference per block; what cannot be read or holds no embedding is rejected."""
        path = task.data[0]
        read = self._read_rows if format_of(path) == "parquet" else self._read_lines
        given = 0
        try:
            for piece in read(path, task):
                yield self._embed(task, piece, given)
                given += 1
        except BrokenFileError as error:
            self.reject(Rejection(file=path, reason=error.reason, offset=error.offset))
        except UnreadableFileError as error:
            self.reject_file(path, error)

    def resume(self, committed: frozenset[str]) -> None:
        """Remove the files of sources that are not done."""
        for name in list_names(self.path):
            stem = name.partition(".")[0]
            if join(self.path, f"{stem}.npz") not in committed:
                remove(join(self.path, name))

    @property
    def _field(self) -> str:
        return self.embedding_field or self.text_field

    @property
    def _extras(self) -> list[str]:
        return [name for name in (self.id_field, self.keep.field) if name]

    def _read_lines(self, path: str, task: FileGroupTask) -> Iterator[_Piece]:
        kind: Any = pa.list_(pa.float64()) if self.embedding_field else pa.string()
        first = 1 if task.span is None or task.span[0] == 0 else None
        for offset, data in iter_blocks(path, span=task.span, block_bytes=BLOCK_BYTES):
            block = read_block(data, {self._field: kind}, required=[self._field])
            if block.lacking and not block.table.num_rows and block.lacking == len(block.bad):
                reason = f"no row has the field {self._field!r}"
                self.reject(Rejection(file=path, reason=reason, offset=offset, rows=block.lacking))
            else:
                for rejection in rejections(path, offset, data, block, first_line=first):
                    self.reject(rejection)
            first = None if first is None else first + block.lines
            yield _Piece(
                column=block.table.column(self._field),
                position=block.starts + offset,
                length=block.lengths,
                line=block.numbers,
                rows=self._line_extras(data, block),
                bad=[bad.start + offset for bad in block.bad],
                offset=offset,
                size=len(data),
                lines=block.lines,
                lacking=block.lacking,
            )

    def _line_extras(self, data: bytes, block: LineBlock) -> list[dict[str, Any]]:
        if not self._extras:
            return [{}] * block.table.num_rows
        lines = zip(block.starts.tolist(), block.lengths.tolist(), strict=True)
        return [json.loads(data[s : s + n].removeprefix(b"\xef\xbb\xbf")) for s, n in lines]

    def _read_rows(self, path: str, task: FileGroupTask) -> Iterator[_Piece]:
        limit = task.reader_config.get("max_rows")
        columns = [self._field, *self._extras]
        for row, table in iter_row_groups(path, columns, span=task.span, max_rows=limit):
            yield self._rows_piece(path, row, table)

    def _rows_piece(self, path: str, row: int, table: pa.Table) -> _Piece:
        count = table.num_rows
        table, readable, bad = without_invalid_text(table, table.column_names, path=path, row=row)
        column, lacking = self._column_of(table), 0
        if column is None:
            reason = f"no {'embedding' if self.embedding_field else 'text'} column {self._field!r}"
            bad = [Rejection(file=path, reason=reason, offset=row, rows=count)]
            column, readable, lacking = pa.chunked_array([[]], pa.string()), readable[:0], count
        for rejection in bad:
            self.reject(rejection)
        extras = [name for name in self._extras if name in table.column_names]
        return _Piece(
            column=column,
            position=readable + row,
            length=np.zeros(len(readable), np.int64),
            line=readable,
            rows=table.select(extras).to_pylist() if extras else [{}] * len(readable),
            bad=(np.setdiff1d(np.arange(count), readable, assume_unique=True) + row).tolist(),
            offset=row,
            size=count,
            lines=count,
            lacking=lacking,
        )

    def _column_of(self, table: pa.Table) -> ArrowColumn | None:
        if self._field not in table.column_names:
            return None
        column = table.column(self._field)
        if self.embedding_field:
            return column
        return column.cast(pa.large_string()) if _is_text(column.type) else None

    def _embed(self, task: FileGroupTask, piece: _Piece, given: int) -> FileGroupTask:
        rows, matrix, bad, truncated = self._vectors(task, piece)
        stem = join(self.path, f"{task.task_id}_{given}")
        position = piece.position[rows]
        if len(rows):
            write_table(f"{stem}.parquet", self._table(task, piece, rows, matrix))
        arrays = {
            "position": position,
            "length": piece.length[rows],
            "line": piece.line[rows],
            "bad": np.sort(np.array([*piece.bad, *piece.position[bad].tolist()], np.int64)),
        }
        save_arrays(f"{stem}.npz", arrays)
        facts = {
            "path": task.data[0],
            "name": task._metadata["name"],
            "file_index": task._metadata["file_index"],
            "offset": piece.offset,
            "size": piece.size,
            "documents": len(rows),
            "lines": piece.lines,
            "bad": len(piece.bad) + len(bad),
            "lacking": piece.lacking,
            "no_text": len(piece.position) - len(rows) - len(bad),
            "short": 0,
            "text_bytes": int(piece.length.sum()),
            "span": task.span,
            "max_rows": task.reader_config.get("max_rows"),
            "stamp": task.stamp,
        }
        return FileGroupTask(
            data=[f"{stem}.npz"],
            _metadata={"block": facts, "truncated": truncated, "dims": matrix.shape[1]},
        )

    def _vectors(
        self, task: FileGroupTask, piece: _Piece
    ) -> tuple[NDArray[np.int64], Matrix, list[int], int]:
        """Rows with an embedding, the embeddings, rows with a bad one, and texts that were cut."""
        if self.embedding_field:
            vectors = vectors_of(piece.column, dims=self.embedding_dim)
            for at, reason in vectors.bad:
                place = int(piece.position[at])
                self.reject(Rejection(file=task.data[0], reason=reason, offset=place))
            return vectors.rows, vectors.matrix, [at for at, _ in vectors.bad], 0
        rows = np.flatnonzero(piece.column.is_valid().to_numpy())
        texts = piece.column.drop_null()
        if self._model is None:
            matrix = fingerprints(join_chunks(texts)) if len(texts) else np.empty((0, DIMS), "f4")
            return rows, matrix, [], 0
        matrix, truncated = self._model.embed(
            texts.to_pylist(), batch_size=self.model_batch_size, max_chars=self.max_chars
        )
        return rows, matrix, [], truncated

    def _table(
        self, task: FileGroupTask, piece: _Piece, rows: NDArray[np.int64], matrix: Matrix
    ) -> pa.Table:
        extras = [piece.rows[i] for i in rows.tolist()]
        if self.keep.kind == "longest":
            lengths: Any = pc.call_function("utf8_length", [piece.column])
            order = [lengths[i].as_py() for i in rows.tolist()]
        else:
            order = [_comparable(row.get(self.keep.field or "")) for row in extras]
        names = [row.get(self.id_field or "") for row in extras]
        columns: list[Any] = [
            pa.array(document_ids(task._metadata["file_index"], piece.position[rows])),
            vector_column(matrix),
            pa.array([None if name is None else str(name) for name in names], pa.string()),
            _order_column(order, self.keep.field or ""),
        ]
        return pa.table(columns, names=["id", "embeddings", "name", "order"])


def document_ids(file_index: int, position: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers that follow the order of files and places, however the files are cut."""
    return (file_index << _FILE_BITS) + position.astype(np.int64)


def numbers_of_ids(corpus: Corpus, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """The corpus's numbers of documents, given by `document_ids`."""
    starts = np.array([_first_id(block) for block in corpus.blocks], np.int64)
    owner = np.searchsorted(starts, ids, side="right") - 1
    numbers = np.empty(len(ids), np.int64)
    for b in np.unique(owner).tolist():
        mine = owner == b
        place = ids[mine] - (corpus.blocks[b].file_index << _FILE_BITS)
        found = np.searchsorted(corpus.load(corpus.blocks[b], "position"), place)
        numbers[mine] = corpus.bases[b] + found
    return numbers


def _first_id(block: Block) -> int:
    return (block.file_index << _FILE_BITS) + block.offset


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _comparable(value: Any) -> float | str | None:
    """A value of the keep field as a number or a text; dates as texts that sort like dates."""
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, datetime | date):
        return value.isoformat()
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _order_column(values: list[Any], name: str) -> ArrowArray:
    kinds = {type(value) for value in values if value is not None}
    if len(kinds) > 1:
        raise InputError(f"the keep field {name!r} is text in some rows and a number in others.")
    return pa.array(values) if kinds else pa.nulls(len(values))
