"""Decide, cluster by cluster, which documents go for being too similar; write what was removed.

The definition: in a cluster, in rank order, a document goes if its cosine similarity to an earlier
one is at least 1 - eps; with the rule "leaders" that earlier one must stay itself. Documents of an
index come first, whatever the rank, and stay.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.files.paths import join
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask
from curator_engine.vectors.kmeans import cluster_table
from curator_engine.vectors.pairwise import ROUNDING, keep_leaders, ranked
from curator_engine.vectors.ranking import RankingStrategy
from curator_text.dedup.removed_tables import Verdict, tables_of
from curator_text.removal.corpus import known_corpus
from curator_text.removal.corpus_stage import CORPUS_FILE, DecidingStage
from curator_text.semantic.embed import numbers_of_ids
from curator_text.semantic.index_vectors import OldVectors, nearest_old, old_vectors

type Rule = Literal["leaders", "any"]


@dataclass(kw_only=True)
class DecideClusters(DecidingStage[FileGroupTask]):
    """Decide about one cluster, whose similarities are known; its vectors are in memory."""

    scores_path: str
    """Folder of `PairwiseStage`'s results."""
    ranking: RankingStrategy
    eps: float
    rule: Rule
    folders = ("removed", "clusters")

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Write the cluster's tables and the numbers of the documents to remove."""
        number = int(task._metadata["centroid"])
        table, matrix = ranked(cluster_table(task.data), self.ranking, "id", "embeddings")
        scores = cluster_table([join(self.scores_path, f"cluster_{number}.parquet")])
        if not scores.column("id").equals(table.column("id")):
            raise RuntimeError(f"cluster {number} has other documents than its similarities")
        score = scores.column("cosine_sim_score").to_numpy()
        old = old_vectors(self.corpus(), number, matrix.shape[1])
        nearest, near = nearest_old(matrix, old.matrix)
        both = np.maximum(score, near)
        if self.rule == "leaders":
            none = np.full(len(old.numbers), -2, np.float32)
            every = np.concatenate((old.matrix, matrix))
            kept, similarity = keep_leaders(every, np.concatenate((none, both)), eps=self.eps)
        else:
            place = np.where(near >= score, nearest, _earlier(scores) + len(old.numbers))
            goes = both.astype(np.float64) >= 1 - self.eps - ROUNDING
            kept = np.concatenate((np.full(len(old.numbers), -1), np.where(goes, place, -1)))
            similarity = np.concatenate((np.ones(len(old.numbers), np.float32), both))
        drops, clusters = self._write(number, table, old, kept, similarity)
        return self.decided(number, drops, {"removed": len(drops), "clusters": clusters})

    def _write(
        self,
        number: int,
        table: pa.Table,
        old: OldVectors,
        kept: NDArray[np.int64],
        similarity: NDArray[np.float32],
    ) -> tuple[NDArray[np.int64], int]:
        """Numbers of the documents that go, sorted, and how many clusters of duplicates there are."""
        gone = np.flatnonzero(kept >= 0)
        if not len(gone):
            return np.empty(0, np.int64), 0
        # Only the rows that the tables name: places cost a look into the corpus's files.
        named = np.unique(np.concatenate((gone, kept[gone])))
        corpus, run = self.corpus(), known_corpus(join(self.cache, CORPUS_FILE))
        before = len(old.numbers)
        new = named[named >= before] - before
        own = numbers_of_ids(run, table.column("id").to_numpy()[new]) + corpus.old
        numbers = np.concatenate((old.numbers[named[named < before]], own))
        every = [*old.ids.chunks, *table.column("name").cast(pa.string()).chunks]
        names: Any = pa.chunked_array(every, pa.string()).take(pa.array(named, pa.int64()))
        mine = np.where(kept[named] >= 0, np.searchsorted(named, kept[named]), -1)
        verdict = Verdict(kept=mine, similarity=similarity[named].astype(np.float64))
        components = np.full(len(named), number, np.int64)
        removed, clusters = tables_of(corpus, names, numbers, components, verdict)
        for folder, rows in (("removed", removed), ("clusters", clusters)):
            write_table(join(self.output, folder, f"part-{number:05d}.parquet"), rows)
        return np.sort(numbers[mine >= 0] - corpus.old), clusters.num_rows


def _earlier(scores: pa.Table) -> NDArray[np.int64]:
    """Index of the most similar earlier document of each."""
    ids = scores.column("id").to_numpy()
    order = np.argsort(ids)
    return order[np.searchsorted(ids[order], scores.column("max_id").to_numpy())]
