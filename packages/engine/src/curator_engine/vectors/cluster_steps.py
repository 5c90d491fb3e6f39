"""The steps of `PairwiseStage` as stages of their own, with NeMo Curator's parameters."""

from dataclasses import dataclass, field
from typing import Any

from curator_engine.files.paths import use_options
from curator_engine.positional import positional
from curator_engine.task import EmptyTask, FileGroupTask
from curator_engine.vectors.pairwise import ClusterPartitioner, PairwiseCosineSimilarityStage
from curator_engine.workflow import take_storage


@positional("input_path", "storage_options")
@dataclass(kw_only=True)
class ClusterWiseFilePartitioningStage(ClusterPartitioner):
    """List the clusters that `KMeansStage` wrote, a task each.

    Example:
        >>> ClusterWiseFilePartitioningStage("clusters")
    """

    storage_options: dict[str, Any] | None = field(default=None, repr=False)
    """Options of the input's fsspec file system."""
    name: str = "pairwise_file_partitioning"

    def process(self, task: EmptyTask) -> list[FileGroupTask]:
        """The clusters in the order of their numbers."""
        use_options(self.input_path, self.storage_options)
        return super().process(task)


@positional(
    "id_field",
    "embedding_field",
    "output_path",
    "ranking_strategy",
    "pairwise_batch_size",
    "verbose",
    "embedding_dim",
    "read_kwargs",
    "write_kwargs",
)
@dataclass(kw_only=True)
class CompareClusters(PairwiseCosineSimilarityStage):
    """Write the nearest earlier neighbour of each row of a cluster; NeMo Curator's `PairwiseCosineSimilarityStage`.

    Example:
        >>> CompareClusters("id", "embeddings", "pairs", RankingStrategy(metadata_cols=["score"]))
    """

    embedding_dim: int | None = None
    """Accepted: a cluster has vectors of one size."""
    verbose: bool = False
    """Accepted; reports say what was done."""
    read_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of the input; the rest is for cuDF and refused."""
    write_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of the output; the rest is for cuDF and refused."""
    name: str = "pairwise_cosine_similarity"

    def __post_init__(self) -> None:
        take_storage(self, read_kwargs="", write_kwargs="output_path")

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Compare one cluster.

        Raises:
            InputError: The ranking needs a column that is not there.
        """
        use_options(task.data, (self.read_kwargs or {}).get("storage_options"))
        return super().process(task)
