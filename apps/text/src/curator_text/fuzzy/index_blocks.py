"""The files of an index's part: what later runs need of the documents that stay, and how it is read.

There are five files per block, with kept documents only. The first three are as `sign.py` writes them:

- `<task id>.npy`: signatures.
- `<task id>.keys.npy`: keys of the bands.
- `<task id>.npz`: `position`, `length`, `line` (counted from the start of the file), `hash`, `long`, and
  `ends`, which says where a document's windows end in the next file.
- `<task id>.windows`: the distinct hashes of each document's windows, 8 bytes each.
- `<task id>.ids`: a Parquet table with `id`, `file`, `row`.

Later runs need no texts of these documents.
"""

import itertools
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from curator_engine.errors import InputError
from curator_engine.files.blocks import MAX_ROW_BYTES
from curator_engine.files.paths import join
from curator_engine.files.storage import open_atomic, open_read
from curator_engine.stages.table_files import write_table
from curator_engine.task import ArrowArray, FileGroupTask
from curator_text.dedup.index_use import kept_rows
from curator_text.fuzzy.pair_files import Numbers
from curator_text.fuzzy.similarity import WindowSets, window_sets
from curator_text.read.blocks_of_text import BLOCK_BYTES
from curator_text.read.columns import utf8
from curator_text.removal.array_files import mapped_array, save_array, save_arrays
from curator_text.removal.block_stage import remove_uncommitted
from curator_text.removal.block_texts import BlockTexts
from curator_text.removal.corpus import Corpus
from curator_text.removal.corpus_stage import CorpusStage
from curator_text.removal.remove_documents import DROPS_FILE

ENDINGS = (".npy", ".keys.npy", ".npz", ".windows", ".ids")
"""Of the files of a block."""
_SLICE_BYTES = 4 << 20
_IDS_SCHEMA = pa.schema({"id": pa.string(), "file": pa.string(), "row": pa.int64()})


@dataclass(kw_only=True)
class IndexDocuments(CorpusStage[FileGroupTask]):
    """Write the files of a part for the kept documents of a source, block by block."""

    path: str
    """Folder of the part."""
    text_field: str
    id_field: str | None
    char_ngrams: int
    block_bytes: int = BLOCK_BYTES
    max_row: int = MAX_ROW_BYTES
    """The value with which the documents were signed."""
    preload = ("curator_text.kernels.preload",)
    writes_to: ClassVar[tuple[str, ...]] = ("cache", "path")

    def process(self, task: FileGroupTask) -> Iterator[FileGroupTask]:
        """Read the kept documents once more; yield a reference per block."""
        corpus = self.corpus()
        kept = kept_rows(corpus, task, mapped_array(join(self.cache, DROPS_FILE)))
        texts = BlockTexts(
            text_field=self.text_field,
            id_field=self.id_field,
            with_text=True,
            block_bytes=self.block_bytes,
            max_row=self.max_row,
        )
        read = 0
        for b, table in texts.read(task, corpus, kept):
            yield self._write(corpus, b, kept[b], table)
            read += 1
        if read != len(kept):
            raise InputError(f"{task.data[0]} has changed during the run; run again.")

    def resume(self, committed: frozenset[str]) -> None:
        """Remove the files of sources that are not done."""
        remove_uncommitted(self.path, committed)

    def _write(self, corpus: Corpus, b: int, rows: Numbers, table: pa.Table) -> FileGroupTask:
        block = corpus.blocks[b]
        # Blocks of small files have had files in common, and get their own here.
        name = f"{block.task_id}-{b}" if block.joined else block.task_id
        stem = join(self.path, name)
        position, length, line, long, hashes = corpus.load_all(
            block, "position", "length", "line", "long", "hash"
        )
        stays = np.isin(long, rows)
        lines = corpus.first_lines[b] + line[rows]
        save_array(f"{stem}.npy", corpus.table(block, ".npy")[stays])
        save_array(f"{stem}.keys.npy", corpus.table(block, ".keys.npy")[:, stays])
        names = [block.name] * len(rows)
        ids: dict[str, Any] = {"id": table.column("id"), "file": names, "row": lines}
        write_table(f"{stem}.ids", pa.table(ids, _IDS_SCHEMA))
        # `line` counts from the start of the file, so no block adds lines to the next one's.
        arrays = {
            "position": position[rows],
            "length": length[rows],
            "line": lines,
            "hash": hashes.reshape(-1, 2)[rows],
            "long": np.searchsorted(rows, long[stays]),
            "ends": _write_windows(f"{stem}.windows", table, self.char_ngrams),
        }
        save_arrays(f"{stem}.npz", arrays)
        short = len(rows) - int(stays.sum())
        alone = replace(block, task_id=name, joined=False, first=0, first_long=0, first_bad=0)
        facts = asdict(replace(alone, documents=len(rows), lines=0, short=short))
        return FileGroupTask(data=[f"{stem}.npz"], _metadata={"block": facts})


def _write_windows(path: str, table: pa.Table, char_ngrams: int) -> Numbers:
    """Write the sets of the texts, a few MB of text at a time; where each ends."""
    texts: ArrowArray = table.column("text").combine_chunks()
    offsets = utf8(texts)[1]
    pieces = (offsets[:-1] - offsets[0]) // _SLICE_BYTES
    cuts = [0, *(np.flatnonzero(np.diff(pieces)) + 1).tolist(), len(texts)]
    ends, at = [np.empty(0, np.int64)], 0
    with open_atomic(path) as file:
        for start, end in itertools.pairwise(cuts):
            sets = window_sets(texts.slice(start, end - start), char_ngrams=char_ngrams)
            file.write(sets.hashes.astype("<u8", copy=False).data)
            ends.append(at + sets.ends)
            at += len(sets.hashes)
    return np.concatenate(ends)


def old_members(
    corpus: Corpus, numbers: Numbers, *, with_sets: bool
) -> tuple[list[str | None], WindowSets]:
    """Ids and window sets of documents of an index.

    Args:
        corpus: The documents that are compared.
        numbers: Numbers of old documents, sorted.
        with_sets: Whether the sets are needed; else there are none.

    Returns:
        The users' ids, None where there was none, and the sets, in this order.
    """
    bases = corpus.bases
    owner = np.searchsorted(bases, numbers, side="right") - 1
    ids = list[str | None]()
    places: list[tuple[str, Numbers, Numbers]] = []
    for b in np.unique(owner).tolist():
        block, rows = corpus.blocks[b], numbers[owner == b] - bases[b]
        ids += _ids(corpus.path(block, ".ids"), rows)
        if with_sets:
            ends = corpus.load(block, "ends")
            starts = np.concatenate(([0], ends[:-1]))
            places.append((corpus.path(block, ".windows"), starts[rows], ends[rows]))
    sizes = [np.empty(0, np.int64), *(ends - starts for _, starts, ends in places)]
    set_ends = np.cumsum(np.concatenate(sizes))
    hashes, at = np.empty(int(set_ends[-1]) if len(set_ends) else 0, np.uint64), 0
    for path, starts, ends in places:
        at = _read_windows(path, starts, ends, hashes, at)
    return ids, WindowSets(hashes, set_ends)


def _ids(path: str, rows: Numbers) -> list[str | None]:
    with open_read(path) as file:
        column = pq.read_table(file, columns=["id"]).column("id")
    values: Any = column.take(pa.array(rows, pa.int64())).to_pylist()
    return values


def _read_windows(
    path: str, starts: Numbers, ends: Numbers, out: NDArray[np.uint64], at: int
) -> int:
    """Read the hashes between places of the file to out[at:]; where they end there."""
    with open_read(path) as file:
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            file.seek(8 * start)
            data = file.read(8 * (end - start))
            out[at : at + end - start] = np.frombuffer(data, "<u8")
            at += end - start
    return at
