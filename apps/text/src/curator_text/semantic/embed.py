"""Read documents and embed them: the first step of semantic deduplication.

Writes two files per block: `<task id>.parquet` with a row per document (`id`, `embeddings`, `name`,
`order`), which the engine's clustering reads, and `<task id>.npz` with its `position`, `length` and
`line` and the `bad` lines, as `sign.py` does, so that removal works the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.device import Device
from curator_engine.files.blocks import MAX_ROW_BYTES
from curator_engine.files.paths import join
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.stages.files import format_of
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask
from curator_engine.vectors.matrix import Matrix, vector_column, vectors_of
from curator_text.read.blocks_of_text import DocumentBlock, DocumentReader, Numbers
from curator_text.read.keep import KeepPolicy
from curator_text.removal.array_files import save_arrays
from curator_text.removal.block_stage import remove_uncommitted
from curator_text.removal.corpus import Block, Corpus
from curator_text.semantic import FINGERPRINT
from curator_text.semantic.fingerprint import DIMS, fingerprints

BLOCK_BYTES = 16 << 20
"""Bytes of lines that are in memory at a time."""
_FILE_BITS = 44


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
    max_row: int = MAX_ROW_BYTES
    """Bytes of the longest line that is read."""
    model_batch_size: int = 64
    device: Device = "auto"
    preload: ClassVar[tuple[str, ...]] = ("curator_text.kernels.preload",)
    _model: Any = field(default=None, init=False, repr=False)
    writes_to: ClassVar[tuple[str, ...]] = ("path",)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model."""
        if self.embedding_field is None and self.model != FINGERPRINT:
            from curator_text.models.sentence_encoders import load_text_model

            self._model = load_text_model(self.model, device=self.device)

    def teardown(self) -> None:
        """Let the model go."""
        self._model = None

    def process(self, task: FileGroupTask) -> Iterator[FileGroupTask]:
        """Yield a reference per block; what cannot be read or holds no embedding is rejected."""
        for given, block in enumerate(self._reader.read(task, self)):
            yield self._write(task, block, given)

    @property
    def _reader(self) -> DocumentReader:
        return DocumentReader(
            field=self.embedding_field or self.text_field,
            embeddings=self.embedding_field is not None,
            id_field=self.id_field,
            with_ids=True,
            keep=self.keep,
            block_bytes=BLOCK_BYTES,
            max_row=self.max_row,
            compiled=False,
        )

    def resume(self, committed: frozenset[str]) -> None:
        """Remove the files of sources that are not done."""
        remove_uncommitted(self.path, committed)

    def _write(self, task: FileGroupTask, block: DocumentBlock, given: int) -> FileGroupTask:
        rows, matrix, bad, truncated = self._vectors(task, block)
        stem = join(self.path, f"{task.task_id}_{given}")
        position = block.position[rows]
        if len(rows):
            write_table(f"{stem}.parquet", self._table(task, block, rows, matrix))
        is_rows = format_of(task.data[0]) == "parquet"
        arrays = {
            "position": position,
            "length": np.zeros(len(rows), np.int64) if is_rows else block.length[rows],
            "line": block.line[rows],
            "bad": np.sort(np.concatenate((block.bad, block.position[bad]))),
        }
        save_arrays(f"{stem}.npz", arrays)
        facts = block.facts(task) | {
            "documents": len(rows),
            "bad": len(block.bad) + len(bad),
            "text_bytes": 0 if is_rows else int(block.length.sum()),
        }
        return FileGroupTask(
            data=[f"{stem}.npz"],
            _metadata={"block": facts, "truncated": truncated, "dims": matrix.shape[1]},
        )

    def _vectors(
        self, task: FileGroupTask, block: DocumentBlock
    ) -> tuple[Numbers, Matrix, Numbers, int]:
        """Rows with an embedding, the embeddings, rows with a bad one, and texts that were cut."""
        rows, none = np.arange(len(block.values)), np.empty(0, np.int64)
        if self.embedding_field:
            vectors = vectors_of(pa.chunked_array([block.values]), dims=self.embedding_dim)
            for at, reason in vectors.bad:
                place = int(block.position[at])
                self.reject(Rejection(file=task.data[0], reason=reason, offset=place))
            return vectors.rows, vectors.matrix, np.array([at for at, _ in vectors.bad], int), 0
        if self._model is None:
            found = fingerprints(block.values) if len(rows) else np.empty((0, DIMS), "f4")
            return rows, found, none, 0
        matrix, truncated = self._model.embed(
            block.values.to_pylist(), batch_size=self.model_batch_size, max_chars=self.max_chars
        )
        return rows, matrix, none, truncated

    def _table(
        self, task: FileGroupTask, block: DocumentBlock, rows: Numbers, matrix: Matrix
    ) -> pa.Table:
        chosen = pa.array(rows, pa.int64())
        names = pa.nulls(len(block.values), pa.string()) if block.ids is None else block.ids
        columns: list[Any] = [
            pa.array(document_ids(task._metadata["file_index"], block.position[rows])),
            vector_column(matrix),
            names.take(chosen),
            block.order.keys.take(chosen),
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
