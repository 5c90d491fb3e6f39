"""Read the documents of components once more: their texts and ids, sorted into partitions.

Documents of an index are not read: what is needed of them is in it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import ipc

from curator_engine.storage import is_remote, join, open_atomic, open_read
from curator_engine.task import FileGroupTask
from curator_text.block_texts import BlockTexts
from curator_text.candidates import EXACT_FILE, CorpusStage, load_arrays, numbers_of
from curator_text.cluster import COMPONENTS_FILE
from curator_text.corpus import Corpus
from curator_text.sign import BLOCK_BYTES

SCHEMA = pa.schema({"rank": pa.int64(), "id": pa.string(), "text": pa.large_string()})


@dataclass(kw_only=True)
class GatherMembers(CorpusStage[FileGroupTask]):
    """Write the members of a source's blocks to `gather/<task id>.arrow`, batches of one partition each."""

    text_field: str
    id_field: str | None
    block_bytes: int = BLOCK_BYTES
    """As when the documents were signed."""
    with_text: bool
    """Whether texts are needed: not without verification."""

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Read the blocks of one source, in order."""
        corpus = self.corpus()
        wanted = _members(corpus, self.cache)
        texts = BlockTexts(
            text_field=self.text_field,
            id_field=self.id_field,
            with_text=self.with_text,
            block_bytes=self.block_bytes,
        )
        chosen = {b: block.rows for b, block in wanted.items()}
        partitions: list[int] = []
        path = join(self.cache, "gather", f"{task.task_id}.arrow")
        with open_atomic(path) as file, _arrow_writer(file) as writer:
            for b, table in texts.read(task, corpus, chosen):
                ranks, of_rows = wanted[b].ranks, wanted[b].partitions
                rows = table.add_column(0, "rank", pa.array(ranks, pa.int64())).cast(SCHEMA)
                for p in np.unique(of_rows).tolist():
                    [batch] = rows.filter(pa.array(of_rows == p)).combine_chunks().to_batches()
                    writer.write_batch(batch)
                    partitions.append(p)
        return FileGroupTask(data=[path], _metadata={"partitions": partitions})


@dataclass(frozen=True, kw_only=True)
class _Chosen:
    """The members of one block."""

    rows: NDArray[np.int64]
    """Their documents' positions in the block, sorted."""
    ranks: NDArray[np.int64]
    partitions: NDArray[np.int64]


type Wanted = dict[int, _Chosen]


def _members(corpus: Corpus, cache: str) -> Wanted:
    """The members of each block of this run that has some, by the block's position."""
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
        if low < high and not corpus.blocks[b].part
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
    table = pa.Table.from_batches(batches, SCHEMA)
    ranks = table.column("rank").to_numpy()
    in_order = bool(np.all(ranks[1:] > ranks[:-1]))
    return (table if in_order else table.sort_by("rank")).combine_chunks()
