"""Decide, component by component, which documents go; write what was removed and the clusters.

The definition: within a component, in keep order, a document goes if its exact similarity to a
candidate that stays is at least the threshold; copies of a text share its fate.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.files.paths import join
from curator_engine.stages.table_files import write_table
from curator_engine.task import ArrowColumn, FileGroupTask
from curator_text.dedup.removed_tables import PartitionTask, Verdict, tables_of
from curator_text.fuzzy.connected_components import partition_file
from curator_text.fuzzy.gather import SCHEMA, in_order, read_partition, read_plain
from curator_text.fuzzy.index_blocks import old_members
from curator_text.fuzzy.similarity import Leaders, WindowSets, keep_leaders
from curator_text.read.blocks_of_text import BLOCK_BYTES
from curator_text.removal.array_files import load_arrays
from curator_text.removal.block_texts import BlockTexts
from curator_text.removal.corpus_stage import DecidingStage

PLACES = ("rank", "number", "position", "length")
"""What `read_plain` needs of a member."""
_READ_BYTES = 2 << 20
"""Bytes of lines that are read at a time; a buffer of this size stays in the processor's cache."""


@dataclass(kw_only=True)
class VerifyComponents(DecidingStage[PartitionTask]):
    """Verify one partition: all of it in memory, about nine times its text."""

    threshold: float
    verify: bool
    text_field: str
    id_field: str | None
    char_ngrams: int
    max_checks: int
    block_bytes: int = BLOCK_BYTES
    """Bytes of lines that are read at a time."""
    gathered: list[tuple[str, list[int]]]
    """Path and partitions of each file of the gather step."""
    preload = ("curator_text.kernels.preload",)
    folders = ("removed", "clusters")

    def process(self, task: PartitionTask) -> FileGroupTask:
        """Write the partition's tables and the numbers of the documents to remove."""
        corpus = self.corpus()
        arrays = load_arrays(join(self.cache, partition_file(task.data)))
        numbers = arrays["number"]
        old = int(np.count_nonzero(arrays["rank"] < corpus.old))
        old_ids, sets = old_members(corpus, numbers[:old], with_sets=self.verify)
        compared = self._compared(arrays, old)
        ids, texts = self._read(task.data, arrays, compared, old_ids)
        if self.verify:
            verdict = self._verify(texts, sets, arrays, compared)
        else:
            verdict = _first_of(arrays["root"], old=old)
        components = numbers[arrays["root"]]
        removed, clusters = tables_of(corpus, ids, numbers, components, verdict, places=arrays)
        name = f"part-{task.data:05d}.parquet"
        for folder, rows in (("removed", removed), ("clusters", clusters)):
            if rows.num_rows:
                write_table(join(self.output, folder, name), rows)
        # From here on there are only documents of the run, none of the index.
        drops = np.sort(numbers[verdict.kept >= 0]) - corpus.old
        facts = {"removed": len(drops), "clusters": clusters.num_rows}
        facts |= {"capped": verdict.capped, "checks": verdict.checks}
        return self.decided(task.data, drops, facts)

    def _compared(self, arrays: dict[str, NDArray[Any]], old: int) -> NDArray[np.bool_]:
        """Which members have a text to compare: copies have none, nor have documents that have copies only."""
        compared = np.zeros(len(arrays["rank"]), np.bool_)
        if self.verify:
            compared[:old] = True
            compared[arrays["left"]] = compared[arrays["right"]] = True
        return compared

    def _read(
        self,
        partition: int,
        arrays: dict[str, NDArray[Any]],
        compared: NDArray[np.bool_],
        old_ids: list[str | None],
    ) -> tuple[ArrowColumn, ArrowColumn]:
        """The users' ids of all members, and the texts of those that are compared."""
        corpus, ranks, old = self.corpus(), arrays["rank"], len(old_ids)
        tables = [_old_rows(ranks[:old], old_ids)]
        tables.append(read_partition(self.cache, self.gathered, partition))
        for with_text in (True, False):
            mine = old + np.flatnonzero(compared[old:] == with_text)
            places = {name: arrays[name][mine] for name in PLACES}
            tables.append(read_plain(self._reader(with_text=with_text), corpus, places))
        ids = in_order([table.select(["rank", "id"]) for table in tables])
        if ids.num_rows != len(ranks):
            raise RuntimeError(f"partition {partition} has {ids.num_rows} of {len(ranks)} members")
        texts = in_order(_of_ranks(tables[:3], ranks[compared]))
        return ids.column("id"), texts.column("text")

    def _reader(self, *, with_text: bool) -> BlockTexts:
        return BlockTexts(
            text_field=self.text_field,
            id_field=self.id_field,
            with_text=with_text,
            block_bytes=min(self.block_bytes, _READ_BYTES),
        )

    def _verify(
        self,
        texts: ArrowColumn,
        old: WindowSets,
        arrays: dict[str, NDArray[Any]],
        compared: NDArray[np.bool_],
    ) -> Verdict:
        """Leaders among the documents with candidate pairs; copies follow their original."""
        # From members to the compared ones and back.
        place, member = np.cumsum(compared) - 1, np.flatnonzero(compared)
        leaders: Leaders = keep_leaders(
            texts,
            place[arrays["left"]],
            place[arrays["right"]],
            arrays["nearness"],
            char_ngrams=self.char_ngrams,
            threshold=self.threshold,
            max_checks=self.max_checks,
            given=old,
        )
        kept, similarity = np.full(len(compared), -1, np.int64), np.ones(len(compared))
        kept[member] = np.where(leaders.kept < 0, -1, member[leaders.kept])
        similarity[member] = leaders.similarity
        original = arrays["original"]
        copies = np.flatnonzero(original >= 0)
        source = original[copies]
        stays = kept[source] < 0
        kept[copies] = np.where(stays, source, kept[source])
        similarity[copies] = np.where(stays, 1.0, similarity[source])
        return Verdict(
            kept=kept, similarity=similarity, capped=leaders.capped, checks=leaders.checks
        )


def _of_ranks(tables: list[pa.Table], ranks: NDArray[np.int64]) -> list[pa.Table]:
    """The rows of these ranks; tables that have no others are as they were."""
    chosen: list[pa.Table] = []
    for table in tables:
        mine = np.isin(table.column("rank").to_numpy(), ranks)
        chosen.append(table if mine.all() else table.filter(pa.array(mine)))
    return chosen


def _old_rows(ranks: NDArray[np.int64], ids: list[str | None]) -> pa.Table:
    """The old members of a partition; their texts are not known."""
    columns: dict[str, Any] = {"rank": ranks, "id": ids, "text": [""] * len(ids)}
    return pa.table(columns, SCHEMA)


def _first_of(root: NDArray[np.int64], *, old: int) -> Verdict:
    """Without verification the first of each component stays, which is its root, and all old ones."""
    kept = np.where(root == np.arange(len(root)), -1, root)
    kept[:old] = -1
    return Verdict(kept=kept, similarity=np.where(kept < 0, 1.0, np.nan))
