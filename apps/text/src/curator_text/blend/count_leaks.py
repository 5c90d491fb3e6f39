"""Count documents of one part that are like one of another part: the same text, site, cluster or field.

Hashes are cut into ranges, each of which is looked at alone: memory does not grow with the documents.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from curator_engine.failures import FailurePolicy
from curator_engine.files.paths import join
from curator_engine.stage import ProcessingStage
from curator_engine.task import FileGroupTask
from curator_text.blend.amounts import Draw
from curator_text.blend.draw_documents import epoch_keys
from curator_text.blend.measure_documents import group_path, load_documents
from curator_text.blend.sources import PARTS, InputShard
from curator_text.dedup.removed_tables import PartitionTask
from curator_text.removal.array_files import load_table, save_arrays
from curator_text.removal.corpus_stage import MUST_SUCCEED

RANGE_DOCUMENTS = 4_000_000
"""Documents of a range, about: some 100 MB."""
PAIRS = ((0, 1), (0, 2), (1, 2))
"""Parts that are compared: the documents of the second one are counted."""

type Leaks = dict[str, dict[str, int]]
"""For each group, documents of a part that are in another one as well, by `train/validation` and the like."""


@dataclass(kw_only=True)
class CountLeaks(ProcessingStage[PartitionTask, FileGroupTask]):
    """Count in one range of hashes a task."""

    cache: str
    shards: Sequence[InputShard]
    names: Sequence[Sequence[str]]
    """The sources of each file."""
    draws: Mapping[str, Draw]
    """What of each source is drawn: a document that is not, cannot leak."""
    groups: Sequence[str]
    ranges: int
    seed: int = 42
    input_key: str
    """Changes with the input and its parts."""
    failure_policy: FailurePolicy | None = field(default=MUST_SUCCEED)
    writes_to: ClassVar[tuple[str, ...]] = ("cache",)

    def process(self, task: PartitionTask) -> FileGroupTask:
        """Counts are in the result's metadata."""
        found = {group: self._counts(group, task.data) for group in self.groups}
        path = join(self.cache, "leaks", f"{task.data:05d}.npz")
        save_arrays(
            path, {group: np.array(list(counts.values())) for group, counts in found.items()}
        )
        return FileGroupTask(data=[path], _metadata={"leaks": found})

    def _counts(self, group: str, number: int) -> dict[str, int]:
        edges = [(i << 64) // self.ranges for i in (number, number + 1)]
        hashes, parts = [np.empty(0, np.uint64)], [np.empty(0, np.uint8)]
        for i in range(len(self.shards)):
            table: Any = load_table(group_path(self.cache, i, group))
            column: NDArray[np.uint64] = table.column("hash").to_numpy()
            first = int(np.searchsorted(column, np.uint64(edges[0])))
            is_last = edges[1] > np.iinfo(np.uint64).max
            after = len(column) if is_last else int(np.searchsorted(column, np.uint64(edges[1])))
            documents = table.column("document").to_numpy()[first:after]
            part, is_used = self._parts(i, documents)
            hashes.append(column[first:after][is_used])
            parts.append(part[is_used])
        return count_pairs(np.concatenate(hashes), np.concatenate(parts))

    def _parts(
        self, number: int, documents: NDArray[np.int64]
    ) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """The parts of documents of a file, and whether they are in the blend."""
        measured = load_documents(self.cache, number)
        part, source = measured["part"][documents], measured["source"][documents]
        keys = epoch_keys(self.shards[number], documents, seed=self.seed, epoch=0)
        is_used = part > 0
        for i, name in enumerate(self.names[number]):
            mine = (source == i) & (part == 0)
            is_used[mine] = self.draws.get(name, Draw()).drawn(keys[mine], 0)
        return part, is_used


def count_pairs(hashes: NDArray[np.uint64], parts: NDArray[np.uint8]) -> dict[str, int]:
    """How many documents of a part have the hash of one of another part.

    Args:
        hashes: Of the groups of documents.
        parts: Their parts.
    """
    _, at = np.unique(hashes, return_inverse=True)
    size = int(at.max()) + 1 if len(at) else 0
    is_in = [np.bincount(at[parts == part], minlength=size) > 0 for part in range(len(PARTS))]
    return {f"{PARTS[a]}/{PARTS[b]}": int(is_in[a][at[parts == b]].sum()) for a, b in PAIRS}


def added_leaks(tasks: Sequence[FileGroupTask]) -> Leaks:
    """The counts of all ranges together."""
    total: Leaks = {}
    for task in tasks:
        for group, counts in task._metadata["leaks"].items():
            known = total.setdefault(group, dict.fromkeys(counts, 0))
            for pair, count in counts.items():
                known[pair] += count
    return total
