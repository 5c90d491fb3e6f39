"""Read the documents of components once more: their texts and ids, sorted into partitions.

Reads the same blocks of the same files as `sign.py`, but parses the members' lines only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import ipc

from curator_engine.blocks import BrokenFileError, iter_blocks
from curator_engine.errors import InputError
from curator_engine.stages.files import format_of
from curator_engine.stages.jsonl import read_block
from curator_engine.stages.parquet import iter_row_groups
from curator_engine.storage import is_remote, join, open_atomic, open_read
from curator_engine.task import ArrowArray, ArrowColumn, FileGroupTask
from curator_text.candidates import EXACT_FILE, CorpusStage, load_arrays, numbers_of
from curator_text.cluster import COMPONENTS_FILE
from curator_text.corpus import Block, Corpus
from curator_text.sign import BLOCK_BYTES

SCHEMA = pa.schema({"rank": pa.int64(), "id": pa.string(), "text": pa.large_string()})


@dataclass(kw_only=True)
class GatherMembers(CorpusStage[FileGroupTask]):
    """Write the members of a source's blocks to `gather/<task id>.arrow`, a batch per partition."""

    text_field: str
    id_field: str | None
    with_text: bool
    """Whether texts are needed: not without verification."""

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Read the blocks of one source, in order."""
        corpus = self.corpus()
        wanted = _members(corpus, self.cache)
        tables: list[pa.Table] = []
        read = self._rows if format_of(task.data[0]) == "parquet" else self._lines
        for b, table in read(task, corpus, wanted):
            tables.append(_with_places(table, wanted[b]))
        joined = pa.concat_tables(tables) if tables else _with_places(SCHEMA.empty_table(), None)
        partition = joined.column("partition").to_numpy()
        path = join(self.cache, "gather", f"{task.task_id}.arrow")
        with open_atomic(path) as file, _arrow_writer(file) as writer:
            for p in np.unique(partition).tolist():
                rows = joined.filter(pa.array(partition == p)).select(SCHEMA.names)
                writer.write_table(rows.combine_chunks(), max_chunksize=max(1, rows.num_rows))
        return FileGroupTask(data=[path], _metadata={"partitions": np.unique(partition).tolist()})

    def _lines(
        self, task: FileGroupTask, corpus: Corpus, wanted: "Wanted"
    ) -> Iterator[tuple[int, pa.Table]]:
        blocks = _blocks_at(corpus, task.data[0], wanted)
        fields = {self.text_field: pa.string()} if self.with_text else {}
        try:
            for offset, data in iter_blocks(task.data[0], span=task.span, block_bytes=BLOCK_BYTES):
                if offset not in blocks:
                    continue
                b, block = blocks[offset]
                rows = wanted[b].rows
                starts = (corpus.load(block, "position")[rows] - offset).tolist()
                lengths = corpus.load(block, "length")[rows].tolist()
                lines = b"".join(
                    _whole_line(data[s : s + n]) for s, n in zip(starts, lengths, strict=True)
                )
                texts = read_block(lines, fields).table if fields else None
                if texts is not None and texts.num_rows != len(rows):
                    raise InputError(f"{task.data[0]} has changed during the run; run again.")
                yield b, self._table(texts, self._line_ids(lines, len(rows)), len(rows))
        except BrokenFileError:
            return

    def _line_ids(self, lines: bytes, count: int) -> ArrowArray:
        if self.id_field is None:
            return pa.nulls(count, pa.string())
        table = read_block(lines).table
        if self.id_field not in table.column_names or table.num_rows != count:
            return pa.nulls(count, pa.string())
        return _as_text(table.column(self.id_field))

    def _rows(
        self, task: FileGroupTask, corpus: Corpus, wanted: "Wanted"
    ) -> Iterator[tuple[int, pa.Table]]:
        blocks = _blocks_at(corpus, task.data[0], wanted)
        columns = [self.text_field, *([self.id_field] if self.id_field else [])]
        limit = task.reader_config.get("max_rows")
        for row, table in iter_row_groups(task.data[0], columns, span=task.span, max_rows=limit):
            if row not in blocks:
                continue
            b, block = blocks[row]
            rows = wanted[b].rows
            chosen = table.take(pa.array(corpus.load(block, "position")[rows] - row, pa.int64()))
            ids = pa.nulls(len(rows), pa.string())
            if self.id_field and self.id_field in chosen.column_names:
                ids = _as_text(chosen.column(self.id_field))
            yield b, self._table(chosen, ids, len(rows))

    def _table(self, table: pa.Table | None, ids: ArrowArray, count: int) -> pa.Table:
        texts = pa.nulls(count, pa.large_string())
        if self.with_text and table is not None:
            texts = table.column(self.text_field).cast(pa.large_string()).combine_chunks()
        return pa.table({"id": ids, "text": texts})


@dataclass(frozen=True, kw_only=True)
class _Chosen:
    """The members of one block."""

    rows: NDArray[np.int64]
    """Their documents' positions in the block, sorted."""
    ranks: NDArray[np.int64]
    partitions: NDArray[np.int64]


type Wanted = dict[int, _Chosen]


def _members(corpus: Corpus, cache: str) -> Wanted:
    """The members of each block that has some, by the block's position."""
    arrays = load_arrays(join(cache, COMPONENTS_FILE))
    numbers = numbers_of(arrays["member"], load_arrays(join(cache, EXACT_FILE))["rank"])
    order = np.argsort(numbers)
    numbers, ranks = numbers[order], arrays["member"][order]
    partitions, bases = arrays["partition"][order], corpus.bases
    edges = np.searchsorted(numbers, bases)
    return {
        b: _Chosen(
            rows=numbers[low:high] - bases[b],
            ranks=ranks[low:high],
            partitions=partitions[low:high],
        )
        for b, (low, high) in enumerate(zip(edges.tolist(), edges[1:].tolist(), strict=False))
        if low < high
    }


def sources_with_members(corpus: Corpus, cache: str) -> list[FileGroupTask]:
    """A task per source task of the sign step that has members."""
    tasks: dict[str, FileGroupTask] = {}
    for b in _members(corpus, cache):
        block = corpus.blocks[b]
        config = {} if block.max_rows is None else {"max_rows": block.max_rows}
        tasks[block.source] = FileGroupTask(
            data=[block.path], span=block.span, stamp=block.stamp, reader_config=config
        )
    return list(tasks.values())


def _arrow_writer(file: Any) -> ipc.RecordBatchFileWriter:
    return ipc.new_file(file, SCHEMA)


def read_partition(cache: str, results: list[tuple[str, list[int]]], partition: int) -> pa.Table:
    """The members of one partition, sorted by rank, from the files that hold some.

    Args:
        cache: The cache folder.
        results: Path and partitions of each file of this step.
        partition: The partition.
    """
    batches: list[pa.RecordBatch] = []
    for path, partitions in results:
        if partition in partitions:
            # Of a local file only the partition's pages are read.
            source: Any = open_read(path) if is_remote(path) else pa.memory_map(path)
            with source, ipc.open_file(source) as reader:
                batches.append(reader.get_batch(partitions.index(partition)))
    table = pa.Table.from_batches(batches, SCHEMA)
    ranks = table.column("rank").to_numpy()
    in_order = bool(np.all(ranks[1:] > ranks[:-1]))
    return (table if in_order else table.sort_by("rank")).combine_chunks()


def _blocks_at(corpus: Corpus, path: str, wanted: Wanted) -> dict[int, tuple[int, Block]]:
    """Blocks of a file that have members, by their offset."""
    return {
        corpus.blocks[b].offset: (b, corpus.blocks[b])
        for b in wanted
        if corpus.blocks[b].path == path
    }


def _with_places(table: pa.Table, chosen: _Chosen | None) -> pa.Table:
    none = np.empty(0, np.int64)
    ranks = pa.array(chosen.ranks if chosen else none, pa.int64())
    partitions = pa.array(chosen.partitions if chosen else none, pa.int64())
    columns: dict[str, Any] = {name: table.column(name) for name in ("id", "text")}
    return pa.table({"rank": ranks, "partition": partitions, **columns})


def _whole_line(line: bytes) -> bytes:
    line = line.removeprefix(b"\xef\xbb\xbf")
    return line if line.endswith(b"\n") else line + b"\n"


def _as_text(column: ArrowColumn) -> ArrowArray:
    texts = [None if value is None else str(value) for value in column.to_pylist()]
    return pa.array(texts, pa.string())
