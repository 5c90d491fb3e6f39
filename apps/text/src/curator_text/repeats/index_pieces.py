"""The files of an index of `lines` or `substring`: what later runs compare with the documents of this one.

There are files per block, of all documents as they were read, since what was cut out of one stands there first all the same:

- `<task id>.pieces.npy`: as `hash_pieces.py` writes it.
- `<task id>.npz`: `position`, `length`, and `line`, which is counted from the start of the file.
- `<task id>.ids`: a Parquet table with `id`.
- `<task id>.windows.npy` (`substring`): 64 bits of hash of each window, document by document, and in `<task id>.npz`
  `ends`, where those of a document end in it.

No text can be read from them.
"""

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
from curator_engine.files.storage import link_or_copy, open_read
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask
from curator_text.dedup.index import PartFiles
from curator_text.read.columns import utf8
from curator_text.removal.array_files import load_arrays, mapped_array, save_array, save_arrays
from curator_text.removal.block_stage import remove_uncommitted
from curator_text.removal.block_texts import BlockTexts
from curator_text.removal.corpus import Block, Corpus
from curator_text.removal.corpus_stage import CorpusStage
from curator_text.repeats.pieces import PIECE, PIECES_ENDING, Numbers, load_records, save_records

WINDOWS_ENDING = ".windows.npy"
_PLACES = ("position", "length", "line")
_ENDINGS = (PIECES_ENDING, ".npz", ".ids")


@dataclass(kw_only=True)
class IndexPieces(CorpusStage[FileGroupTask]):
    """Write the files of a part for the documents of a source, block by block."""

    path: str
    """Folder of the part."""
    text_field: str
    id_field: str | None
    max_row: int = MAX_ROW_BYTES
    window: int | None = None
    """Bytes of the windows that are hashed, of `substring`."""
    preload: ClassVar[tuple[str, ...]] = ("curator_text.kernels.preload",)
    writes_to: ClassVar[tuple[str, ...]] = ("cache", "path")

    def process(self, task: FileGroupTask) -> Iterator[FileGroupTask]:
        """Read ids, and texts if windows are hashed, once more; yield a reference per block."""
        corpus = self.corpus()
        blocks = {b: corpus.blocks[b].documents for b in corpus.blocks_of(task)}
        every = {b: np.arange(count) for b, count in blocks.items() if count}
        texts = BlockTexts(
            text_field=self.text_field,
            id_field=self.id_field,
            with_text=self.window is not None,
            max_row=self.max_row,
        )
        read = 0
        for b, table in texts.read(task, corpus, every):
            yield self._write(corpus, b, table)
            read += 1
        if read != len(every):
            raise InputError(f"{task.data[0]} has changed during the run; run again.")

    def resume(self, committed: frozenset[str]) -> None:
        """Remove the files of sources that are not done."""
        remove_uncommitted(self.path, committed)

    def _write(self, corpus: Corpus, b: int, table: pa.Table) -> FileGroupTask:
        block = corpus.blocks[b]
        # Blocks of small files have had files in common, and get their own here.
        name = f"{block.task_id}-{b}" if block.joined else block.task_id
        stem = join(self.path, name)
        pieces = np.array(load_records(corpus.path(block, PIECES_ENDING), PIECE))
        _save_some(stem, pieces, block.first + np.arange(block.documents))
        arrays: dict[str, Any] = dict(zip(_PLACES, corpus.load_all(block, *_PLACES), strict=True))
        arrays["line"] = arrays["line"] + corpus.first_lines[b]
        if self.window is not None:
            arrays["ends"] = _save_windows(stem, table, self.window)
        write_table(f"{stem}.ids", table.select(["id"]).cast(pa.schema({"id": pa.string()})))
        save_arrays(f"{stem}.npz", arrays)
        alone = replace(block, task_id=name, joined=False, first=0, first_long=0, first_bad=0)
        facts = asdict(replace(alone, lines=0))
        return FileGroupTask(data=[f"{stem}.npz"], _metadata={"block": facts})


def _save_some(stem: str, pieces: NDArray[Any], owners: Numbers) -> None:
    """Write the pieces of some documents, given by sorted number, which are numbered anew."""
    some = pieces[np.isin(pieces["owner"], owners)]
    some["owner"] = np.searchsorted(owners, some["owner"])
    save_records(f"{stem}{PIECES_ENDING}", some)


def _save_windows(stem: str, table: pa.Table, window: int) -> Numbers:
    """Write the hashes of all windows of the texts; where those of each end."""
    from curator_text.kernels import repeat_kernels

    text, offsets = utf8(table.column("text").combine_chunks())
    counts = np.maximum(np.diff(offsets) - window + 1, 0)
    owners = np.flatnonzero(counts)
    hashes = np.empty(int(counts.sum()), np.uint64)
    starts = np.zeros(len(owners), np.int64)
    repeat_kernels.hash_windows(text, offsets, window, owners, starts, counts[owners], hashes)
    save_array(f"{stem}{WINDOWS_ENDING}", hashes)
    return np.cumsum(counts)


def windows_of(corpus: Corpus, runs: NDArray[Any]) -> Iterator[tuple[int, NDArray[np.uint64]]]:
    """The hashes of the windows of some runs of an index's documents, by block, in the order of the runs.

    Args:
        corpus: The documents that are compared.
        runs: By number and start, as `find_windows.RUN`.
    """
    edges = np.searchsorted(runs["number"], corpus.bases).tolist()
    for b, block in enumerate(corpus.blocks):
        mine = runs[edges[b] : edges[b + 1]]
        if block.part and len(mine):
            ends = corpus.load(block, "ends")
            begins = np.concatenate(([0], ends[:-1]))[mine["number"] - corpus.bases[b]]
            hashes = mapped_array(corpus.path(block, WINDOWS_ENDING))
            first = (begins + mine["start"]).tolist()
            sizes = mine["size"].tolist()
            parts = [hashes[at : at + n] for at, n in zip(first, sizes, strict=True)]
            yield b, np.concatenate(parts)


def _ids(stem: str) -> Any:
    with open_read(f"{stem}.ids") as file:
        return pq.read_table(file).column("id")


def _without(source: str, stem: str, block: Block, stays: NDArray[np.bool_]) -> Block:
    """Write the files of a block without some documents."""
    rows, arrays = np.flatnonzero(stays), load_arrays(f"{source}.npz")
    has_windows = "ends" in arrays
    if stays.all():
        for ending in (*_ENDINGS, *[WINDOWS_ENDING] * has_windows):
            link_or_copy(source + ending, stem + ending)
        return block
    _save_some(stem, np.array(load_records(f"{source}{PIECES_ENDING}", PIECE)), rows)
    if has_windows:
        counts = np.diff(arrays["ends"], prepend=0)
        hashes = mapped_array(f"{source}{WINDOWS_ENDING}")
        save_array(f"{stem}{WINDOWS_ENDING}", hashes[np.repeat(stays, counts)])
        arrays["ends"] = np.cumsum(counts[rows])
    write_table(f"{stem}.ids", pa.table({"id": _ids(source).filter(pa.array(stays))}))
    save_arrays(f"{stem}.npz", arrays | {name: arrays[name][rows] for name in _PLACES})
    return replace(block, documents=len(rows))


LINES_FILES = PartFiles(endings=_ENDINGS, ids=_ids, without=_without)
"""What `lines` has in the part of an index."""
WINDOWS_FILES = PartFiles(endings=(*_ENDINGS, WINDOWS_ENDING), ids=_ids, without=_without)
"""What `substring` has in the part of an index."""
