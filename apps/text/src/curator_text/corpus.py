"""The documents of a deduplication run: blocks of files that were signed, and numbers for documents.

A document's number follows the order of files and rows, so comparing numbers compares places. The
arrays of a block are in files that `sign.py` writes; this module only finds them.
"""

import io
import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.storage import is_remote, join, read_bytes, write_atomic
from curator_engine.task import FileGroupTask, short_hash


@dataclass(frozen=True, kw_only=True)
class Block:
    """One piece of one file, as it was signed."""

    task_id: str
    source: str
    """Id of the task that read it: blocks of a source were read one after the other."""
    path: str
    name: str
    """The file's name in the output."""
    file_index: int
    offset: int
    """Where it begins: byte offset for lines, row for Parquet."""
    size: int
    """Bytes, or rows."""
    documents: int
    lines: int
    """Lines or rows, those that are no documents included."""
    bad: int
    """Lines that could not be read."""
    lacking: int
    """Of those, lines that only lack the text field."""
    no_text: int
    """Rows whose text is null: never removed."""
    short: int
    """Documents too short for windows: exact matching only."""
    text_bytes: int
    span: tuple[int, int] | None
    max_rows: int | None
    stamp: str
    signing: str = ""
    """Identifies the settings with which it was signed."""
    part: str = ""
    """Folder of the part of an index that it is in; empty for a block of this run."""


@dataclass(frozen=True)
class Corpus:
    """All blocks, in order; those of an index, if there are some, come first."""

    folder: str
    """Where the arrays of this run's blocks are."""
    blocks: tuple[Block, ...]

    @property
    def count(self) -> int:
        """Documents."""
        return sum(block.documents for block in self.blocks)

    @property
    def old(self) -> int:
        """Documents of the index: those with the smallest numbers."""
        return sum(block.documents for block in self.blocks if block.part)

    @property
    def bases(self) -> NDArray[np.int64]:
        """Number of each block's first document, and the end; shape (blocks + 1,)."""
        return np.concatenate(([0], np.cumsum([block.documents for block in self.blocks]))).astype(
            np.int64
        )

    @property
    def first_lines(self) -> list[int]:
        """Number of each block's first line in its file, from 0."""
        seen: dict[int, int] = {}
        firsts: list[int] = []
        for block in self.blocks:
            firsts.append(seen.get(block.file_index, 0))
            seen[block.file_index] = firsts[-1] + block.lines
        return firsts

    @property
    def key(self) -> str:
        """Identifies the documents and how they were signed."""
        marks = (f"{b.part}{b.task_id} {b.stamp} {b.documents} {b.signing}" for b in self.blocks)
        return short_hash(*marks)

    def path(self, block: Block, ending: str) -> str:
        """A file of a block."""
        return join(block.part or self.folder, f"{block.task_id}{ending}")

    def load(self, block: Block, name: str) -> NDArray[Any]:
        """One array of a block; see `sign.py` for the names."""
        with np.load(_open(self.path(block, ".npz")), allow_pickle=False) as arrays:
            return arrays[name]

    def load_all(self, name: str) -> NDArray[Any]:
        """One array of all blocks, joined; for arrays with an entry per document."""
        parts = [self.load(block, name) for block in self.blocks]
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    def band(self, number: int) -> NDArray[np.uint64]:
        """The keys of one band, of all documents that have windows."""
        parts = [self.table(block, ".keys.npy")[number] for block in self.blocks]
        return np.concatenate(parts) if parts else np.empty(0, np.uint64)

    def table(self, block: Block, ending: str) -> NDArray[Any]:
        """One of a block's files of a single array, by its ending: signatures .npy, keys .keys.npy."""
        return load_table(self.path(block, ending), f"{block.stamp} {block.signing}")

    def signatures(self, documents: NDArray[np.int64]) -> NDArray[np.uint32]:
        """The signatures of some documents, given by sorted number; shape (len(documents), hashes)."""
        bases = self.bases
        parts: list[NDArray[np.uint32]] = []
        owner = np.searchsorted(bases, documents, side="right") - 1
        for b in np.unique(owner).tolist():
            table = self.table(self.blocks[b], ".npy")
            parts.append(table[documents[owner == b] - bases[b]])
        return np.concatenate(parts) if parts else np.empty((0, 1), np.uint32)

    def save(self, path: str) -> None:
        """Write the list of blocks."""
        record = {"folder": self.folder, "blocks": [asdict(block) for block in self.blocks]}
        write_atomic(path, json.dumps(record).encode())


def load_corpus(path: str) -> Corpus:
    """Read what `Corpus.save` wrote."""
    record = json.loads(read_bytes(path))
    return Corpus(record["folder"], tuple(block_of(block) for block in record["blocks"]))


def block_of(record: dict[str, Any]) -> Block:
    """The block that `asdict` has made a record of, which may have been JSON since."""
    facts: dict[str, Any] = {**record, "span": tuple(record["span"]) if record["span"] else None}
    return Block(**facts)


def corpus_of(folder: str, tasks: list[FileGroupTask]) -> Corpus:
    """The corpus that the results of the sign step make."""
    blocks: list[Block] = []
    for task in tasks:
        facts: dict[str, Any] = task._metadata["block"]
        source = task.task_id.rpartition("_")[0]
        blocks.append(block_of({**facts, "task_id": task.task_id, "source": source}))
    return Corpus(folder, tuple(sorted(blocks, key=lambda b: (b.file_index, b.offset))))


def _open(path: str) -> Any:
    return io.BytesIO(read_bytes(path)) if is_remote(path) else path


@lru_cache(maxsize=256)
def load_table(path: str, mark: str = "") -> NDArray[Any]:
    """A file of one array; a local one stays on disk until it is looked at.

    Args:
        path: The file.
        mark: What tells it from an earlier file of that name.
    """
    if is_remote(path):
        return np.load(_open(path), allow_pickle=False)
    return np.load(path, mmap_mode="r", allow_pickle=False)
