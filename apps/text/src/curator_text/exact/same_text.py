"""Find documents with the same text, one range of hashes at a time; write what goes and the clusters.

The definition: of documents whose texts have the same 128-bit hash, the first in keep order stays. Documents of an
index come first whatever the policy, and always stay.
No range needs another, so memory follows the documents of one range.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import ipc

from curator_engine.files.paths import is_remote, join
from curator_engine.files.storage import open_read
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask
from curator_text.dedup.removed_tables import CLUSTERS_SCHEMA, REMOVED_SCHEMA, PartitionTask
from curator_text.read.keep import KeepPolicy, keep_rank
from curator_text.removal.corpus import Corpus
from curator_text.removal.corpus_stage import DecidingStage

type Numbers = NDArray[np.int64]

MAX_BITS = 16
"""At most 65,536 partitions."""


def partition_bits(documents: int, rows: int) -> int:
    """Leading bits of the hash that tell partitions apart, so that one has about `rows` documents."""
    return min(MAX_BITS, max(0, -(-documents // rows) - 1).bit_length())


@dataclass(kw_only=True)
class FindSameText(DecidingStage[PartitionTask]):
    """Find the copies among the documents whose hashes begin with the same bits."""

    keep: KeepPolicy
    bits: int
    """How many leading bits: there are 2 ** bits partitions."""
    folders = ("removed", "clusters")

    def process(self, task: PartitionTask) -> FileGroupTask:
        """Write the partition's tables and the numbers of the documents to remove."""
        corpus = self.corpus()
        chosen = self._candidates(corpus, task.data)
        rank = self._rank(corpus, chosen)
        table = _located(corpus, chosen)
        kept = _kept(_numpy(table, "high"), _numpy(table, "low"), rank)
        numbers = _numpy(table, "number")
        gone = np.flatnonzero((kept != np.arange(len(kept))) & (numbers >= corpus.old))
        removed, clusters = _removed(table, kept, gone), _clusters(table, kept, gone, rank)
        name = f"part-{task.data:05d}.parquet"
        for folder, rows in (("removed", removed), ("clusters", clusters)):
            if rows.num_rows:
                write_table(join(self.output, folder, name), rows)
        facts = {"removed": len(gone), "clusters": clusters.num_rows}
        return self.decided(task.data, numbers[gone] - corpus.old, facts)

    def _candidates(self, corpus: Corpus, partition: int) -> dict[int, pa.Table]:
        """The documents that share half of their hash with another, by the first block of their file, in its order."""
        # Blocks of several small files are in one file of the cache.
        firsts: dict[str, int] = {}
        for b, block in enumerate(corpus.blocks):
            firsts.setdefault(corpus.path(block, ".arrow"), b)
        # Each file is mapped for a moment only: there may be more of them than a process may map.
        slices = (_slice(path, partition, self.bits) for path in firsts)
        parts = [_numpy(rows, "high").copy() for rows in slices]
        shared, after = _shared(parts), 0
        chosen: dict[int, pa.Table] = {}
        for (path, b), part in zip(firsts.items(), parts, strict=True):
            start, after = after, after + len(part)
            mine = np.flatnonzero(shared[start:after])
            if len(mine):
                rows = _slice(path, partition, self.bits)
                in_order = mine[np.argsort(_numpy(rows, "row")[mine])]
                chosen[b] = rows.take(_indices(in_order))
        return chosen

    def _rank(self, corpus: Corpus, chosen: dict[int, pa.Table]) -> Numbers:
        """The place of each candidate in keep order, those of the index first."""
        new = [rows for b, rows in chosen.items() if not corpus.blocks[b].part]
        count = sum(rows.num_rows for rows in chosen.values())
        if self.keep.kind == "first" or not new:
            return np.arange(count)
        old = count - sum(rows.num_rows for rows in new)
        ranked = keep_rank([chunk for rows in new for chunk in rows.column("order").chunks])
        return np.concatenate((np.arange(old), old + ranked))


def _slice(path: str, partition: int, bits: int) -> pa.Table:
    """The rows of one partition; of a local file only their pages are read."""
    source: Any = open_read(path) if is_remote(path) else pa.memory_map(path)
    with source, ipc.open_file(source) as reader:
        rows = reader.read_all()
    step = 1 << (64 - bits)
    high = _numpy(rows, "high")
    low_edge = int(np.searchsorted(high, np.uint64(partition * step)))
    last = np.uint64((partition + 1) * step - 1)
    return rows.slice(low_edge, int(np.searchsorted(high, last, side="right")) - low_edge)


def _shared(parts: list[NDArray[np.uint64]]) -> NDArray[np.bool_]:
    """Which values stand more than once in all parts together."""
    values = np.concatenate(parts) if parts else np.empty(0, np.uint64)
    order = np.argsort(values)
    same = values[order][1:] == values[order][:-1]
    shared = np.zeros(len(values), np.bool_)
    shared[order[1:][same]] = True
    shared[order[:-1][same]] = True
    return shared


def _located(corpus: Corpus, chosen: dict[int, pa.Table]) -> pa.Table:
    """The candidates with their numbers, files and rows in them; without ids they are named by these."""
    bases, first_lines = corpus.bases, np.array(corpus.first_lines, np.int64)
    parts: list[pa.Table] = []
    for b, rows in chosen.items():
        numbers = _numpy(rows, "row") + bases[b]
        owners = np.searchsorted(bases, numbers, side="right") - 1
        names = corpus.names(numbers)
        lines = _indices(_numpy(rows, "line") + first_lines[owners])
        places = pc.binary_join_element_wise(names, lines.cast(pa.string()), ":")
        columns: dict[str, Any] = {
            "number": numbers,
            "high": rows.column("high"),
            "low": rows.column("low"),
            "id": pc.coalesce(rows.column("id"), places),
            "file": names,
            "row": lines,
            "byte_offset": rows.column("position"),
            "length": rows.column("length"),
        }
        parts.append(pa.table(columns, _LOCATED))
    return pa.concat_tables([_LOCATED.empty_table(), *parts]).combine_chunks()


_PLACE = ("file", "row", "byte_offset", "length")
_LOCATED = pa.schema(
    {
        "number": pa.int64(),
        "high": pa.uint64(),
        "low": pa.uint64(),
        **{name: REMOVED_SCHEMA.field(name).type for name in ("id", *_PLACE)},
    }
)


def _kept(high: NDArray[np.uint64], low: NDArray[np.uint64], rank: Numbers) -> Numbers:
    """Index of the document that stays of each one's group: its own if it stays."""
    order = np.lexsort((rank, low, high))
    new = np.ones(len(order), np.bool_)
    new[1:] = (high[order][1:] != high[order][:-1]) | (low[order][1:] != low[order][:-1])
    kept = np.empty(len(order), np.int64)
    kept[order] = order[new][np.cumsum(new) - 1]
    return kept


def _removed(table: pa.Table, kept: Numbers, gone: Numbers) -> pa.Table:
    """The rows of `removed/`, in the order of documents."""
    going, staying = _indices(gone), _indices(kept[gone])
    kept_ids = table.column("id").take(staying)
    columns: dict[str, Any] = {
        "id": table.column("id").take(going),
        "kept_id": kept_ids,
        "cluster_id": kept_ids,
        "component_id": table.column("number").take(staying),
        "similarity": np.ones(len(gone)),
        **{name: table.column(name).take(going) for name in _PLACE},
    }
    return pa.table(columns, REMOVED_SCHEMA)


def _clusters(table: pa.Table, kept: Numbers, gone: Numbers, rank: Numbers) -> pa.Table:
    """The rows of `clusters/`, in the order of the documents that stay; members in keep order."""
    listed = gone[np.lexsort((rank[gone], kept[gone]))]
    leaders, starts = np.unique(kept[listed], return_index=True)
    offsets = pa.array(np.append(starts, len(listed)), pa.int32())
    ids: Any = table.column("id").take(_indices(listed)).combine_chunks()
    staying = _indices(leaders)
    columns: dict[str, Any] = {
        "cluster_id": table.column("id").take(staying),
        "size": np.diff(np.append(starts, len(listed))) + 1,
        "component_id": table.column("number").take(staying),
        **{name: table.column(name).take(staying) for name in _PLACE},
        "members": pa.ListArray.from_arrays(offsets, ids),
        "similarities": pa.ListArray.from_arrays(offsets, pa.array(np.ones(len(listed)))),
    }
    return pa.table(columns, CLUSTERS_SCHEMA)


def _indices(numbers: NDArray[Any]) -> Any:
    return pa.array(numbers, pa.int64())


def _numpy(table: pa.Table, name: str) -> NDArray[Any]:
    return table.column(name).to_numpy()
