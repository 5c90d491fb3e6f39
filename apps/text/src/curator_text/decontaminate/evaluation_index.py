"""The n-grams of evaluation sets, in memory: sorted by hashes, and the letters to compare.

An item is a field of a row. It has n-grams of words, or itself if it is shorter. N-grams that are the same are one,
whatever items they are of.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.files.listing import FileInfo
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, read_bytes, write_atomic
from curator_engine.task import ArrowArray
from curator_text.decontaminate.evaluation_items import (
    EvaluationFile,
    EvaluationItem,
    read_items,
)
from curator_text.decontaminate.letters import folded
from curator_text.read.columns import utf8
from curator_text.removal.array_files import load_table, mapped_array, save_array, save_table

type Numbers = NDArray[np.int64]
type Hashes = NDArray[np.uint64]

_LONGEST_ANCHOR = 32
"""Letters by which an n-gram is looked up at most; a power of two."""
_BITS_EACH = 16
"""Of the table that most places of a document are dismissed by, per n-gram: one place in 16 is not."""
_LEAST_BITS, _MOST_BITS = 13, 33
"""Their number as a power of two: a kilobyte, a gigabyte."""
_FACTS = "index.json"
_BATCH = 1 << 16
"""Items that are folded together."""


@dataclass(frozen=True, kw_only=True)
class ItemCounts:
    """What an evaluation file gives."""

    name: str
    rows: int
    unreadable: int
    """Rows that cannot be read."""
    items: int
    """Texts that are looked for."""
    short: int
    """Texts of fewer words than are looked for."""


@dataclass(frozen=True, kw_only=True)
class EvaluationIndex:
    """The n-grams of evaluation sets.

    N-grams are in the order of the size of their anchor, the anchor, the number of letters, the hash.
    """

    sizes: Numbers
    """Sizes of anchors that there are."""
    edges: Numbers
    """Where the n-grams of each size begin, and the end."""
    bits: NDArray[np.uint8]
    """Which anchors there are, by their hash."""
    shift: int
    """Bits of a hash that the table of bits has no room for."""
    anchors: Hashes
    """Hash of the first letters of each n-gram."""
    lengths: NDArray[np.int32]
    """Letters of each n-gram."""
    hashes: Hashes
    """Hash of each n-gram."""
    begin: Numbers
    """Where its letters are in `known`."""
    known: NDArray[np.uint32]
    """Letters of the items."""
    powers: Hashes
    """What hashes of spans are made with."""
    opening: Numbers
    """Where the items of each n-gram begin in `items`, and the end."""
    items: Numbers
    """Numbers of the items that have an n-gram, n-gram by n-gram."""
    of_item: Numbers
    """How many different n-grams each item has."""
    table: pa.Table
    """What each item is: `file`, `row`, `field`."""
    files: list[ItemCounts]

    def __post_init__(self) -> None:
        # All read-only, as mapped ones are: numba compiles a kernel once more for writable arrays.
        for name in _arrays():
            getattr(self, name).flags.writeable = False

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        return sum(
            value.nbytes for f in fields(self) if hasattr(value := getattr(self, f.name), "nbytes")
        )

    def find(self, texts: ArrowArray) -> Numbers:
        """Where n-grams of the evaluation sets occur in texts.

        Args:
            texts: Strings without nulls.

        Returns:
            Rows of text, n-gram, first character, and the character behind the last one; by text and place.
        """
        from curator_text.kernels import overlap_kernels

        text, offsets = utf8(texts)
        if not len(self.anchors):
            return np.empty((0, 4), np.int64)
        return overlap_kernels.find_units(
            text,
            offsets,
            folded(),
            *(self.sizes, self.edges, self.bits, self.shift, self.anchors),
            (self.lengths, self.hashes, self.begin, self.known, self.powers),
            _room(int(np.diff(offsets).max(initial=0))),
        )

    def save(self, folder: str) -> None:
        """Write it to a folder."""
        for name in _arrays():
            save_array(join(folder, f"{name}.npy"), getattr(self, name))
        save_table(join(folder, "items.arrow"), self.table)
        facts = {"shift": self.shift, "files": [asdict(each) for each in self.files]}
        write_atomic(join(folder, _FACTS), json.dumps(facts).encode())


def is_saved(folder: str) -> bool:
    """Whether a folder holds an index."""
    return exists(join(folder, _FACTS))


@lru_cache(maxsize=1)
def load_index(folder: str) -> EvaluationIndex:
    """Read what `EvaluationIndex.save` wrote, once in a process; what a folder holds must not change."""
    facts = json.loads(read_bytes(join(folder, _FACTS)))
    # As views that are plain arrays, which kernels are compiled for.
    arrays: dict[str, Any] = {
        name: np.asarray(mapped_array(join(folder, f"{name}.npy"))) for name in _arrays()
    }
    files = [ItemCounts(**each) for each in facts["files"]]
    table = load_table(join(folder, "items.arrow"))
    return EvaluationIndex(**arrays, shift=facts["shift"], table=table, files=files)


def _arrays() -> list[str]:
    return [f.name for f in fields(EvaluationIndex) if f.name not in ("shift", "table", "files")]


def build_index(
    files: Sequence[FileInfo], *, fields: Sequence[str] = (), ngram: int = 13, min_words: int = 8
) -> EvaluationIndex:
    """The index of evaluation files.

    Args:
        files: As `evaluation_files` finds them.
        fields: Which of their fields count; all that have text if there are none.
        ngram: Words of an n-gram.
        min_words: Words below which an item is not looked for.

    Raises:
        InputError: A file cannot be read, or none has a field that was named.
    """
    from curator_text.kernels import overlap_kernels

    seen = list[EvaluationFile]()
    letters, starts, ends, table = _fold(read_items(files, fields, seen))
    offsets = np.concatenate([np.zeros(1, np.int64), ends])
    counts = np.empty(len(ends), np.int64)
    overlap_kernels.count_ngrams_of_items(starts, offsets, ngram, min_words, counts)
    kept = np.flatnonzero(counts)
    total = int(counts.sum())
    begin, length = np.empty(total, np.int64), np.empty(total, np.int64)
    overlap_kernels.find_ngrams(starts, offsets, ngram, counts, begin, length)
    about = _counts(seen, table, counts)
    numbers = np.repeat(np.arange(len(kept)), counts[kept])
    return _sorted(letters, begin, length, numbers, table.take(pa.array(kept, pa.int64())), about)


def _fold(
    found: Iterable[EvaluationItem],
) -> tuple[NDArray[np.uint32], NDArray[np.bool_], Numbers, pa.Table]:
    """The letters of all items, where words begin, where each item ends, and what it is."""
    from curator_text.kernels import overlap_kernels

    letters, starts, ends = [np.empty(0, np.uint32)], [np.empty(0, np.bool_)], list[Numbers]()
    places: dict[str, list[Any]] = {"file": [], "row": [], "field": []}
    total = 0
    for batch in _batches(found):
        for name, values in places.items():
            values += [getattr(item, name) for item in batch]
        texts = [item.text.encode("utf-8", "replace").decode() for item in batch]
        text, offsets = utf8(pa.array(texts, pa.large_string()))
        room, ended = _room(int(offsets[-1])), np.empty(len(batch), np.int64)
        overlap_kernels.fold_all(text, offsets, folded(), *room[:3], ended)
        count = int(ended[-1])
        letters.append(room[0][:count].copy())
        starts.append(room[1][:count].copy())
        ends.append(ended + total)
        total += count
    schema = pa.schema({"file": pa.int32(), "row": pa.int64(), "field": pa.string()})
    all_ends = np.concatenate([np.empty(0, np.int64), *ends])
    # A field's name may be no text of Unicode, as all of JSON may.
    places["field"] = [name.encode("utf-8", "replace").decode() for name in places["field"]]
    return np.concatenate(letters), np.concatenate(starts), all_ends, pa.table(places, schema)


def _batches(found: Iterable[EvaluationItem]) -> Iterable[list[EvaluationItem]]:
    batch, size = list[EvaluationItem](), 0
    for item in found:
        batch.append(item)
        size += len(item.text)
        if len(batch) == _BATCH or size > _BATCH * 1024:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _room(size: int) -> tuple[NDArray[Any], ...]:
    """Room for the letters of texts of so many bytes: letters, starts of words, characters, hashes."""
    # Two bytes are at most three letters; memory that is not written is not taken.
    most = size + size // 2 + 2
    return (
        np.empty(most, np.uint32),
        np.empty(most, np.bool_),
        np.empty(most, np.int32),
        np.empty(most, np.uint64),
    )


def _sorted(
    letters: NDArray[np.uint32],
    begin: Numbers,
    length: Numbers,
    of: Numbers,
    table: pa.Table,
    files: list[ItemCounts],
) -> EvaluationIndex:
    """The index of n-grams that lie at these places and are of these items."""
    from curator_text.kernels import overlap_kernels

    sums, hashes = np.empty(len(letters) + 1, np.uint64), np.empty(len(begin), np.uint64)
    powers = np.empty(int(length.max(initial=0)) + 1, np.uint64)
    overlap_kernels.prefix_hashes(letters, len(letters), sums)
    overlap_kernels.fill_powers(powers)
    overlap_kernels.hash_spans(sums, powers, begin, length, hashes)
    size = np.minimum(
        2 ** np.floor(np.log2(np.maximum(length, 1))).astype(np.int64), _LONGEST_ANCHOR
    )
    anchors = np.empty(len(begin), np.uint64)
    overlap_kernels.hash_spans(sums, powers, begin, size, anchors)
    order = np.lexsort((hashes, length, anchors, size))
    unit = np.empty(len(begin), np.int64)
    count = overlap_kernels.number_units(letters, order, anchors, length, hashes, begin, unit)
    # Units are numbered in the order of `order`, so the first of each is where the number changes.
    first = order[np.flatnonzero(np.diff(unit[order], prepend=-1))]
    pairs = np.unique(unit * max(len(table), 1) + of)
    unit_of, items = np.divmod(pairs, max(len(table), 1))
    sizes = np.unique(size)
    width = int(np.clip(np.ceil(np.log2(max(count, 1) * _BITS_EACH)), _LEAST_BITS, _MOST_BITS))
    bits = np.zeros(1 << width - 3, np.uint8)
    overlap_kernels.set_bits(anchors[first], bits, 64 - width)
    return EvaluationIndex(
        sizes=sizes,
        edges=np.append(np.searchsorted(size[first], sizes), count),
        bits=bits,
        shift=64 - width,
        anchors=anchors[first],
        lengths=length[first].astype(np.int32),
        hashes=hashes[first],
        begin=begin[first],
        known=letters,
        powers=powers,
        opening=np.searchsorted(unit_of, np.arange(count + 1)),
        items=items,
        of_item=np.bincount(items, minlength=len(table)),
        table=table,
        files=files,
    )


def _counts(seen: list[EvaluationFile], table: pa.Table, counts: Numbers) -> list[ItemCounts]:
    files = table.column("file").to_numpy()
    every = np.bincount(files, minlength=len(seen))
    kept = np.bincount(files[counts > 0], minlength=len(seen))
    return [
        ItemCounts(
            name=about.name,
            rows=about.rows,
            unreadable=about.unreadable,
            items=int(kept[i]),
            short=int(every[i] - kept[i]),
        )
        for i, about in enumerate(seen)
    ]
