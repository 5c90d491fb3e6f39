"""Draw documents, as often as their source is to be read, with keys that say where in the blend they come.

Writes of each file of tokens runs (`tokenize/runs.py`) by part and epoch.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import xxhash
from numpy.typing import NDArray

from curator_engine.errors import InputError
from curator_engine.failures import FailurePolicy
from curator_engine.files.paths import join
from curator_engine.files.storage import input_errors, open_read
from curator_engine.stage import ProcessingStage
from curator_engine.task import FileGroupTask
from curator_text.blend.amounts import Draw
from curator_text.blend.measure_documents import load_documents
from curator_text.blend.sources import PARTS, InputShard
from curator_text.dedup.removed_tables import PartitionTask
from curator_text.removal.corpus_stage import MUST_SUCCEED
from curator_text.tokenize.runs import mixed, ordered, save_run, shuffle_keys
from curator_text.tokenize.token_files import TYPES

PIECE_BYTES = 64 << 20
"""Tokens that are in memory at a time, a longer document excepted."""
COLUMNS = ("id", "file", "row", "length", "text_hash")
"""Of the tables of documents that are read."""

type Rows = tuple[pa.Table, NDArray[Any], int]
"""Some documents in order, their tokens one after another, and the number of the first one in the file."""


def epoch_keys(shard: InputShard, documents: NDArray[np.int64], *, seed: int, epoch: int) -> Any:
    """The keys by which documents of a file are drawn and shuffled in an epoch.

    Args:
        shard: The file of tokens.
        documents: Their numbers in the file.
        seed: Of the blend.
        epoch: From 0.
    """
    mark = xxhash.xxh3_64_intdigest(f"{shard.source}\n{shard.name}".encode())
    start = mixed(np.array([seed], np.int64).view(np.uint64))
    seeded = mixed(start + np.uint64(epoch)).view(np.int64)
    names = np.full(len(documents), mark, np.uint64)
    return shuffle_keys(names, documents, seed=int(seeded[0]))


@dataclass(kw_only=True)
class DrawDocuments(ProcessingStage[PartitionTask, FileGroupTask]):
    """Draw of the files of tokens, a task each."""

    cache: str
    shards: Sequence[InputShard]
    names: Sequence[Sequence[str]]
    """The sources of each file, as the step before has numbered them."""
    draws: Mapping[str, Draw]
    """What of each source is drawn for training."""
    fields: Sequence[str] = ()
    """Fields of the documents that are kept."""
    seed: int = 42
    input_key: str
    """Changes with the input and its parts."""
    failure_policy: FailurePolicy | None = field(default=MUST_SUCCEED)
    writes_to: ClassVar[tuple[str, ...]] = ("cache",)

    def process(self, task: PartitionTask) -> FileGroupTask:
        """Write the runs of a file; the result's metadata names them, and says what each source gives for training."""
        number, runs, given = task.data, list[list[Any]](), dict[str, list[int]]()
        measured = load_documents(self.cache, number)
        names = pa.array(self.names[number], pa.string())
        for table, tokens, first in self._pieces(self.shards[number]):
            some = slice(first, first + table.num_rows)
            source, length = measured["source"][some], measured["length"][some]
            table = table.append_column("source", names.take(pa.array(source, pa.int32())))
            for part, epoch, rows, keys in self._drawn(number, measured, some):
                stem = self._stem(number, first, part, epoch)
                self._save(stem, table, tokens, rows, keys, {"epoch": epoch, "part": PARTS[part]})
                runs.append([part, stem, len(rows)])
                if part == 0:
                    _count(given, list(self.names[number]), source[rows], length[rows])
        facts: dict[str, Any] = {"number": number, "runs": runs, "given": given}
        return FileGroupTask(data=[self.shards[number].table], _metadata=facts)

    def _stem(self, number: int, first: int, part: int, epoch: int) -> str:
        name = f"{number:05d}-{first:09d}-{PARTS[part]}-{epoch:04d}"
        return join(self.cache, "drawn", name)

    def _pieces(self, shard: InputShard) -> Iterator[Rows]:
        """The documents of a file, as many at a time as memory is for."""
        kind, number = TYPES[shard.kind], 0
        path = f"{shard.stem}.bin"
        with input_errors(path), open_read(path) as file:
            for table in shard.row_groups([*COLUMNS, *self.fields]):
                column: Any = table.column("length")
                ends = np.cumsum(column.to_numpy()) * kind.itemsize
                first = 0
                while first < table.num_rows:
                    before = int(ends[first - 1]) if first else 0
                    fit = int(np.searchsorted(ends, before + PIECE_BYTES, side="right"))
                    after = max(fit, first + 1)
                    size = int(ends[after - 1]) - before
                    data = file.read(size)
                    if len(data) < size:
                        raise InputError(f"{path} is shorter than its table says; tokenize again.")
                    yield table.slice(first, after - first), np.frombuffer(data, kind), number
                    number += after - first
                    first = after

    def _drawn(
        self, number: int, measured: Mapping[str, NDArray[Any]], some: slice
    ) -> Iterator[tuple[int, int, NDArray[np.int64], NDArray[np.int64]]]:
        """Part and epoch, which documents of a piece they have, and the keys of those."""
        source, part = measured["source"][some], measured["part"][some]
        documents = np.arange(some.start, some.stop)
        draws = [self.draws.get(name, Draw()) for name in self.names[number]]
        epochs = max(draw.epochs for draw in draws) if draws else 0
        for epoch in range(max(epochs, 1)):
            keys = epoch_keys(self.shards[number], documents, seed=self.seed, epoch=epoch)
            places, is_drawn = keys.copy(), np.zeros(len(keys), np.bool_)
            for i, draw in enumerate(draws):
                mine = np.flatnonzero((source == i) & (part == 0))
                mine = mine[draw.drawn(keys[mine], epoch)]
                is_drawn[mine] = True
                if len(mine):
                    places[mine] = draw.places(keys[mine], epoch)
            found = {0: np.flatnonzero(is_drawn)}
            if epoch == 0:
                # What is for testing comes once, whatever the weights.
                found |= {p: np.flatnonzero(part == p) for p in range(1, len(PARTS))}
            for p, rows in found.items():
                if len(rows):
                    yield p, epoch, rows, places[rows]

    def _save(
        self,
        stem: str,
        table: pa.Table,
        tokens: NDArray[Any],
        rows: NDArray[np.int64],
        keys: NDArray[np.int64],
        facts: Mapping[str, Any],
    ) -> None:
        """Write a run of some documents of a piece."""
        lengths: Any = table.column("length")
        sizes: NDArray[np.int64] = lengths.to_numpy()
        found: dict[str, Any] = {"key": pa.array(keys)}
        taken = table.take(pa.array(rows, pa.int64()))
        for name in ("source", *COLUMNS):
            found[name] = taken.column(name)
        for name, value in facts.items():
            found[f"field:{name}"] = pa.repeat(value, len(rows))
        for name in self.fields:
            found[f"field:{name}"] = taken.column(name).cast(pa.string())
        starts = np.cumsum(sizes) - sizes
        kind = "uint16" if tokens.dtype.itemsize == 2 else "int32"
        save_run(stem, pa.table(found), ordered(tokens, starts, sizes, rows), kind=kind)


def _count(
    given: dict[str, list[int]],
    names: list[str],
    source: NDArray[Any],
    length: NDArray[np.int64],
) -> None:
    """Add the documents and tokens of each source."""
    for number in np.unique(source).tolist():
        mine = source == number
        known = given.setdefault(names[number], [0, 0])
        known[0] += int(mine.sum())
        known[1] += int(length[mine].sum())
