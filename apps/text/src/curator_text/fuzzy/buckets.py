"""Find pairs of documents that may be near-duplicates, by buckets per band.

`copies.py` has found exact copies before. Documents go by their *rank*, their place in keep order; with
`keep=first` that is their number. A crowded bucket is not truncated: see docs/decisions/0005-crowded-buckets.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curator_engine.files.paths import join
from curator_engine.files.storage import open_read
from curator_engine.task import EmptyTask, FileGroupTask, Task
from curator_text.fuzzy.lsh import bucket_pairs, components, crowded_pairs
from curator_text.fuzzy.pair_files import Numbers, PairWriter, cut_before, distinct, unique_pairs
from curator_text.removal.array_files import load_arrays
from curator_text.removal.corpus import Corpus
from curator_text.removal.corpus_stage import CorpusStage

EXACT_FILE = "exact.npz"
SEARCHED_FILE = "searched.int64"
"""The rank of every document with windows, in the order of their keys; -1 for copies."""
PAIRS_PER_SIGNATURE = 16
"""Candidate pairs that take as much memory as the signatures that are compared for one pair."""


def in_part(keys: NDArray[np.uint64], part: int, parts: int) -> NDArray[np.bool_]:
    """Mark the keys that lie in range number `part` of the `parts` equal ranges of all 64-bit keys."""
    if parts == 1:
        return np.ones(len(keys), np.bool_)
    low, last = part * (1 << 64) // parts, (part + 1) * (1 << 64) // parts - 1
    return (keys >= np.uint64(low)) & (keys <= np.uint64(last))


@dataclass(kw_only=True)
class BandTask(Task[int]):
    """Some bands of the signatures, or one part of the keys of a band; `data` is the number of the first band."""

    bands: int = 1
    """How many bands."""
    part: int = 0
    parts: int = 1
    """How many equal parts the range of the keys is cut into."""

    def source_key(self) -> str:
        """The bands' numbers, and the part."""
        last = f"to{self.data + self.bands - 1}" if self.bands > 1 else ""
        part = f"-{self.part}-of-{self.parts}" if self.parts > 1 else ""
        return f"band{self.data}{last}{part}"


@dataclass(kw_only=True)
class FillBuckets(CorpusStage[BandTask]):
    """Put the documents of some bands, or of one part of a band, into buckets and write the pairs.

    The result refers to runs of pairs, and to runs of the members of crowded buckets, each paired
    with the first of its bucket. Memory: 40 bytes per document of the part, 16 more per band, and
    32 per pair at a time.
    """

    max_bucket: int
    pairs_at_a_time: int = 1 << 22
    preload = ("curator_text.kernels.preload",)

    def process(self, task: BandTask) -> FileGroupTask:
        """Pairs with equal keys, by rank; copies are left out."""
        corpus = self.corpus()
        keys = [[np.empty(0, np.uint64)] for _ in range(task.bands)]
        ranks = [[np.empty(0, np.int64)] for _ in range(task.bands)]
        with open_read(join(self.cache, SEARCHED_FILE)) as searched:
            for block in corpus.bands(task.data, task.bands):
                mine = np.frombuffer(searched.read(8 * block.shape[1]), "<i8")
                for k, row in enumerate(block):
                    chosen = (mine >= 0) & in_part(row, task.part, task.parts)
                    keys[k].append(row[chosen])
                    ranks[k].append(mine[chosen])
        path = join(self.cache, "pairs", task.source_key())
        writer = PairWriter(path=path, at_a_time=self.pairs_at_a_time)
        crowds = PairWriter(path=f"{path}.crowds", at_a_time=self.pairs_at_a_time)
        while keys:
            for left, right, crowded in bucket_pairs(
                np.concatenate(keys.pop()),
                np.concatenate(ranks.pop()),
                max_bucket=self.max_bucket,
                first_new=corpus.old,
                at_a_time=self.pairs_at_a_time // 2,
            ):
                writer.add(left * corpus.count + right)
                crowds.add(crowded[0] * corpus.count + crowded[1])
        writer.flush()
        crowds.flush()
        return FileGroupTask(data=writer.runs + crowds.runs, _metadata={"runs": len(writer.runs)})


@dataclass(kw_only=True)
class SplitCrowds(CorpusStage[EmptyTask]):
    """Find the pairs among documents of crowded buckets by single rows of their signatures.

    Crowds that share a document count as one. Some crowds are in memory at a time, with about a
    kilobyte per document; a single crowd is in memory as a whole, however large it is.
    """

    max_bucket: int
    min_agreement: float
    runs: list[str]
    """Members of crowded buckets, each paired with its bucket's first."""
    pairs_at_a_time: int = 1 << 22
    preload = ("curator_text.kernels.preload",)

    def process(self, task: EmptyTask) -> FileGroupTask:
        """Write the runs of pairs."""
        corpus, ranks = self.corpus(), np.empty(0, np.int64)
        for edges in self._edges(corpus.count):
            ranks = distinct(np.concatenate((ranks, *edges)))
        among = (
            (np.searchsorted(ranks, left), np.searchsorted(ranks, right))
            for left, right in self._edges(corpus.count)
        )
        root = components(among, count=len(ranks))
        rank = load_arrays(join(self.cache, EXACT_FILE))["rank"]
        writer = PairWriter(path=join(self.cache, "pairs/crowds"), at_a_time=self.pairs_at_a_time)
        for some in self._some_crowds(root):
            left, right = crowded_pairs(
                signatures_by_rank(corpus, ranks[some], rank),
                ranks[root[some]],
                max_bucket=self.max_bucket,
                min_agreement=self.min_agreement,
                first_new=int(np.searchsorted(ranks[some], corpus.old)),
                at_a_time=self.pairs_at_a_time,
            )
            writer.add(ranks[some[left]] * corpus.count + ranks[some[right]])
        writer.flush()
        return FileGroupTask(data=writer.runs, _metadata={"crowded": len(ranks)})

    def _edges(self, count: int) -> Iterator[tuple[Numbers, Numbers]]:
        """Yield the ranks of a bucket's first document and of its members, in parts."""
        for coded in unique_pairs(self.runs, at_a_time=self.pairs_at_a_time):
            yield np.divmod(coded, count)

    def _some_crowds(self, root: Numbers) -> Iterator[Numbers]:
        """Yield the indices of documents, in order, of the crowds that are in memory together."""
        by_crowd = np.argsort(root, kind="stable")
        sizes = np.bincount(root)
        ends = np.cumsum(sizes)
        for first, last in cut_before(sizes, max(1, self.pairs_at_a_time // PAIRS_PER_SIGNATURE)):
            yield np.sort(by_crowd[ends[first] - sizes[first] : ends[last - 1]])


def numbers_of(ranks: NDArray[np.int64], rank: NDArray[np.int64]) -> NDArray[np.int64]:
    """Document numbers of ranks; `rank` is the rank of every number, empty for the identity."""
    if not len(rank):
        return ranks
    number = np.empty_like(rank)
    number[rank] = np.arange(len(rank))
    return number[ranks]


def signatures_by_rank(
    corpus: Corpus, ranks: NDArray[np.int64], rank: NDArray[np.int64]
) -> NDArray[np.uint16]:
    """Signatures of documents given by rank, in that order; shape (len(ranks), hashes)."""
    numbers = numbers_of(ranks, rank)
    if not len(rank):
        return corpus.signatures(numbers)
    order = np.argsort(numbers)
    found = corpus.signatures(numbers[order])
    signed = np.empty_like(found)
    signed[order] = found
    return signed
