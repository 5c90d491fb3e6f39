"""Find documents with the same text, the first step of the search for pairs.

Hashes are compared one range at a time, so that memory grows with the documents of a range and with
the number of copies, not with all documents.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from curator_engine.files.paths import join
from curator_engine.files.storage import open_atomic
from curator_engine.task import EmptyTask, FileGroupTask
from curator_text.fuzzy.buckets import EXACT_FILE, SEARCHED_FILE, in_part
from curator_text.fuzzy.lsh import may_repeat
from curator_text.fuzzy.pair_files import Numbers
from curator_text.read.keep import KeepPolicy, keep_rank
from curator_text.removal.corpus import Corpus
from curator_text.removal.corpus_stage import CorpusStage


@dataclass(kw_only=True)
class FindCopies(CorpusStage[EmptyTask]):
    """Find documents with the same text, and the rank of every document.

    Writes `rank` (by document number; empty if rank and number are the same), `copies` and
    `originals` (ranks). Of documents with the same text the first in keep order is the original.
    Documents of an index come first whatever the policy, and are never copies. A second file has
    the rank of every document with windows, in the order of their keys, and -1 for copies, since
    their originals stand for them.
    """

    keep: KeepPolicy
    part_documents: int = 1 << 23
    """Documents whose hashes are in memory together, at some 80 bytes each."""

    def process(self, task: EmptyTask) -> FileGroupTask:
        """Group by the 128-bit hash of the text."""
        corpus = self.corpus()
        rank = self._rank(corpus)
        parts = max(1, -(-corpus.count // self.part_documents))
        found = [_copies(corpus, rank, part, parts) for part in range(parts)]
        copies, originals = (np.concatenate(each) for each in zip(*found, strict=True))
        by_copy = np.argsort(copies)
        copies, originals = copies[by_copy], originals[by_copy]
        with open_atomic(join(self.cache, SEARCHED_FILE)) as file:
            for ranks in _searched(corpus, rank, copies):
                file.write(ranks.astype("<i8").data)
        arrays = {"rank": rank, "copies": copies, "originals": originals}
        return self.result(EXACT_FILE, arrays, copies=len(copies))

    def _rank(self, corpus: Corpus) -> Numbers:
        """The rank of every document; empty if it is the number."""
        if self.keep.kind == "first" or corpus.count == corpus.old:
            return np.empty(0, np.int64)
        new = [block for block in corpus.blocks if block.documents and not block.part]
        ranked = keep_rank([corpus.order(block) for block in new])
        return np.concatenate((np.arange(corpus.old), corpus.old + ranked))


def _copies(corpus: Corpus, rank: Numbers, part: int, parts: int) -> tuple[Numbers, Numbers]:
    """Ranks of the copies among the documents of one range of hashes, and of their originals."""
    some_hashes, some_numbers = [np.empty((0, 2), np.uint64)], [np.empty(0, np.int64)]
    for block, base in zip(corpus.blocks, corpus.bases[:-1].tolist(), strict=True):
        mine = corpus.load(block, "hash").reshape(-1, 2)
        chosen = np.flatnonzero(in_part(mine[:, 0], part, parts))
        some_hashes.append(mine[chosen])
        some_numbers.append(chosen + base)
    hashes, numbers = np.concatenate(some_hashes), np.concatenate(some_numbers)
    some = may_repeat(np.ascontiguousarray(hashes[:, 0]))
    hashes, numbers = hashes[some], numbers[some]
    places = rank[numbers] if len(rank) else numbers
    order = np.lexsort((places, hashes[:, 1], hashes[:, 0]))
    hashes, places = hashes[order], places[order]
    is_first = np.ones(len(order), np.bool_)
    is_first[1:] = np.any(hashes[1:] != hashes[:-1], axis=1)
    firsts = np.flatnonzero(is_first)[np.cumsum(is_first) - 1]
    goes = ~is_first & (places >= corpus.old)
    return places[goes], places[firsts][goes]


def _searched(corpus: Corpus, rank: Numbers, copies: Numbers) -> Iterator[Numbers]:
    """Of each block, the ranks of its documents with windows; -1 for copies, which are sorted."""
    sought = np.append(copies, -1)
    for block, base in zip(corpus.blocks, corpus.bases[:-1].tolist(), strict=True):
        numbers = corpus.load(block, "long") + base
        ranks = rank[numbers] if len(rank) else numbers
        yield np.where(sought[np.searchsorted(copies, ranks)] == ranks, -1, ranks)
