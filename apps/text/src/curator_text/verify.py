"""Decide, component by component, which documents go; write what was removed and the clusters.

The definition: within a component, in keep order, a document goes if its exact similarity to a
candidate that stays is at least the threshold; copies of a text share its fate.
"""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from curator_engine.storage import join, list_names, remove, write_atomic
from curator_engine.task import FileGroupTask, Task
from curator_text.candidates import EXACT_FILE, CorpusStage, load_arrays, numbers_of, save_arrays
from curator_text.cluster import COMPONENTS_FILE
from curator_text.corpus import Corpus
from curator_text.gather import SCHEMA, read_partition
from curator_text.index_blocks import old_members
from curator_text.similarity import Leaders, WindowSets, keep_leaders

REMOVED_SCHEMA = pa.schema(
    {
        "id": pa.string(),
        "kept_id": pa.string(),
        "cluster_id": pa.string(),
        "component_id": pa.int64(),
        "similarity": pa.float64(),
        "file": pa.string(),
        "row": pa.int64(),
        "byte_offset": pa.int64(),
        "length": pa.int64(),
    }
)
CLUSTERS_SCHEMA = pa.schema(
    {
        "cluster_id": pa.string(),
        "size": pa.int64(),
        "component_id": pa.int64(),
        "file": pa.string(),
        "row": pa.int64(),
        "byte_offset": pa.int64(),
        "length": pa.int64(),
        "members": pa.list_(pa.string()),
        "similarities": pa.list_(pa.float64()),
    }
)


@dataclass(kw_only=True)
class PartitionTask(Task[int]):
    """One partition of the components, by its position."""

    def source_key(self) -> str:
        """The partition's number."""
        return f"partition{self.data}"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What becomes of the members of a partition, in keep order."""

    kept: NDArray[np.int64]
    """Index of the kept document of each one; -1 for those that stay."""
    similarity: NDArray[np.float64]
    """To it; nan where it was not computed."""
    capped: int = 0
    checks: int = 0


@dataclass(kw_only=True)
class VerifyComponents(CorpusStage[PartitionTask]):
    """Verify one partition: all of it in memory, about nine times its text."""

    output: str
    """Folder for `removed/` and `clusters/`."""
    threshold: float
    verify: bool
    char_ngrams: int
    max_checks: int
    gathered: list[tuple[str, list[int]]]
    """Path and partitions of each file of the gather step."""
    preload = ("curator_text.preload",)

    def process(self, task: PartitionTask) -> FileGroupTask:
        """Write the partition's tables and the numbers of the documents to remove."""
        corpus = self.corpus()
        arrays, exact = (
            load_arrays(join(self.cache, COMPONENTS_FILE)),
            load_arrays(join(self.cache, EXACT_FILE)),
        )
        low, high = np.searchsorted(arrays["partition"], (task.data, task.data + 1))
        ranks, component = arrays["member"][low:high], arrays["component"][low:high]
        numbers = numbers_of(ranks, exact["rank"])
        old = numbers[ranks < corpus.old]
        ids, sets = old_members(corpus, old, with_sets=self.verify)
        table = _with_old(old, ids, read_partition(self.cache, self.gathered, task.data))
        if table.num_rows != len(ranks):
            raise RuntimeError(
                f"partition {task.data} has {table.num_rows} of {len(ranks)} members"
            )
        low, high = np.searchsorted(arrays["pair_partition"], (task.data, task.data + 1))
        left, right = (np.searchsorted(ranks, arrays[side][low:high]) for side in ("left", "right"))
        original = _originals(ranks, exact["copies"], exact["originals"])
        if self.verify:
            near = arrays["nearness"][low:high]
            verdict = self._verify(table, sets, left, right, near, original)
        else:
            verdict = _first_of(component, ranks, old=len(old))
        components = numbers_of(component, exact["rank"])
        removed, clusters = tables_of(corpus, table, numbers, components, verdict)
        name = f"part-{task.data:05d}.parquet"
        for folder, rows in (("removed", removed), ("clusters", clusters)):
            if rows.num_rows:
                _write_parquet(join(self.output, folder, name), rows)
        # From here on the documents of the run are alone.
        drops = np.sort(numbers[verdict.kept >= 0]) - corpus.old
        path = join(self.cache, "drops", f"{task.data:05d}.npz")
        save_arrays(path, {"drops": drops})
        facts = {"removed": len(drops), "clusters": clusters.num_rows}
        facts |= {"capped": verdict.capped, "checks": verdict.checks}
        return FileGroupTask(data=[path], _metadata=facts)

    def resume(self, committed: frozenset[str]) -> None:
        """Remove the tables of partitions that are not done."""
        for folder in ("removed", "clusters"):
            for name in list_names(join(self.output, folder)):
                number = name.removeprefix("part-").partition(".")[0]
                if join(self.cache, "drops", f"{number}.npz") not in committed:
                    remove(join(self.output, folder, name))

    def _verify(
        self,
        table: pa.Table,
        old: WindowSets,
        left: NDArray[np.int64],
        right: NDArray[np.int64],
        nearness: NDArray[np.float32],
        original: NDArray[np.int64],
    ) -> Verdict:
        """Leaders among the documents with candidate pairs; copies follow their original."""
        leaders: Leaders = keep_leaders(
            table.column("text"),
            left,
            right,
            nearness,
            char_ngrams=self.char_ngrams,
            threshold=self.threshold,
            max_checks=self.max_checks,
            given=old,
        )
        kept, similarity = leaders.kept, leaders.similarity
        copies = np.flatnonzero(original >= 0)
        source = original[copies]
        stays = kept[source] < 0
        kept[copies] = np.where(stays, source, kept[source])
        similarity[copies] = np.where(stays, 1.0, similarity[source])
        return Verdict(
            kept=kept, similarity=similarity, capped=leaders.capped, checks=leaders.checks
        )


def _originals(
    ranks: NDArray[np.int64], copies: NDArray[np.int64], originals: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Index of the original of each member that is a copy, else -1."""
    original = np.full(len(ranks), -1, np.int64)
    place = np.searchsorted(copies, ranks)
    found = place < len(copies)
    found[found] = copies[place[found]] == ranks[found]
    original[found] = np.searchsorted(ranks, originals[place[found]])
    return original


def _with_old(ranks: NDArray[np.int64], ids: list[str | None], table: pa.Table) -> pa.Table:
    """The members of a partition, the old ones first; their texts are not known."""
    if not ids:
        return table
    columns: dict[str, Any] = {"rank": ranks, "id": ids, "text": [""] * len(ids)}
    return pa.concat_tables([pa.table(columns, SCHEMA), table]).combine_chunks()


def _first_of(component: NDArray[np.int64], ranks: NDArray[np.int64], *, old: int) -> Verdict:
    """Without verification the first of each component stays, which is what names it, and all old ones."""
    first = np.searchsorted(ranks, component)
    kept = np.where(component == ranks, -1, first)
    kept[:old] = -1
    return Verdict(kept=kept, similarity=np.where(kept < 0, 1.0, np.nan))


def tables_of(
    corpus: Corpus,
    table: pa.Table,
    numbers: NDArray[np.int64],
    components: NDArray[np.int64],
    verdict: Verdict,
) -> tuple[pa.Table, pa.Table]:
    """The rows of `removed/` and of `clusters/`, in keep order."""
    places = _places(corpus, numbers)
    own_ids = table.column("id").to_pylist()
    ids = [
        own or f"{f}:{r}" for own, f, r in zip(own_ids, places["file"], places["row"], strict=True)
    ]
    gone = np.flatnonzero(verdict.kept >= 0)
    rows: list[dict[str, Any]] = []
    clusters: dict[int, dict[str, Any]] = {}
    for i in gone.tolist():
        k = int(verdict.kept[i])
        similarity = None if np.isnan(verdict.similarity[i]) else float(verdict.similarity[i])
        row = {"id": ids[i], "kept_id": ids[k], "cluster_id": ids[k], "similarity": similarity}
        row |= {"component_id": int(components[i])}
        row |= {name: places[name][i] for name in ("file", "row", "byte_offset", "length")}
        rows.append(row)
        cluster = clusters.setdefault(
            k,
            {
                "cluster_id": ids[k],
                "component_id": int(components[k]),
                **{name: places[name][k] for name in ("file", "row", "byte_offset", "length")},
                "members": list[str](),
                "similarities": list[float | None](),
            },
        )
        cluster["members"].append(ids[i])
        cluster["similarities"].append(similarity)
    listed = [
        {**cluster, "size": len(cluster["members"]) + 1} for _, cluster in sorted(clusters.items())
    ]
    return pa.Table.from_pylist(rows, REMOVED_SCHEMA), pa.Table.from_pylist(listed, CLUSTERS_SCHEMA)


def _places(corpus: Corpus, numbers: NDArray[np.int64]) -> dict[str, list[Any]]:
    """File, row, byte offset and length of documents given by number."""
    bases, first_lines = corpus.bases, corpus.first_lines
    owner = np.searchsorted(bases, numbers, side="right") - 1
    places: dict[str, Any] = {
        name: np.empty(len(numbers), np.int64) for name in ("row", "byte_offset", "length")
    }
    files = np.empty(len(numbers), object)
    for b in np.unique(owner).tolist():
        block, mine = corpus.blocks[b], owner == b
        rows = numbers[mine] - bases[b]
        files[mine] = block.name
        places["row"][mine] = first_lines[b] + corpus.load(block, "line")[rows]
        places["byte_offset"][mine] = corpus.load(block, "position")[rows]
        places["length"][mine] = corpus.load(block, "length")[rows]
    return {"file": files.tolist(), **{name: values.tolist() for name, values in places.items()}}


def _write_parquet(path: str, table: pa.Table) -> None:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    write_atomic(path, buffer.getbuffer())
