"""Join candidate pairs to components, and give each component a partition to be verified in.

Whether a pair of a component is similar enough is `verify.py`'s.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.stages.device import Device
from curator_engine.storage import join
from curator_engine.task import EmptyTask, FileGroupTask
from curator_text.candidates import (
    EXACT_FILE,
    CorpusStage,
    load_arrays,
    numbers_of,
    save_arrays,
    signatures_by_rank,
)
from curator_text.corpus import Corpus
from curator_text.graph_components import join_components
from curator_text.lsh import agreement
from curator_text.sign import save_array

MEMBERS_FILE = "members.npy"
"""Number, rank and partition of every document of a component, shape (3, members), by number."""
_PAIRS_AT_A_TIME = 30_000
_LEAST_TO_MERGE = 4_000_000


def partition_file(partition: int) -> str:
    """The file, in the cache, of the components of a partition."""
    return f"components/{partition:05d}.npz"


def screening_cut(threshold: float, num_hashes: int) -> float:
    """Agreement of signatures below which a pair is not looked at: four standard errors less."""
    return threshold - 4 * math.sqrt(threshold * (1 - threshold) / num_hashes)


@dataclass(kw_only=True)
class JoinPairs(CorpusStage[EmptyTask]):
    """Screen the pairs, join them to components and cut the components into partitions.

    Writes `MEMBERS_FILE`, and a file per partition with, per member in order of rank, `rank`,
    `number`, `root` (index of its component's first member), `original` (index of the document that
    it is a copy of, else -1), `position`, `length` and `line` (in its file), and per pair `left`,
    `right` (indices) and `nearness`.
    """

    pair_files: list[str]
    min_agreement: float
    """Pairs whose signatures agree less are dropped, in [0, 1]."""
    partition_bytes: int
    device: Device = "cpu"
    preload = ("curator_text.preload",)

    def process(self, task: EmptyTask) -> FileGroupTask:
        """One union over all pairs: about 100 bytes per pair and member in memory."""
        corpus = self.corpus()
        exact = load_arrays(join(self.cache, EXACT_FILE))
        left, right, found = self._pairs(corpus.count)
        near = _agreement(corpus, left, right, exact["rank"])
        keep = near >= self.min_agreement
        left, right, near = left[keep], right[keep], near[keep]
        copies, originals = exact["copies"], exact["originals"]
        member = np.unique(np.concatenate((left, right, copies, originals)))
        local = (np.searchsorted(member, ids) for ids in (left, right, originals, copies))
        left, right, originals, copies = local
        root = join_components(
            np.concatenate((left, originals)),
            np.concatenate((right, copies)),
            count=len(member),
            device=self.device,
        )
        number = numbers_of(member, exact["rank"])
        places = corpus.places(number)
        original = np.full(len(member), -1, np.int64)
        original[copies] = originals
        partition, count = self._partition(places["length"], root)
        by_number = np.argsort(number)
        save_array(
            join(self.cache, MEMBERS_FILE),
            np.stack((number, member, partition))[:, by_number],
        )
        of_members = {"rank": member, "number": number, "root": root, "original": original}
        of_members |= places
        of_pairs = {"left": left, "right": right, "nearness": near}
        self._save_partitions(partition, count, of_members, of_pairs)
        facts = {"partitions": count, "pairs": found, "screened": found - len(left)}
        facts["members"] = len(member)
        return FileGroupTask(data=[join(self.cache, MEMBERS_FILE)], _metadata=facts)

    def _save_partitions(
        self,
        partition: NDArray[np.int64],
        count: int,
        of_members: dict[str, NDArray[Any]],
        of_pairs: dict[str, NDArray[Any]],
    ) -> None:
        """A file for each partition, its indices counted from its own first member."""
        order = np.argsort(partition, kind="stable")
        starts = np.searchsorted(partition[order], np.arange(count + 1))
        place = np.empty_like(order)
        place[order] = np.arange(len(order)) - starts[partition[order]]
        of_pair = partition[of_pairs["left"]]
        pair_order = np.argsort(of_pair, kind="stable")
        pair_starts = np.searchsorted(of_pair[pair_order], np.arange(count + 1))
        for p in range(count):
            mine = order[starts[p] : starts[p + 1]]
            pairs = pair_order[pair_starts[p] : pair_starts[p + 1]]
            arrays = {name: values[mine] for name, values in of_members.items()}
            arrays["root"] = place[arrays["root"]]
            copy = arrays["original"] >= 0
            arrays["original"][copy] = place[arrays["original"][copy]]
            arrays |= {name: place[of_pairs[name][pairs]] for name in ("left", "right")}
            arrays["nearness"] = of_pairs["nearness"][pairs]
            save_arrays(join(self.cache, partition_file(p)), arrays)

    def _pairs(self, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
        """All pairs, each once, sorted."""
        coded, waiting, size = np.empty(0, np.int64), list[NDArray[np.int64]](), 0
        for path in self.pair_files:
            arrays = load_arrays(path)
            waiting.append(arrays["left"] * count + arrays["right"])
            size += len(waiting[-1])
            if size > max(len(coded), _LEAST_TO_MERGE):
                coded, waiting, size = np.unique(np.concatenate((coded, *waiting))), [], 0
        coded = np.unique(np.concatenate((coded, *waiting)))
        return coded // max(count, 1), coded % max(count, 1), len(coded)

    def _partition(
        self, length: NDArray[np.int64], root: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], int]:
        """A partition per member, so that one holds about `partition_bytes` of lines."""
        if not len(root):
            return np.empty(0, np.int64), 0
        size = np.bincount(root, weights=length, minlength=len(root))
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
