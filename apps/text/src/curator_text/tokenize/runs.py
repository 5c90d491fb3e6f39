"""Runs: documents with their tokens, sorted by a key, which lie between the two passes over all documents.

The first pass writes a run for each block that is in memory; the second one gathers what has its keys in a range from all
runs. With keys that are hashes this is a shuffle that needs memory for a range only; with keys that are numbers the
documents stay in their order. A run is `<stem>.bin`, the tokens, and `<stem>.docs.arrow`, a row per document.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.files.paths import is_remote, join
from curator_engine.files.storage import open_atomic, open_read, read_bytes, write_atomic
from curator_text.removal.array_files import load_table, save_table
from curator_text.tokenize.token_files import TYPES

RUNS_FILE = "runs.json"
KEYS = 1 << 63
"""Keys of a shuffle are below this."""
_MIX = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1))
_STEP = 0x9E3779B97F4A7C15
"""The constants of splitmix64 (Steele, Lea and Flood, 2014)."""


def mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """64 bits that look random, for each value: splitmix64."""
    with np.errstate(over="ignore"):
        found = values + np.uint64(_STEP)
        for shift, factor in _MIX:
            found = (found ^ (found >> np.uint64(shift))) * np.uint64(factor)
    return found


def shuffle_keys(
    names: NDArray[np.uint64], positions: NDArray[np.int64], *, seed: int
) -> NDArray[np.int64]:
    """Keys by which documents are sorted: they depend on file, place and seed, not on who computes them.

    Args:
        names: A hash of each document's file.
        positions: Its place in the file.
        seed: Another one gives another order.
    """
    start = mixed(np.array([seed], np.int64).view(np.uint64))
    return (mixed(mixed(names ^ start) ^ positions.view(np.uint64)) >> np.uint64(1)).view(np.int64)


def save_run(stem: str, table: pa.Table, tokens: NDArray[Any], *, kind: str) -> None:
    """Write a run.

    Args:
        stem: Path of its files, without their endings.
        table: A row per document, with `key` and `length`.
        tokens: Of the documents, in that order.
        kind: Type of the tokens.
    """
    keys, lengths = _numbers(table, "key"), _numbers(table, "length")
    ends = np.cumsum(lengths)
    order = np.argsort(keys, kind="stable")
    if not np.array_equal(order, np.arange(len(order))):
        tokens = ordered(tokens, ends - lengths, lengths, order)
        table = table.take(pa.array(order, pa.int64()))
        lengths = lengths[order]
    starts: Any = np.cumsum(lengths) - lengths
    with open_atomic(f"{stem}.bin") as file:
        file.write(np.ascontiguousarray(tokens, TYPES[kind]).view(np.uint8).data)
    save_table(f"{stem}.docs.arrow", table.append_column("start", pa.array(starts, pa.int64())))


def ordered(
    tokens: NDArray[Any],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    order: NDArray[np.int64],
) -> NDArray[Any]:
    """The tokens of documents in another order."""
    first, size = starts[order].tolist(), lengths[order].tolist()
    pieces = [tokens[s : s + n] for s, n in zip(first, size, strict=True)]
    return np.concatenate([tokens[:0], *pieces])


@dataclass(frozen=True, kw_only=True)
class Piece:
    """The documents of one file in a run."""

    first: int
    """Place of the first one among the run's documents as they were read."""
    name: str
    """The file."""
    first_line: int
    """Number of the block's first line in the file."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run."""

    stem: str
    kind: str
    """Type of the tokens."""
    low: int | None = None
    """Added to its keys; None if they are those of a shuffle."""
    documents: int
    pieces: tuple[Piece, ...] = ()
    """The files that its documents are from, if its table does not say it."""
    fields: str = ""
    """A table with more fields of the documents, by their place from `fields_first` on."""
    fields_first: int = 0

    @property
    def table(self) -> pa.Table:
        """A row per document, sorted by key; a local one stays on disk until it is looked at."""
        return load_table(f"{self.stem}.docs.arrow")

    def between(self, low: int, high: int) -> pa.Table:
        """The rows of the documents with keys from `low` to below `high`; `key` is as of the whole."""
        base = self.low or 0
        if self.low is not None and (high <= base or low >= base + self.documents):
            return self.table.slice(0, 0)
        table = self.table
        keys = _numbers(table, "key")
        first = int(np.searchsorted(keys, max(low - base, 0)))
        after = len(keys) if high - base >= KEYS else int(np.searchsorted(keys, high - base))
        found = table.slice(first, max(0, after - first))
        return _with(found, "key", _numbers(found, "key") + base)

    def tokens(self, table: pa.Table) -> NDArray[Any]:
        """The tokens of rows that `between` gave."""
        starts, lengths, kind = (
            _numbers(table, "start"),
            _numbers(table, "length"),
            TYPES[self.kind],
        )
        if not len(starts):
            return np.empty(0, kind)
        first, after = int(starts[0]), int(starts[-1] + lengths[-1])
        with open_read(f"{self.stem}.bin") as file:
            file.seek(first * kind.itemsize)
            return np.frombuffer(file.read((after - first) * kind.itemsize), kind)

    def described(self, table: pa.Table) -> pa.Table:
        """Rows with the file and the row in it of each document, and with the fields, where they lie elsewhere."""
        if not self.pieces:
            return table
        places = _numbers(table, "place")
        at = np.searchsorted([each.first for each in self.pieces], places, side="right") - 1
        names = pa.array([each.name for each in self.pieces], pa.string())
        lines = np.array([each.first_line for each in self.pieces], np.int64)
        table = table.append_column("file", names.take(pa.array(at, pa.int64())))
        table = table.append_column("row", pa.array(_numbers(table, "line") + lines[at]))
        table = _with_ids(table)
        if self.fields:
            more = load_table(self.fields).take(pa.array(places + self.fields_first, pa.int64()))
            for name in more.column_names:
                table = table.append_column(f"field:{name}", more.column(name))
        return table


def _with_ids(table: pa.Table) -> pa.Table:
    """A document without an id of its own is called FILE:ROW."""
    names: Any = table.column("file")
    rows: Any = table.column("row").cast(pa.string())
    places: Any = pc.call_function("binary_join_element_wise", [names, rows, pa.scalar(":")])
    ids: Any = pc.call_function("coalesce", [table.column("id"), places])
    return table.set_column(table.column_names.index("id"), "id", ids)


def save_runs(cache: str, runs: Sequence[Run]) -> None:
    """Write the list of runs."""
    write_atomic(join(cache, RUNS_FILE), json.dumps([asdict(run) for run in runs]).encode())


def known_runs(cache: str) -> tuple[Run, ...]:
    """The list of runs; a process reads a local one once."""
    path = join(cache, RUNS_FILE)
    if is_remote(path):
        return _load(path)
    stat = Path(path).stat()
    return _runs_at(path, stat.st_ino, stat.st_mtime_ns)


@lru_cache(maxsize=2)
def _runs_at(path: str, *mark: int) -> tuple[Run, ...]:
    """`mark` tells the list from an earlier one at that place."""
    del mark
    return _load(path)


def _load(path: str) -> tuple[Run, ...]:
    records: list[dict[str, Any]] = json.loads(read_bytes(path))
    return tuple(
        Run(pieces=tuple(Piece(**piece) for piece in each.pop("pieces")), **each)
        for each in records
    )


def _numbers(table: pa.Table, name: str) -> NDArray[np.int64]:
    """A column of whole numbers, none of them null."""
    column: Any = table.column(name)
    return column.to_numpy()


def _with(table: pa.Table, name: str, values: NDArray[np.int64]) -> pa.Table:
    column: Any = pa.array(values)
    return table.set_column(table.column_names.index(name), name, column)
