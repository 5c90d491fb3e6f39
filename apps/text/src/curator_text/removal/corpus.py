"""The documents of a run: blocks of files that were read, and numbers for documents.

A document's number follows the order of files and rows, so comparing numbers compares places. The
arrays of a block are in files that a `BlockStage` writes; this module only finds them.
"""

import io
import itertools
import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.errors import InputError
from curator_engine.files.blocks import MAX_ROW_BYTES
from curator_engine.files.paths import is_remote, join
from curator_engine.files.storage import read_bytes, storage_errors, write_atomic
from curator_engine.task import ArrowArray, FileGroupTask, short_hash
from curator_text.removal.array_files import load_table

ORDER_ENDING = ".order.arrow"
"""What the keep policy compares, by document; a keep policy of its own only."""
KEYS_ENDING = ".keys.npy"
_PLACES = ("position", "length", "line")
_ROWS_IN_ORDER = re.compile(rb"'fortran_order': False, 'shape': \((\d+), (\d+)\)")
"""In the header of a .npy file."""


IN_INDEX = "index:"
"""How the names of blocks begin that are of an index; no file of a run has such a name."""


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
    order_kinds: dict[str, int] = field(default_factory=dict[str, int])
    """Kinds of the keep field's values, each with the line in the block that the first one is on."""
    signing: str = ""
    """Identifies the settings with which it was signed."""
    joined: bool = False
    """Whether other blocks are in its files as well: small files that were read by one task."""
    first: int = 0
    """Its first document in these files, of those with windows, and its first unreadable line."""
    first_long: int = 0
    first_bad: int = 0
    max_row: int = MAX_ROW_BYTES
    """Bytes of the longest line that was read."""
    part: str = ""
    """Folder of the part of an index that it is in; empty for a block of this run."""

    @property
    def long(self) -> slice:
        """Where its documents with windows are among those in its files."""
        return slice(self.first_long, self.first_long + self.documents - self.short)


@dataclass(frozen=True)
class Corpus:
    """All blocks, in order; those of an index, if there are some, come first."""

    folder: str
    """Where the arrays of this run's blocks are."""
    blocks: tuple[Block, ...]

    @cached_property
    def count(self) -> int:
        """Documents."""
        return sum(block.documents for block in self.blocks)

    @cached_property
    def old(self) -> int:
        """Documents of the index: those with the smallest numbers."""
        return sum(block.documents for block in self.blocks if block.part)

    @cached_property
    def bases(self) -> NDArray[np.int64]:
        """Number of each block's first document, and the end; shape (blocks + 1,)."""
        return np.concatenate(([0], np.cumsum([block.documents for block in self.blocks]))).astype(
            np.int64
        )

    @cached_property
    def first_lines(self) -> list[int]:
        """Number of each block's first line in its file, from 0."""
        seen: dict[int, int] = {}
        firsts: list[int] = []
        for block in self.blocks:
            firsts.append(seen.get(block.file_index, 0))
            seen[block.file_index] = firsts[-1] + block.lines
        return firsts

    @cached_property
    def _by_path(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for b, block in enumerate(self.blocks):
            found.setdefault(block.path, []).append(b)
        return found

    def blocks_of(self, task: FileGroupTask) -> list[int]:
        """Positions of the blocks of the task's file, and of its span if it has one, in order."""
        mine = self._by_path.get(task.data[0], [])
        return mine if task.span is None else [b for b in mine if self.blocks[b].span == task.span]

    @cached_property
    def key(self) -> str:
        """Identifies the documents and how they were signed."""
        marks = (f"{b.part}{b.task_id} {b.stamp} {b.documents} {b.signing}" for b in self.blocks)
        return short_hash(*marks)

    def path(self, block: Block, ending: str) -> str:
        """A file of a block."""
        return join(block.part or self.folder, f"{block.task_id}{ending}")

    def load(self, block: Block, name: str) -> NDArray[Any]:
        """One array of a block; see `sign.py` for the names."""
        return self.load_all(block, name)[0]

    def load_all(self, block: Block, *names: str) -> list[NDArray[Any]]:
        """Some arrays of a block, whose file is opened once."""
        path = self.path(block, ".npz")
        if block.joined:
            arrays = self._joined_arrays(path)
            return [_of_block(arrays[name], name, block) for name in names]
        with np.load(_open(path), allow_pickle=False) as stored:
            return [stored[name] for name in names]

    def _joined_arrays(self, path: str) -> dict[str, NDArray[Any]]:
        """The arrays of some small files, which one after the other are asked for."""
        if is_remote(path):
            return _arrays_at(path, self.key)
        with storage_errors(path, "reading"):
            stat = Path(path).stat()
        return _arrays_at(path, f"{stat.st_ino} {stat.st_mtime_ns}")

    def order(self, block: Block) -> ArrowArray:
        """What the keep policy compares, as `order_keys.py` makes it."""
        keys: Any = load_table(self.path(block, ORDER_ENDING)).column("order").combine_chunks()
        return keys.slice(block.first, block.documents) if block.joined else keys

    def kinds(self) -> dict[str, str]:
        """Where the first value of each kind stands that the keep field has in this run."""
        found: dict[str, str] = {}
        for block, first in zip(self.blocks, self.first_lines, strict=True):
            for kind, line in ({} if block.part else block.order_kinds).items():
                found.setdefault(kind, f"{block.path}, row {first + line + 1}")
        return found

    def bands(self, first: int, count: int = 1) -> Iterator[NDArray[np.uint64]]:
        """The keys of some bands, block by block, of the documents that have windows.

        Shape (count, documents).
        """
        known, keys = "", np.empty((0, 0), np.uint64)
        for block in self.blocks:
            path = self.path(block, KEYS_ENDING)
            if path != known:
                known, keys = path, self._rows_of_keys(path, block, first, count)
            yield keys[:, block.long] if block.joined else keys

    def _rows_of_keys(self, path: str, block: Block, first: int, count: int) -> NDArray[np.uint64]:
        if is_remote(path):
            return _remote_table(path, self._mark(block))[first : first + count]
        return _read_rows(path, first, count)

    def _mark(self, block: Block) -> str:
        return self.key if block.joined else f"{block.stamp} {block.signing}"

    def table(self, block: Block, ending: str) -> NDArray[Any]:
        """One of a block's files of a single array, by its ending: signatures .npy, keys .keys.npy.

        A local one stays on disk until it is looked at, and takes memory as long as it is held.
        """
        path = self.path(block, ending)
        if is_remote(path):
            table = _remote_table(path, self._mark(block))
        else:
            table = np.load(path, mmap_mode="r", allow_pickle=False)
        if not block.joined:
            return table
        return table[:, block.long] if ending == KEYS_ENDING else table[block.long]

    def signatures(self, documents: NDArray[np.int64]) -> NDArray[np.uint16]:
        """The signatures of documents with windows, by sorted number; shape (len(documents), hashes)."""
        bases, out = self.bases, np.empty((0, 1), np.uint16)
        edges = np.searchsorted(documents, bases).tolist()
        for b, (low, high) in enumerate(itertools.pairwise(edges)):
            if low < high:
                table = self.table(self.blocks[b], ".npy")
                if not len(out):
                    out = np.empty((len(documents), table.shape[1]), np.uint16)
                rows = documents[low:high] - bases[b]
                if len(table) < self.blocks[b].documents:
                    rows = np.searchsorted(self.load(self.blocks[b], "long"), rows)
                np.take(table, rows, axis=0, out=out[low:high])
        return out

    def places(self, documents: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
        """Where documents lie in their files, given by number in any order.

        Returns:
            `position` (byte offset or row), `length` (bytes) and `line` (or row, from 0).
        """
        order = np.argsort(documents)
        bases, first_lines = self.bases, self.first_lines
        edges = np.searchsorted(documents[order], bases).tolist()
        found = {name: np.empty(len(documents), np.int64) for name in _PLACES}
        for b, (low, high) in enumerate(itertools.pairwise(edges)):
            mine = order[low:high]
            if low < high:
                rows = documents[mine] - bases[b]
                arrays = self.load_all(self.blocks[b], *found)
                for values, array in zip(found.values(), arrays, strict=True):
                    values[mine] = array[rows]
                found["line"][mine] += first_lines[b]
        return found

    def names(self, documents: NDArray[np.int64]) -> ArrowArray:
        """The files of documents, given by number, by their names in the output."""
        owner = np.searchsorted(self.bases, documents, side="right") - 1
        names: ArrowArray = pa.array([block.name for block in self.blocks], pa.string())
        return names.take(pa.array(owner, pa.int64()))

    def require_text(self, field: str) -> None:
        """Make sure that there is a document.

        Raises:
            InputError: There are rows, and none has the text field.
        """
        if not self.count and sum(block.lacking for block in self.blocks):
            raise InputError(f"the text field {field!r} is in none of the rows; use --text-field.")

    def save(self, path: str) -> None:
        """Write the list of blocks."""
        record = {"folder": self.folder, "blocks": [asdict(block) for block in self.blocks]}
        write_atomic(path, json.dumps(record).encode())


def known_corpus(path: str) -> Corpus:
    """As `load_corpus`; a process reads a local list once, however many tasks it has."""
    if is_remote(path):
        return load_corpus(path)
    with storage_errors(path, "reading"):
        stat = Path(path).stat()
    return _corpus_at(path, stat.st_ino, stat.st_mtime_ns)


@lru_cache(maxsize=2)
def _corpus_at(path: str, *mark: int) -> Corpus:
    """`mark` tells the list from an earlier one at that place."""
    del mark
    return load_corpus(path)


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
        known = task._metadata
        source = task.task_id.rpartition("_")[0]
        blocks += [
            block_of({**facts, "task_id": task.task_id, "source": source})
            for facts in (known["blocks"] if "blocks" in known else [known["block"]])
        ]
    return Corpus(folder, tuple(sorted(blocks, key=lambda b: (b.file_index, b.offset))))


def _open(path: str) -> Any:
    return io.BytesIO(read_bytes(path)) if is_remote(path) else path


@lru_cache(maxsize=2)
def _arrays_at(path: str, mark: str) -> dict[str, NDArray[Any]]:
    """All arrays of a file; `mark` tells it from an earlier file of that name."""
    del mark
    with np.load(_open(path), allow_pickle=False) as arrays:
        return dict(arrays)


def _of_block(array: NDArray[Any], name: str, block: Block) -> NDArray[Any]:
    """The part of a block of an array of several."""
    if name == "bad":
        return array[block.first_bad : block.first_bad + block.bad]
    if name == "long":
        return array[block.long] - block.first
    return array[block.first : block.first + block.documents]


@lru_cache(maxsize=64)
def _remote_table(path: str, mark: str) -> NDArray[Any]:
    """A file of one array; `mark` tells it from an earlier file of that name."""
    del mark
    return np.load(_open(path), allow_pickle=False)


def _read_rows(path: str, first: int, count: int) -> NDArray[np.uint64]:
    """Some rows of a local table of 64-bit keys, without memory for the others."""
    with storage_errors(path, "reading"), Path(path).open("rb", buffering=0) as file:
        # NumPy's own reader of headers, with its checks, takes longer than all the rest here.
        shape = _ROWS_IN_ORDER.search(file.read(128))
        if shape is None:
            table: NDArray[np.uint64] = np.load(path, allow_pickle=False)
            return table[first : first + count]
        rows, columns = int(shape[1]), int(shape[2])
        file.seek(8 * columns * (first - rows), os.SEEK_END)
        return np.frombuffer(file.read(8 * columns * count), np.uint64).reshape(count, columns)
