"""Decide, cluster by cluster, which documents go for being too similar; write what was removed.

The definition: in a cluster, in rank order, a document goes if its cosine similarity to an earlier
one is at least 1 - eps; with the rule "leaders" that earlier one must stay itself.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.files.paths import join
from curator_engine.files.storage import list_names, remove
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask
from curator_engine.vectors.kmeans import cluster_table
from curator_engine.vectors.pairwise import ROUNDING, keep_leaders, ranked
from curator_engine.vectors.ranking import RankingStrategy
from curator_text.dedup.removed_tables import Verdict, tables_of
from curator_text.removal.array_files import save_arrays
from curator_text.removal.corpus_stage import CorpusStage
from curator_text.semantic.embed import numbers_of_ids

type Rule = Literal["leaders", "any"]


@dataclass(kw_only=True)
class DecideClusters(CorpusStage[FileGroupTask]):
    """Decide about one cluster, whose similarities are known; its vectors are in memory."""

    output: str
    """Folder for `removed/` and `clusters/`."""
    scores_path: str
    """Folder of `PairwiseStage`'s results."""
    ranking: RankingStrategy
    eps: float
    rule: Rule
    writes_to: ClassVar[tuple[str, ...]] = ("cache", "output")

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Write the cluster's tables and the numbers of the documents to remove."""
        number = int(task._metadata["centroid"])
        table, matrix = ranked(cluster_table(task.data), self.ranking, "id", "embeddings")
        scores = cluster_table([join(self.scores_path, f"cluster_{number}.parquet")])
        if not scores.column("id").equals(table.column("id")):
            raise RuntimeError(f"cluster {number} has other documents than its similarities")
        score = scores.column("cosine_sim_score").to_numpy()
        if self.rule == "leaders":
            kept, similarity = keep_leaders(matrix, score, eps=self.eps)
        else:
            kept, similarity = _nearest(scores, score, self.eps), score
        drops, clusters = self._write(number, table, kept, similarity)
        path = join(self.cache, "drops", f"{number:05d}.npz")
        save_arrays(path, {"drops": drops})
        return FileGroupTask(data=[path], _metadata={"removed": len(drops), "clusters": clusters})

    def resume(self, committed: frozenset[str]) -> None:
        """Remove the tables of clusters that are not done."""
        for folder in ("removed", "clusters"):
            for name in list_names(join(self.output, folder)):
                number = name.removeprefix("part-").partition(".")[0]
                if join(self.cache, "drops", f"{number}.npz") not in committed:
                    remove(join(self.output, folder, name))

    def _write(
        self,
        number: int,
        table: pa.Table,
        kept: NDArray[np.int64],
        similarity: NDArray[np.float32],
    ) -> tuple[NDArray[np.int64], int]:
        """Numbers of the documents that go, sorted, and how many clusters of duplicates there are."""
        gone = np.flatnonzero(kept >= 0)
        if not len(gone):
            return np.empty(0, np.int64), 0
        # Only the rows that the tables name: places cost a look into the corpus's files.
        named = np.unique(np.concatenate((gone, kept[gone])))
        corpus = self.corpus()
        numbers = numbers_of_ids(corpus, table.column("id").to_numpy()[named])
        names: Any = table.column("name").take(pa.array(named, pa.int64()))
        mine = np.where(kept[named] >= 0, np.searchsorted(named, kept[named]), -1)
        verdict = Verdict(kept=mine, similarity=similarity[named].astype(np.float64))
        components = np.full(len(named), number, np.int64)
        removed, clusters = tables_of(corpus, names, numbers, components, verdict)
        for folder, rows in (("removed", removed), ("clusters", clusters)):
            write_table(join(self.output, folder, f"part-{number:05d}.parquet"), rows)
        return np.sort(numbers[mine >= 0]), clusters.num_rows


def _nearest(scores: pa.Table, score: NDArray[np.float32], eps: float) -> NDArray[np.int64]:
    """Index of the most similar earlier document where it is similar enough, else -1."""
    ids = scores.column("id").to_numpy()
    order = np.argsort(ids)
    place = order[np.searchsorted(ids[order], scores.column("max_id").to_numpy())]
    return np.where(score.astype(np.float64) >= 1 - eps - ROUNDING, place, -1)
