"""Read documents and embed them: the first step of `embed`.

Writes per block: `<task id>.arrow` with a row per document (`id`, which is null where the document has none;
`position`, `length` and `line`; the vector), with `with_changes` `<task id>.changes.arrow` with the field that rows
get, and `<task id>.npz` with `position` by document and `bad`, which removal needs. A document that gets no vector is
rejected, as a row that cannot be read is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from curator_engine.device import has_gpu
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import Rejection
from curator_engine.task import ArrowArray, FileGroupTask
from curator_engine.vectors.matrix import Matrix
from curator_text.read.blocks_of_text import DocumentBlock, joined, without
from curator_text.removal.array_files import save_table
from curator_text.removal.block_stage import BlockStage, rows_of, save_places
from curator_text.removal.rewrite_documents import CHANGES_ENDING, save_changes
from curator_text.semantic.encoders import Encoder, Encoding

type VectorType = Literal["float32", "float16"]


@dataclass(kw_only=True)
class EmbedTexts(BlockStage):
    """Embed the documents of a file or span, block by block."""

    encoding: Encoding = field(default_factory=Encoding)
    """How a text becomes a vector."""
    encoding_key: str = ""
    """Changes with it."""
    embedding_field: str = "embeddings"
    """Column for the vectors."""
    vector_type: VectorType = "float32"
    """Of their numbers."""
    with_changes: bool = False
    """Whether rows get the vectors as well."""
    _encoder: Encoder | None = field(default=None, init=False, repr=False)
    _matrix: Matrix = field(
        default_factory=lambda: np.empty((0, 0), np.float32), init=False, repr=False
    )
    _cut: int = field(default=0, init=False, repr=False)
    with_ids = True

    def __post_init__(self) -> None:
        device = self.encoding.device
        on_gpu = device == "gpu" or (device == "auto" and has_gpu())
        if on_gpu and self.encoding.is_heavy:
            self.resources = Resources(cpus=1.0, gpus=1.0)

    def num_workers(self) -> int | None:
        """One for a model on the CPU, which takes all of it, and for an endpoint, whose budget and pace are of all."""
        is_alone = self.encoding.asking is not None or self.encoding.is_heavy
        return 1 if is_alone and not self.resources.requires_gpu else None

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Open the encoder."""
        self._encoder = self.encoding.open()

    def teardown(self) -> None:
        """Let it go."""
        if self._encoder is not None:
            self._encoder.close()
        self._encoder = None

    def process(self, task: FileGroupTask) -> Iterator[FileGroupTask]:
        """As for all blocks; each says how long its vectors are and how many of its texts were cut."""
        for made in super().process(task):
            made._metadata |= {"dims": self._matrix.shape[1], "cut": self._cut}
            yield made

    def _pieces(self, task: FileGroupTask) -> Iterator[list[tuple[FileGroupTask, DocumentBlock]]]:
        """The blocks without the documents that get no vector."""
        for pieces in super()._pieces(task):
            encoder = self._encoder = self._encoder or self.encoding.open()
            found = encoder.encode(joined([block for _, block in pieces]).values)
            is_bad = np.zeros(len(found.matrix), np.bool_)
            is_bad[[*found.failed]] = True
            self._matrix, self._cut = found.matrix[~is_bad], found.cut
            first, left = 0, list[tuple[FileGroupTask, DocumentBlock]]()
            for file, block in pieces:
                mine = is_bad[first : first + len(block.values)]
                for at in np.flatnonzero(mine).tolist():
                    reason, place = found.failed[first + at], int(block.position[at])
                    self.reject(Rejection(file=file.data[0], reason=reason, offset=place))
                left.append((file, without(block, mine) if mine.any() else block))
                first += len(block.values)
            yield left

    def write(self, stem: str, block: DocumentBlock) -> None:
        """Write the vectors of a block."""
        count = len(block.position)
        vectors = numbers_column(self._matrix, self.vector_type)
        columns: dict[str, Any] = {
            **rows_of(block),
            self.embedding_field: vectors,
        }
        save_table(f"{stem}.arrow", pa.table(columns))
        if self.with_changes:
            path = f"{stem}{CHANGES_ENDING}"
            save_changes(path, np.arange(count), {self.embedding_field: vectors})
        save_places(stem, block)


def numbers_type(vector_type: VectorType, dims: int) -> Any:
    """The type of a column of vectors; 0 dims where there is no vector at all."""
    kind = pa.float16() if vector_type == "float16" else pa.float32()
    return pa.list_(kind, dims) if dims else pa.list_(kind)


def numbers_column(matrix: Matrix, vector_type: VectorType) -> ArrowArray:
    """The rows of a matrix as lists of a fixed size."""
    dims = matrix.shape[1]
    if not dims:
        return pa.nulls(len(matrix), numbers_type(vector_type, 0))
    flat: Any = pa.array(np.ascontiguousarray(matrix, vector_type).ravel())
    return pa.FixedSizeListArray.from_arrays(flat, type=numbers_type(vector_type, dims))
