"""Join candidate pairs to components, and give each component a partition to be verified in.

Whether a pair of a component is similar enough is `verify.py`'s.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curator_engine.storage import join
from curator_engine.task import EmptyTask, FileGroupTask
from curator_text.candidates import (
    EXACT_FILE,
    CorpusStage,
    load_arrays,
    numbers_of,
    signatures_by_rank,
)
from curator_text.corpus import Corpus
from curator_text.lsh import agreement, components

COMPONENTS_FILE = "components.npz"
_PAIRS_AT_A_TIME = 200_000


def screening_cut(threshold: float, num_hashes: int) -> float:
    """Agreement of signatures below which a pair is not looked at: four standard errors less."""
    return threshold - 4 * math.sqrt(threshold * (1 - threshold) / num_hashes)


@dataclass(kw_only=True)
class JoinPairs(CorpusStage[EmptyTask]):
    """Screen the pairs, join them to components and cut the components into partitions.

    Writes, by partition and rank, `member`, `component` (its first member), `partition`; by
    partition, `left`, `right`, `nearness` and `pair_partition`; all ids are ranks.
    """

    pair_files: list[str]
    min_agreement: float
    """Pairs whose signatures agree less are dropped, in [0, 1]."""
    partition_bytes: int
    preload = ("curator_text.preload",)

    def process(self, task: EmptyTask) -> FileGroupTask:
        """One union over all pairs: about 40 bytes per pair and member in memory."""
        corpus = self.corpus()
        exact = load_arrays(join(self.cache, EXACT_FILE))
        left, right, found = self._pairs(corpus.count)
        near = _agreement(corpus, left, right, exact["rank"])
        keep = near >= self.min_agreement
        left, right, near = left[keep], right[keep], near[keep]
        copies, originals = exact["copies"], exact["originals"]
        member = np.unique(np.concatenate((left, right, copies, originals)))
        local = (np.searchsorted(member, ids) for ids in (left, right, originals, copies))
        a, b, c, d = local
        root = components(np.concatenate((a, c)), np.concatenate((b, d)), count=len(member))
        partition, count = self._partition(corpus, numbers_of(member, exact["rank"]), root)
        by_partition = np.lexsort((member, partition))
        pair_partition = partition[a]
        pair_order = np.lexsort((left, right, pair_partition))
        arrays = {
            "member": member[by_partition],
            "component": member[root][by_partition],
            "partition": partition[by_partition],
            "left": left[pair_order],
            "right": right[pair_order],
            "nearness": near[pair_order],
            "pair_partition": pair_partition[pair_order],
        }
        facts = {"partitions": count, "pairs": found, "screened": found - len(left)}
        return self.result(COMPONENTS_FILE, arrays, members=len(member), **facts)

    def _pairs(self, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
        """All pairs, each once, sorted."""
        coded = np.empty(0, np.int64)
        for path in self.pair_files:
            arrays = load_arrays(path)
            coded = np.union1d(coded, arrays["left"] * count + arrays["right"])
        return coded // max(count, 1), coded % max(count, 1), len(coded)

    def _partition(
        self, corpus: Corpus, numbers: NDArray[np.int64], root: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], int]:
        """A partition per member, so that one holds about `partition_bytes` of lines."""
        if not len(root):
            return np.empty(0, np.int64), 0
        size = np.bincount(root, weights=corpus.load_all("length")[numbers], minlength=len(root))
        roots = np.flatnonzero(np.bincount(root, minlength=len(root)))
        before = np.cumsum(size[roots]) - size[roots]
        _, numbered = np.unique(
            (before // self.partition_bytes).astype(np.int64), return_inverse=True
        )
        of_root = np.zeros(len(root), np.int64)
        of_root[roots] = numbered
        return of_root[root], int(numbered.max()) + 1


def _agreement(
    corpus: Corpus, left: NDArray[np.int64], right: NDArray[np.int64], rank: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Agreement of each pair's signatures, a part of the pairs at a time."""
    out = np.empty(len(left), np.float32)
    for at in range(0, len(left), _PAIRS_AT_A_TIME):
        part = slice(at, at + _PAIRS_AT_A_TIME)
        ids = np.unique(np.concatenate((left[part], right[part])))
        signed = signatures_by_rank(corpus, ids, rank)
        a, b = np.searchsorted(ids, left[part]), np.searchsorted(ids, right[part])
        out[part] = agreement(signed, a, b)
    return out
