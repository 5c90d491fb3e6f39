"""Read the documents of components once more: their texts and ids, by partition.

Lines of plain files are read where they lie when their partition is verified. Compressed files,
remote files and Parquet cannot be read from any place in them, so this step sorts their documents
into partitions first. Documents of an index are not read: the index holds what is needed of them.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import ipc

from curator_engine.files.blocks import MAX_ROW_BYTES
from curator_engine.files.paths import is_remote, join
from curator_engine.files.storage import open_atomic, open_read
from curator_engine.task import FileGroupTask
from curator_text.fuzzy.connected_components import MEMBERS_FILE
from curator_text.fuzzy.pair_files import Numbers
from curator_text.read.blocks_of_text import BLOCK_BYTES
from curator_text.removal.array_files import load_array, mapped_array
from curator_text.removal.block_texts import BlockTexts, is_plain
from curator_text.removal.corpus import Block, Corpus
from curator_text.removal.corpus_stage import CorpusStage

SCHEMA = pa.schema({"rank": pa.int64(), "id": pa.string(), "text": pa.large_string()})


@dataclass(kw_only=True)
class GatherMembers(CorpusStage[FileGroupTask]):
    """Write the members of a source's blocks to `gather/<task id>.arrow`, batches of one partition each."""

    text_field: str
    id_field: str | None
    block_bytes: int = BLOCK_BYTES
    max_row: int = MAX_ROW_BYTES
    """The value with which the documents were signed."""
    with_text: bool
    """Whether texts are needed: not without verification."""

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Read the blocks of one source, in order."""
        corpus = self.corpus()
        members = mapped_array(join(self.cache, MEMBERS_FILE))
        texts = BlockTexts(
            text_field=self.text_field,
            id_field=self.id_field,
            with_text=self.with_text,
            block_bytes=self.block_bytes,
            max_row=self.max_row,
        )
        chosen = _members(corpus, members, task)
        rows = {b: members[0, place] - corpus.bases[b] for b, place in chosen.items()}
        partitions: list[int] = []
        path = join(self.cache, "gather", f"{task.task_id}.arrow")
        with open_atomic(path) as file, _arrow_writer(file) as writer:
            for b, table in texts.read(task, corpus, rows):
                _, ranks, of_rows = members[:, chosen[b]]
                found = table.add_column(0, "rank", pa.array(ranks, pa.int64())).cast(SCHEMA)
                for p, batch in _by_partition(found, of_rows):
                    writer.write_batch(batch)
                    partitions.append(p)
        return FileGroupTask(data=[path], _metadata={"partitions": partitions})


def _by_partition(
    table: pa.Table, partitions: NDArray[np.int64]
) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The rows of each partition, in order."""
    if len(np.unique(partitions)) > 1:
        order = np.argsort(partitions, kind="stable")
        table, partitions = table.take(pa.array(order, pa.int64())), partitions[order]
    [batch] = table.combine_chunks().to_batches()
    cuts = np.flatnonzero(np.diff(partitions)) + 1
    for start, end in itertools.pairwise([0, *cuts.tolist(), len(partitions)]):
        yield int(partitions[start]), batch.slice(start, end - start)


def _members(corpus: Corpus, members: Numbers, task: FileGroupTask | None) -> dict[int, slice]:
    """Where the members of each block that is to be gathered lie among all, by the block's position.

    Blocks without members and of plain files are left out, and those that are not of the task.
    """
    mine = np.arange(len(corpus.blocks)) if task is None else np.array(corpus.blocks_of(task), int)
    lows = np.searchsorted(members[0], corpus.bases[mine]).tolist()
    highs = np.searchsorted(members[0], corpus.bases[mine + 1]).tolist()
    return {
        b: slice(low, high)
        for b, low, high in zip(mine.tolist(), lows, highs, strict=True)
        if low < high and _is_gathered(corpus.blocks[b])
    }


def _is_gathered(block: Block) -> bool:
    return not block.part and not is_plain(block.path)


def sources_with_members(corpus: Corpus, cache: str) -> list[FileGroupTask]:
    """A task per source task of the sign step that has members to gather."""
    tasks: dict[tuple[str, str], FileGroupTask] = {}
    for b in _members(corpus, load_array(join(cache, MEMBERS_FILE)), None):
        block = corpus.blocks[b]
        config = {} if block.max_rows is None else {"max_rows": block.max_rows}
        tasks[block.source, block.path] = FileGroupTask(
            data=[block.path], span=block.span, stamp=block.stamp, reader_config=config
        )
    return list(tasks.values())


def _arrow_writer(file: Any) -> ipc.RecordBatchFileWriter:
    return ipc.new_file(file, SCHEMA)


def read_partition(cache: str, results: list[tuple[str, list[int]]], partition: int) -> pa.Table:
    """The members of one partition that were gathered.

    Args:
        cache: The cache folder.
        results: Path of each file of this step, and the partition of each of its batches.
        partition: The partition.
    """
    batches: list[pa.RecordBatch] = []
    for path, partitions in results:
        if partition in partitions:
            # Of a local file only the partition's pages are read.
            source: Any = open_read(path) if is_remote(path) else pa.memory_map(path)
            with source, ipc.open_file(source) as reader:
                batches += [reader.get_batch(k) for k, p in enumerate(partitions) if p == partition]
    return pa.Table.from_batches(batches, SCHEMA)


def read_plain(texts: BlockTexts, corpus: Corpus, members: dict[str, Numbers]) -> pa.Table:
    """The members that lie in plain files.

    Args:
        texts: Their reader.
        corpus: The documents.
        members: `rank`, `number`, `position` and `length` of each one of the run.

    Raises:
        InputError: A file has changed.
    """
    order = np.argsort(members["number"])
    owner = np.searchsorted(corpus.bases, members["number"][order], side="right") - 1
    owners, of_owner = np.unique(owner, return_inverse=True)
    blocks = [corpus.blocks[b] for b in owners.tolist()]
    plain = np.array([is_plain(block.path) for block in blocks], np.bool_)[of_owner]
    files = np.array([block.file_index for block in blocks], np.int64)[of_owner][plain]
    order, owner = order[plain], owner[plain]
    cuts = [0, *(np.flatnonzero(np.diff(files)) + 1).tolist(), len(files)] if len(files) else []
    places = [
        (
            corpus.blocks[owner[start]].path,
            members["position"][order[start:end]],
            members["length"][order[start:end]],
        )
        for start, end in itertools.pairwise(cuts)
    ]
    if not places:
        return SCHEMA.empty_table()
    rank = pa.array(members["rank"][order], pa.int64())
    if texts.with_text and texts.id_field is None:
        found = texts.at_once(places)
        if found is not None:
            columns: list[Any] = [rank, pa.nulls(len(rank), pa.string()), found]
            return pa.Table.from_arrays(columns, schema=SCHEMA)
    return pa.concat_tables(texts.at(places)).add_column(0, "rank", rank).cast(SCHEMA)


def in_order(tables: list[pa.Table]) -> pa.Table:
    """The rows of tables, at least one, sorted by rank, in one piece."""
    # Empty tables are left out first: beside them, the only table with rows would be copied.
    table = pa.concat_tables([each for each in tables if each.num_rows] or tables)
    ranks = table.column("rank").to_numpy()
    is_sorted = bool(np.all(ranks[1:] > ranks[:-1]))
    return (table if is_sorted else table.sort_by("rank")).combine_chunks()
