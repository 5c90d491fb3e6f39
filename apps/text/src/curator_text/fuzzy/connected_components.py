"""Join candidate pairs to components, and give each component a partition to be verified in.

`verify.py` decides whether a pair of a component is similar enough.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.device import Device
from curator_engine.files.paths import join
from curator_engine.files.storage import remove_tree
from curator_engine.task import EmptyTask, FileGroupTask
from curator_text.fuzzy.buckets import (
    EXACT_FILE,
    PAIRS_PER_SIGNATURE,
    numbers_of,
    signatures_by_rank,
)
from curator_text.fuzzy.gpu_components import join_components
from curator_text.fuzzy.lsh import agreement
from curator_text.fuzzy.pair_files import Numbers, distinct, read_rows, unique_pairs, write_rows
from curator_text.removal.array_files import load_arrays, save_array, save_arrays
from curator_text.removal.corpus import Corpus
from curator_text.removal.corpus_stage import CorpusStage

MEMBERS_FILE = "members.npy"
"""Number, rank and partition of every document of a component, shape (3, members), by number."""
PAIR = np.dtype([("left", "<i8"), ("right", "<i8"), ("nearness", "<f4")])


def partition_file(partition: int) -> str:
    """The file, in the cache, of the components of a partition."""
    return f"components/{partition:05d}.npz"


def screening_cut(threshold: float, num_hashes: int) -> float:
    """Agreement of signatures below which a pair is dropped: four standard errors below the threshold."""
    return threshold - 4 * math.sqrt(threshold * (1 - threshold) / num_hashes)


@dataclass(kw_only=True)
class JoinPairs(CorpusStage[EmptyTask]):
    """Screen the pairs, join them to components and cut the components into partitions.

    Writes `MEMBERS_FILE`, and a file per partition with, per member in order of rank, `rank`,
    `number`, `root` (index of its component's first member), `original` (index of the document that
    it is a copy of, else -1), `position`, `length` and `line` (in its file), and per pair `left`,
    `right` (indices) and `nearness`.
    """

    runs: list[str]
    """Files of candidate pairs, see `pair_files.py`."""
    min_agreement: float
    """Pairs whose signatures agree less are dropped, in [0, 1]."""
    partition_bytes: int
    pairs_at_a_time: int = 1 << 22
    device: Device = "cpu"
    preload = ("curator_text.kernels.preload",)

    def process(self, task: EmptyTask) -> FileGroupTask:
        """Screen, join and cut; memory: about 100 bytes per member, and 60 per pair at a time."""
        exact = load_arrays(join(self.cache, EXACT_FILE))
        copies, originals = exact["copies"], exact["originals"]
        screened = ScreenedPairs(folder=join(self.cache, "screened"))
        member, found = self._screen(screened, exact["rank"])
        member = distinct(np.concatenate((member, copies, originals)))
        originals, copies = (np.searchsorted(member, ids) for ids in (originals, copies))
        edges = itertools.chain([(originals, copies)], screened.among(member))
        root = join_components(edges, count=len(member), device=self.device)
        number = numbers_of(member, exact["rank"])
        places = self.corpus().places(number)
        original = np.full(len(member), -1, np.int64)
        original[copies] = originals
        partition, count = self._partition(places["length"], root)
        by_number = np.argsort(number)
        save_array(
            join(self.cache, MEMBERS_FILE),
            np.stack((number, member, partition))[:, by_number],
        )
        of_members = {"rank": member, "number": number, "root": root, "original": original}
        self._save_partitions(partition, count, of_members | places, screened)
        screened.remove()
        facts = {"partitions": count, "pairs": found, "screened": found - screened.pairs}
        facts["members"] = len(member)
        return FileGroupTask(data=[join(self.cache, MEMBERS_FILE)], _metadata=facts)

    def _screen(self, screened: "ScreenedPairs", rank: Numbers) -> tuple[Numbers, int]:
        """Keep the pairs that agree; their documents, sorted, and how many pairs there were."""
        corpus, found, documents = self.corpus(), 0, np.empty(0, np.int64)
        at_a_time = max(1, self.pairs_at_a_time // PAIRS_PER_SIGNATURE)
        for coded in unique_pairs(self.runs, at_a_time=self.pairs_at_a_time):
            pairs = np.empty(len(coded), PAIR)
            pairs["left"], pairs["right"] = np.divmod(coded, corpus.count)
            for at in range(0, len(pairs), at_a_time):
                _set_nearness(pairs[at : at + at_a_time], corpus, rank)
            pairs = pairs[pairs["nearness"] >= self.min_agreement]
            screened.add(pairs)
            documents = distinct(np.concatenate((documents, pairs["left"], pairs["right"])))
            found += len(coded)
        return documents, found

    def _save_partitions(
        self,
        partition: Numbers,
        count: int,
        of_members: dict[str, NDArray[Any]],
        screened: "ScreenedPairs",
    ) -> None:
        """A file for each partition, its indices counted from its own first member."""
        order = np.argsort(partition, kind="stable")
        starts = np.searchsorted(partition[order], np.arange(count + 1))
        place = np.empty_like(order)
        place[order] = np.arange(len(order)) - starts[partition[order]]
        screened.sort_into(partition, count, member=of_members["rank"], place=place)
        for p in range(count):
            mine = order[starts[p] : starts[p + 1]]
            arrays = {name: values[mine] for name, values in of_members.items()}
            arrays["root"] = place[arrays["root"]]
            copy = arrays["original"] >= 0
            arrays["original"][copy] = place[arrays["original"][copy]]
            pairs = screened.of_partition(p)
            arrays |= {name: pairs[name] for name in ("left", "right", "nearness")}
            save_arrays(join(self.cache, partition_file(p)), arrays)

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


@dataclass(kw_only=True)
class ScreenedPairs:
    """The pairs that are left, in several files, of which one at a time is in memory."""

    folder: str
    pairs: int = 0
    _parts: int = 0
    _starts: list[Numbers] = field(default_factory=list[Numbers])
    """Where each partition begins in each part, once they are sorted."""

    def add(self, pairs: NDArray[Any]) -> None:
        """Add a part, with ranks."""
        write_rows(self._path(self._parts), pairs)
        self._parts += 1
        self.pairs += len(pairs)

    def among(self, member: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
        """Left and right of each part as indices of these ranks, which are sorted."""
        for part in range(self._parts):
            pairs = read_rows(self._path(part), PAIR)
            yield np.searchsorted(member, pairs["left"]), np.searchsorted(member, pairs["right"])

    def sort_into(self, partition: Numbers, count: int, *, member: Numbers, place: Numbers) -> None:
        """Sort each part by partition, with places in it instead of ranks.

        Args:
            partition: Of each member.
            count: Partitions.
            member: Their ranks, sorted.
            place: Of each member in its partition.
        """
        for part in range(self._parts):
            pairs = read_rows(self._path(part), PAIR).copy()
            mine = partition[np.searchsorted(member, pairs["left"])]
            for name in ("left", "right"):
                pairs[name] = place[np.searchsorted(member, pairs[name])]
            order = np.argsort(mine, kind="stable")
            self._starts.append(np.searchsorted(mine[order], np.arange(count + 1)))
            write_rows(self._path(part), pairs[order])

    def of_partition(self, partition: int) -> NDArray[Any]:
        """The pairs of one partition, once they are sorted."""
        return np.concatenate(
            [
                np.empty(0, PAIR),
                *(
                    read_rows(self._path(part), PAIR, *starts[partition : partition + 2].tolist())
                    for part, starts in enumerate(self._starts)
                ),
            ]
        )

    def remove(self) -> None:
        """Remove the files."""
        remove_tree(self.folder)

    def _path(self, part: int) -> str:
        return join(self.folder, f"{part:05d}.pairs")


def _set_nearness(pairs: NDArray[Any], corpus: Corpus, rank: Numbers) -> None:
    """Set the agreement of each pair's signatures."""
    left, right = pairs["left"], pairs["right"]
    ids = distinct(np.concatenate((left, right)))
    signed = signatures_by_rank(corpus, ids, rank)
    pairs["nearness"] = agreement(signed, np.searchsorted(ids, left), np.searchsorted(ids, right))
