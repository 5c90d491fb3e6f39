"""Compare the vectors of each cluster: the most similar one among those that come before.

What comes before is `ranking.py`'s. Memory is bounded by the cluster's vectors and one tile of
similarities. `keep_leaders` decides by what stays; `identify_duplicates` as NeMo Curator does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.batch_size import BatchSize
from curator_engine.device import Device, choose_device
from curator_engine.failures import FailurePolicy
from curator_engine.files.listing import list_files
from curator_engine.files.paths import join
from curator_engine.files.storage import list_folders, list_names, remove
from curator_engine.positional import positional
from curator_engine.resources import Resources
from curator_engine.stage import AnyStage, CompositeStage, ProcessingStage
from curator_engine.stages.table_files import write_table
from curator_engine.task import EmptyTask, FileGroupTask, file_safe
from curator_engine.vectors.kmeans import (
    CLUSTER_FOLDER,
    MUST_SUCCEED,
    cluster_table,
    cluster_vectors,
)
from curator_engine.vectors.matrix import Matrix, to_device, to_numpy, wide
from curator_engine.vectors.ranking import Keep, RankingStrategy, ranking_for
from curator_engine.workflow import take_storage

ROUNDING = 1e-6
"""What single precision may take from a similarity: added when it is compared with 1 - eps."""

_TILE, _CELLS = 8192, 1 << 23


def nearest_earlier(
    matrix: Matrix, *, batch_size: int = 1024, device: Literal["cpu", "gpu"] = "cpu"
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """For each vector the most similar one before it, ties to the first, and their cosine.

    Args:
        matrix: Vectors of length one, in rank order, shape (vectors, dims).
        batch_size: Vectors that are compared at a time.
        device: Where to compute.

    Returns:
        Index and similarity, shape (vectors,) each; the first vector has itself and 0.
    """
    xp, array = to_device(matrix, device)
    size = BatchSize(size=batch_size, unit="vectors")
    return size.call(lambda rows: nearest_before(array, xp=xp, batch_size=rows))


def nearest_before(
    array: Any, *, xp: Any, batch_size: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """As `nearest_earlier`: `xp` is numpy or torch, and the array is its own."""
    count = len(array)
    index, score = np.zeros(count, np.int64), np.zeros(count, np.float32)
    for start in range(0, count, batch_size):
        part = wide(array[start : start + batch_size])
        own = part @ part.T
        # Below the diagonal is what comes before; -2 is less than any cosine.
        own = xp.tril(own, -1) + 2 * (xp.tril(xp.ones_like(own), -1) - 1)
        place = own.argmax(1)
        best, found = own[range(len(part)), place], place + start
        for left in range(0, start, _TILE):
            cosine = part @ wide(array[left : min(left + _TILE, start)]).T
            place = cosine.argmax(1)
            value = cosine[range(len(part)), place]
            better = (value > best) | ((value == best) & (place + left < found))
            best, found = xp.where(better, value, best), xp.where(better, place + left, found)
        index[start : start + batch_size] = to_numpy(found)
        score[start : start + batch_size] = to_numpy(best)
    if count:
        index[0], score[0] = 0, 0.0
    return index, score


def keep_leaders(
    matrix: Matrix, score: NDArray[np.float32], *, eps: float
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Decide in rank order: a vector goes if its similarity to one that stays is at least 1 - eps.

    Args:
        matrix: Vectors of length one, in rank order.
        score: Similarity to the most similar one before it, from `nearest_earlier`.
        eps: In (0, 1).

    Returns:
        Index of the most similar one that stays (-1 for those that stay themselves), and the
        similarity to it.
    """
    count, cut = len(matrix), 1 - eps - ROUNDING
    kept, similarity = np.full(count, -1, np.int64), np.ones(count, np.float32)
    stays = np.ones(count, bool)
    candidates = np.flatnonzero(score >= cut)
    step = max(1, _CELLS // max(count, 1))
    for at in range(0, len(candidates), step):
        part = candidates[at : at + step]
        cosine = wide(matrix[part]) @ wide(matrix[: part[-1]]).T
        for row, i in enumerate(part.tolist()):
            known = np.where(stays[:i], cosine[row, :i], -2)
            best = int(known.argmax())
            if known[best] >= cut:
                stays[i], kept[i], similarity[i] = False, best, known[best]
    return kept, similarity


@dataclass(kw_only=True)
class ClusterPartitioner(ProcessingStage[EmptyTask, FileGroupTask]):
    """List the clusters, a task each."""

    input_path: str
    """The folder that `kmeans.py` wrote."""
    fan_out: ClassVar[bool] = True

    def process(self, task: EmptyTask) -> list[FileGroupTask]:
        """The clusters in the order of their numbers."""
        names = [n for n in list_folders(self.input_path) if n.startswith(CLUSTER_FOLDER)]
        tasks: list[FileGroupTask] = []
        for number in sorted(int(name.removeprefix(CLUSTER_FOLDER)) for name in names):
            folder = join(self.input_path, f"{CLUSTER_FOLDER}{number}")
            files = list_files([folder], extensions=[".parquet"], allow_empty=True)
            if files:
                tasks.append(
                    FileGroupTask(
                        data=[file.path for file in files],
                        stamp="|".join(file.stamp for file in files),
                        _metadata={"centroid": number},
                    )
                )
        return tasks


@dataclass(kw_only=True)
class PairwiseCosineSimilarityStage(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Write `cluster_K.parquet`: id, max_id, cosine_sim_score, cluster; rows in rank order."""

    output_path: str
    ranking_strategy: RankingStrategy
    id_field: str = "id"
    embedding_field: str = "embeddings"
    pairwise_batch_size: int = 1024
    device: Device = "auto"
    key: str = ""
    failure_policy: FailurePolicy | None = field(default=MUST_SUCCEED)
    writes_to: ClassVar[tuple[str, ...]] = ("output_path",)

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Compare one cluster.

        Raises:
            InputError: The ranking needs a column that is not there.
        """
        number = int(task._metadata["centroid"])
        table = cluster_table(task.data)
        table, matrix = ranked(table, self.ranking_strategy, self.id_field, self.embedding_field)
        index, score = nearest_earlier(
            matrix, batch_size=self.pairwise_batch_size, device=choose_device(self.device)
        )
        ids = table.column(self.id_field)
        columns: list[Any] = [
            ids,
            ids.take(pa.array(index, pa.int64())),
            pa.array(score),
            pa.array(np.full(len(score), number, np.int64)),
        ]
        names = ["id", "max_id", "cosine_sim_score", "cluster"]
        path = join(self.output_path, f"cluster_{number}.parquet")
        write_table(path, pa.table(columns, names=names))
        return FileGroupTask(data=[path], _metadata={"centroid": number, "rows": len(score)})

    def resume(self, committed: frozenset[str]) -> None:
        """Remove the results of clusters that are not done."""
        for name in list_names(self.output_path):
            path = join(self.output_path, name)
            if name.startswith("cluster_") and path not in committed:
                remove(path)


@positional(
    "id_field",
    "embedding_field",
    "input_path",
    "output_path",
    "ranking_strategy",
    "embedding_dim",
    "pairwise_batch_size",
    "verbose",
    "read_kwargs",
    "write_kwargs",
    "which_to_keep",
    "sim_metric",
    "random_seed",
)
@dataclass(kw_only=True)
class PairwiseStage(CompositeStage[EmptyTask, FileGroupTask]):
    """List the clusters and compare each (NeMo Curator's parameters)."""

    id_field: str = "id"
    embedding_field: str = "embeddings"
    input_path: str
    output_path: str
    ranking_strategy: RankingStrategy | None = None
    """Wins over `which_to_keep`."""
    which_to_keep: Keep = "hard"
    sim_metric: Literal["cosine", "l2"] = "cosine"
    """Distance to the centre by which hard and easy are told apart."""
    pairwise_batch_size: int = 1024
    random_seed: int = 42
    embedding_dim: int | None = None
    """Accepted: the clusters have vectors of one size."""
    read_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of the input; the rest is for cuDF and refused."""
    write_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of the output."""
    verbose: bool = False
    """Accepted; reports say what was done."""
    device: Device = "auto"
    key: str = ""

    def decompose(self) -> list[AnyStage]:
        """List, compare."""
        take_storage(self, read_kwargs="input_path", write_kwargs="output_path")
        on_gpu = choose_device(self.device) == "gpu"
        compare = PairwiseCosineSimilarityStage(
            output_path=self.output_path,
            ranking_strategy=self.ranking_strategy
            or ranking_for(
                self.which_to_keep,
                distance_metric=self.sim_metric,
                random_seed=self.random_seed,
            ),
            id_field=self.id_field,
            embedding_field=self.embedding_field,
            pairwise_batch_size=self.pairwise_batch_size,
            device=self.device,
            key=self.key,
        )
        resources = Resources(cpus=1.0, entire_gpu=True) if on_gpu else Resources(cpus=1.0)
        return [ClusterPartitioner(input_path=self.input_path), compare.with_(resources=resources)]


@positional("output_path", "eps", "_num_row_groups_hint", "verbose", "read_kwargs", "write_kwargs")
@dataclass(kw_only=True)
class IdentifyDuplicatesStage(ProcessingStage[EmptyTask | FileGroupTask, FileGroupTask]):
    """Write the sorted ids of the items whose similarity to an earlier one is at least 1 - eps.

    NeMo Curator's rule: that earlier one may go itself. After `PairwiseStage` in a pipeline, a file for each of its results.
    """

    input_paths: list[str] = field(default_factory=list[str])
    """Results of `PairwiseCosineSimilarityStage`, for an empty task."""
    output_path: str
    eps: float
    _num_row_groups_hint: int | None = None
    """Accepted, without effect."""
    read_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of the input; the rest is for cuDF and refused."""
    write_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of the output."""
    verbose: bool = False
    """Accepted; reports say what was done."""
    key: str = ""
    writes_to: ClassVar[tuple[str, ...]] = ("output_path",)

    def __post_init__(self) -> None:
        take_storage(self, read_kwargs="input_paths", write_kwargs="output_path")

    def process(self, task: EmptyTask | FileGroupTask) -> FileGroupTask:
        """Write `duplicates.parquet`: about ten row groups of ids; or `duplicates_<cluster>.parquet`."""
        name, paths = "duplicates.parquet", self.input_paths
        if isinstance(task, FileGroupTask):
            name = f"duplicates_{task._metadata.get('centroid', file_safe(task.task_id))}.parquet"
            paths = task.data
        ids = duplicates_of(paths, eps=self.eps)
        path = join(self.output_path, name)
        write_table(path, ids, row_group_size=max(1, -(-ids.num_rows // 10)))
        return FileGroupTask(data=[path], _metadata={"duplicates": ids.num_rows})


def duplicates_of(paths: Sequence[str], *, eps: float) -> pa.Table:
    """The ids whose score is at least 1 - eps, sorted, as a table with the column "id"."""
    parts = [pa.table({"id": pa.array([], pa.null())})] if not paths else []
    for path in paths:
        table = cluster_table([path])
        score = table.column("cosine_sim_score").to_numpy().astype(np.float64)
        parts.append(table.select(["id"]).filter(pa.array(score >= 1 - eps - ROUNDING)))
    return pa.concat_tables(parts).sort_by("id")


def ranked(
    table: pa.Table, ranking: RankingStrategy, id_field: str, embedding_field: str
) -> tuple[pa.Table, Matrix]:
    """The rows of a cluster in rank order, and their vectors."""
    order = ranking.order(table, id_field=id_field)
    rows = table.take(pa.array(order, pa.int64()))
    return rows, cluster_vectors(rows, embedding_field)
