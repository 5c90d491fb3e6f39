"""The files of an index of `semantic`: the vectors of the documents that stay, and the centres of the clusters.

`centres.npy` lies beside `index.json`: the centres of the run that began the index, which all later ones use, so that
similar documents come into the same cluster whichever run they are of. There are two files per block, with kept documents only:

- `<task id>.arrow`: `cluster`, `row` (in the block), `id`, `embeddings`, by cluster and row.
- `<task id>.npz`: `position`, `length`, and `line`, which is counted from the start of the file.
"""

import io
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.errors import SettingsError
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, link_or_copy, list_names, read_bytes, remove
from curator_engine.task import ArrowColumn, FileGroupTask, short_hash
from curator_engine.vectors.centroids import nearest_centres
from curator_engine.vectors.kmeans import cluster_table, cluster_vectors
from curator_engine.vectors.matrix import Matrix, vector_column, vectors_of, wide
from curator_text.dedup.index import PartFiles, is_index
from curator_text.dedup.index_use import kept_rows
from curator_text.removal.array_files import (
    load_arrays,
    load_table,
    mapped_array,
    save_array,
    save_arrays,
    save_table,
)
from curator_text.removal.corpus import Block, Corpus
from curator_text.removal.corpus_stage import CorpusStage
from curator_text.removal.remove_documents import DROPS_FILE

_CENTRES_FILE = "centres.npy"
_PLACES = ("position", "length", "line")
_ROWS_AT_A_TIME, _TILE = 1024, 8192


def indexed_centres(*indexes: str | None) -> Matrix | None:
    """The centres of indexes, shape (clusters, dims); None if there are none yet.

    Raises:
        SettingsError: Two indexes have different ones.
    """
    found: dict[str, Matrix] = {}
    for path in dict.fromkeys(index for index in indexes if index):
        if is_index(path) and exists(join(path, _CENTRES_FILE)):
            data = io.BytesIO(read_bytes(join(path, _CENTRES_FILE)))
            found[path] = np.load(data, allow_pickle=False)
    if len({short_hash(centres.tobytes().hex()) for centres in found.values()}) > 1:
        raise SettingsError(
            f"the indexes {' and '.join(found)} have different clusters; compare with the index that is added to."
        )
    return next(iter(found.values()), None)


def begin_index(path: str, centres: Matrix) -> None:
    """Write the centres of an index that is not there yet."""
    if not is_index(path) or not exists(join(path, _CENTRES_FILE)):
        save_array(join(path, _CENTRES_FILE), centres)


@dataclass(frozen=True, kw_only=True)
class OldVectors:
    """The documents of an index in one cluster."""

    matrix: Matrix
    numbers: NDArray[np.int64]
    """Among all that are compared."""
    ids: ArrowColumn


def old_vectors(every: Corpus, cluster: int, dims: int) -> OldVectors:
    """The documents of an index in a cluster, in their order."""
    numbers, tables = [np.empty(0, np.int64)], list[pa.Table]()
    for block, base in zip(every.blocks, every.bases.tolist(), strict=False):
        if block.part:
            table = load_table(every.path(block, ".arrow"))
            edges = np.searchsorted(_numbers(table, "cluster"), (cluster, cluster + 1)).tolist()
            table = table.slice(edges[0], edges[1] - edges[0])
            numbers.append(_numbers(table, "row") + base)
            tables.append(table.select(["id", "embeddings"]))
    if not sum(map(len, numbers)):
        none = pa.chunked_array([pa.array([], pa.string())])
        return OldVectors(matrix=np.empty((0, dims), np.float32), numbers=numbers[0], ids=none)
    joined = pa.concat_tables(tables)
    matrix = cluster_vectors(joined, "embeddings")
    return OldVectors(matrix=matrix, numbers=np.concatenate(numbers), ids=joined.column("id"))


def nearest_old(new: Matrix, old: Matrix) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """For each vector the most similar old one, ties to the first, and their cosine; -2 if there is none.

    Args:
        new: Vectors of length one, shape (vectors, dims).
        old: Those of the index.
    """
    index, score = np.zeros(len(new), np.int64), np.full(len(new), -2, np.float32)
    for start in range(0, len(new), _ROWS_AT_A_TIME):
        part = wide(new[start : start + _ROWS_AT_A_TIME])
        rows = np.arange(start, start + len(part))
        for left in range(0, len(old), _TILE):
            cosine = part @ wide(old[left : left + _TILE]).T
            place = cosine.argmax(1)
            value = cosine[range(len(part)), place].astype(np.float32)
            better = value > score[rows]
            index[rows[better]], score[rows[better]] = place[better] + left, value[better]
    return index, score


@dataclass(kw_only=True)
class IndexVectors(CorpusStage[FileGroupTask]):
    """Write the vectors of the kept documents of a source, block by block; their texts are not read again."""

    path: str
    """Folder of the part."""
    centres: str
    """Folder of the index, which has the centres."""
    writes_to: ClassVar[tuple[str, ...]] = ("cache", "path")

    def process(self, task: FileGroupTask) -> Iterator[FileGroupTask]:
        """Yield a reference per block."""
        corpus = self.corpus()
        kept = kept_rows(corpus, task, mapped_array(join(self.cache, DROPS_FILE)))
        centres = mapped_array(join(self.centres, _CENTRES_FILE))
        for b, rows in kept.items():
            yield self._write(corpus, b, rows, np.asarray(centres))

    def resume(self, committed: frozenset[str]) -> None:
        """Remove the files of sources that are not done."""
        for name in list_names(self.path):
            if join(self.path, f"{name.partition('.')[0]}.npz") not in committed:
                remove(join(self.path, name))

    def _write(
        self, corpus: Corpus, b: int, rows: NDArray[np.int64], centres: Matrix
    ) -> FileGroupTask:
        block = corpus.blocks[b]
        table = cluster_table([corpus.path(block, ".parquet")]).take(pa.array(rows, pa.int64()))
        vectors = vectors_of(table.column("embeddings"), dims=centres.shape[1])
        # A row that cannot be compared was said to be so when clusters were made.
        rows = rows[vectors.rows]
        labels = nearest_centres(vectors.matrix, centres)
        order = np.argsort(labels, kind="stable")
        columns: dict[str, Any] = {
            "cluster": labels[order],
            "row": order,
            "id": table.column("name")
            .take(pa.array(vectors.rows[order], pa.int64()))
            .cast(pa.string()),
            "embeddings": vector_column(vectors.matrix[order]),
        }
        stem = join(self.path, block.task_id)
        save_table(f"{stem}.arrow", pa.table(columns))
        found = zip(_PLACES, corpus.load_all(block, *_PLACES), strict=True)
        arrays: dict[str, Any] = {name: array[rows] for name, array in found}
        arrays["line"] = arrays["line"] + corpus.first_lines[b]
        save_arrays(f"{stem}.npz", arrays)
        facts = asdict(replace(block, documents=len(rows), lines=0))
        return FileGroupTask(data=[f"{stem}.npz"], _metadata={"block": facts})


def _numbers(table: pa.Table, name: str) -> NDArray[np.int64]:
    column: Any = table.column(name)
    return column.to_numpy()


def _ids(stem: str) -> Any:
    """In the order of the table, as `_without` takes them."""
    return load_table(f"{stem}.arrow").column("id")


def _without(source: str, stem: str, block: Block, stays: NDArray[np.bool_]) -> Block:
    """Write the files of a block with some documents, chosen by their place in the table."""
    if stays.all():
        for ending in _ENDINGS:
            link_or_copy(source + ending, stem + ending)
        return block
    table = load_table(f"{source}.arrow").filter(pa.array(stays))
    rows = np.sort(_numbers(table, "row"))
    again: Any = pa.array(np.searchsorted(rows, _numbers(table, "row")))
    place = table.column_names.index("row")
    save_table(f"{stem}.arrow", table.set_column(place, "row", again))
    arrays = load_arrays(f"{source}.npz")
    save_arrays(f"{stem}.npz", {name: array[rows] for name, array in arrays.items()})
    return replace(block, documents=len(rows))


_ENDINGS = (".arrow", ".npz")
VECTOR_FILES = PartFiles(endings=_ENDINGS, ids=_ids, without=_without)
"""What `semantic` has in the part of an index."""
