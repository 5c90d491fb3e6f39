"""What is hashed of texts, and the spans that are found to be repeated: their files between the steps.

Each file is one array: pieces by their key, so that a range of keys is one slice of it; spans by document.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.files.paths import join
from curator_text.read.keep import KeepPolicy, keep_rank
from curator_text.removal.array_files import mapped_array, save_array
from curator_text.removal.corpus import Corpus

PIECES_ENDING = ".pieces.npy"
PIECE = np.dtype(
    [("key", "<u8"), ("other", "<u8"), ("owner", "<i8"), ("start", "<i8"), ("size", "<i8")]
)
"""Two hashes of a piece of a text; the text's index in its file; where it starts, and its size.

Of a line: bytes. Of a run of windows: the number of windows, each of which starts a byte later.
"""
SPAN = np.dtype(
    [
        ("number", "<i8"),
        ("start", "<i8"),
        ("end", "<i8"),
        ("first", "<i8"),
        ("first_start", "<i8"),
        ("times", "<i8"),
    ]
)
"""A repeated span: document, bytes; the document in which it stands first, and where; how often, 0 if unknown."""
PIECES_TOGETHER = 1 << 16
"""Pieces of a range of keys that are in memory together, about: at most 5 kB each, mostly some 100 bytes."""
RANKS_FILE = "ranks.npy"
"""In the cache: the place of each document in keep order."""
type Numbers = NDArray[np.int64]


def save_pieces(stem: str, *columns: NDArray[Any]) -> None:
    """Write the pieces of a block, by their key; columns as of `PIECE`."""
    order = np.argsort(columns[0], kind="stable")
    table = np.empty(len(order), PIECE)
    for name, column in zip(PIECE.names or (), columns, strict=True):
        table[name] = column[order]
    save_records(f"{stem}{PIECES_ENDING}", table)


def save_spans(path: str, spans: NDArray[Any]) -> None:
    """Write spans, by document and start."""
    save_records(path, spans[np.lexsort((spans["start"], spans["number"]))])


def save_records(path: str, table: NDArray[Any]) -> None:
    """Write records of 64-bit numbers, as rows."""
    width = table.dtype.itemsize // 8
    save_array(path, table.view("<i8").reshape(-1, width))


def load_records(path: str, kind: Any) -> NDArray[Any]:
    """What `save_pieces` or `save_spans` wrote; a local file stays on disk until it is looked at."""
    rows = mapped_array(path)
    return rows.reshape(-1).view(kind)


def pieces_of(corpus: Corpus, part: int, parts: int) -> Iterator[tuple[NDArray[Any], Numbers]]:
    """The pieces of one of `parts` equal ranges of keys, file by file, and the number of each one's document."""
    low, last = part * (1 << 64) // parts, (part + 1) * (1 << 64) // parts - 1
    for path, numbers in _files(corpus):
        table = load_records(path, PIECE)
        first = int(np.searchsorted(table["key"], np.uint64(low)))
        after = int(np.searchsorted(table["key"], np.uint64(last), side="right"))
        some = np.array(table[first:after])
        yield some, numbers[some["owner"]]


def count_pieces(corpus: Corpus) -> int:
    """All pieces."""
    return sum(len(load_records(path, PIECE)) for path, _ in _files(corpus))


def _files(corpus: Corpus) -> Iterator[tuple[str, Numbers]]:
    """The files of pieces, each with the numbers of its documents; one may be of several blocks."""
    bases = corpus.bases
    numbers: dict[str, list[Numbers]] = {}
    for b, block in enumerate(corpus.blocks):
        path = corpus.path(block, PIECES_ENDING)
        numbers.setdefault(path, []).append(np.arange(bases[b], bases[b + 1]))
    for path, each in numbers.items():
        yield path, np.concatenate(each)


def records_of(path: str, kind: Any, corpus: Corpus, b: int, *, old: int) -> NDArray[Any]:
    """The records of a block's documents.

    Args:
        path: A file by number of the documents that are compared.
        kind: Of the records.
        corpus: The documents of the run; the records get their numbers in it.
        b: The block's position in it.
        old: Documents of the index, which are numbered before them.
    """
    records = load_records(path, kind)
    low, high = np.searchsorted(records["number"], corpus.bases[b : b + 2] + old).tolist()
    found = np.array(records[low:high])
    found["number"] -= old
    return found


def save_ranks(cache: str, corpus: Corpus, keep: KeepPolicy) -> None:
    """Write the places of all documents in keep order, those of an index first, where they are not their numbers."""
    if keep.kind != "first":
        new = [block for block in corpus.blocks if block.documents and not block.part]
        ranks = corpus.old + keep_rank([corpus.order(block) for block in new])
        save_array(join(cache, RANKS_FILE), np.concatenate((np.arange(corpus.old), ranks)))


def ranks_of(cache: str, keep: KeepPolicy, numbers: Numbers) -> Numbers:
    """The places of documents in keep order, as `save_ranks` wrote them."""
    if keep.kind == "first":
        return numbers
    return np.asarray(mapped_array(join(cache, RANKS_FILE))[numbers])
