"""Semantic deduplication of embeddings under NeMo Curator's keywords; `semantic.py` does it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Any, Literal

from curator_engine.commands.keyword_workflow import KeywordWorkflow
from curator_engine.device import Device
from curator_engine.pipeline import Executor
from curator_engine.pipelines.semantic import EmbeddingSettings, EmbeddingWorkflow
from curator_engine.positional import positional
from curator_engine.running.run_report import RunReport
from curator_engine.vectors.ranking import Keep, RankingStrategy
from curator_engine.workflow import WorkflowRunResult, take_storage

_KMEANS = (
    *("max_iter", "tol", "init", "n_init"),
    *("oversampling_factor", "max_samples_per_batch", "fit_data_fraction"),
)


@positional(
    "input_path",
    "output_path",
    "n_clusters",
    "cache_path",
    "id_field",
    "embedding_field",
    "embedding_dim",
    "metadata_fields",
    "input_filetype",
    "input_file_extensions",
    "max_iter",
    "tol",
    "random_state",
    "init",
    "n_init",
    "oversampling_factor",
    "max_samples_per_batch",
    "fit_data_fraction",
    "distance_metric",
    "which_to_keep",
    "ranking_strategy",
    "pairwise_batch_size",
    "eps",
    "_duplicates_num_row_groups_hint",
    "read_kwargs",
    "cache_kwargs",
    "write_kwargs",
    "clear_output",
    "verbose",
)
@dataclass(kw_only=True)
class SemanticDeduplicationWorkflow(KeywordWorkflow):
    """Find the items whose embeddings are near-duplicates. NeMo Curator's parameters and defaults."""

    input_path: str | list[str]
    """Files, folders, globs or URLs with an id and an embedding per row."""
    output_path: str
    """Folder for `duplicates/` and `run.json`."""
    n_clusters: int
    """Clusters within which items are compared."""
    id_field: str = "id"
    """Column with the id."""
    embedding_field: str = "embeddings"
    """Column with the embedding, a list of numbers."""
    embedding_dim: int | None = None
    """Numbers per embedding; that of most rows unless given."""
    metadata_fields: list[str] | None = None
    """Columns for the ranking."""
    input_filetype: Literal["parquet", "jsonl"] = "parquet"
    """Which files of a folder count; `input_file_extensions` goes before it."""
    input_file_extensions: list[str] | None = None
    """Endings of the files that count."""
    max_iter: int = 300
    """Rounds of k-means at most."""
    tol: float = 1e-4
    """K-means ends when centres move less than this share of the points' variance."""
    random_state: int = 42
    """Seed."""
    init: Literal["k-means||", "k-means++"] = "k-means||"
    """Accepted: cuML starts with the first, the CPU and torch with the second."""
    n_init: int = 1
    """Starts of k-means; the best one counts."""
    oversampling_factor: float = 2.0
    """For cuML's start; without effect elsewhere."""
    max_samples_per_batch: int = 1 << 15
    """For cuML; without effect elsewhere."""
    fit_data_fraction: float | None = None
    """Part of the rows to fit on, in (0, 1]; unless given, 256 per centre and at least 100,000."""
    ranking_strategy: RankingStrategy | None = None
    """The order in which items of a cluster stay, instead of `which_to_keep`."""
    distance_metric: Literal["cosine", "l2"] = "cosine"
    """Distance to the centre by which hard and easy are told apart."""
    which_to_keep: Keep = "hard"
    """Which of similar items stays: hard (far from the centre), easy (near it) or random."""
    pairwise_batch_size: int = 1024
    """Items that are compared with a cluster at a time; the result does not depend on it."""
    eps: float | None = None
    """Items at a similarity of at least 1 - eps to an earlier one are duplicates; None only compares."""
    cache_path: str | None = None
    """Folder for `kmeans_results/` and `pairwise_results/`; `output_path` unless given."""
    _duplicates_num_row_groups_hint: int | None = None
    """Accepted, without effect: row groups follow from the number of rows."""
    read_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of `input_path`, which may hold secrets; the rest is for cuDF and refused."""
    cache_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of `cache_path`, which may hold secrets; the rest is for cuDF and refused."""
    write_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of `output_path`, which may hold secrets; the rest is for cuDF and refused."""
    verbose: bool = True
    """Accepted; reports say what was done."""
    clear_output: bool = True
    """Accepted: results of other settings or inputs are removed, the others are used again."""

    device: Device = "auto"
    """Where vectors are compared; the answer is the same."""
    of, options = EmbeddingWorkflow, EmbeddingSettings
    _compare_on: Executor | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        take_storage(
            self, read_kwargs="input_path", cache_kwargs="cache_path", write_kwargs="output_path"
        )
        self.made()

    @classmethod
    def keywords(cls) -> Mapping[str, str]:
        """The keyword of each setting."""
        return {
            "inputs": "input_path",
            "output": "output_path",
            "cache": "cache_path",
            "format": "input_filetype",
            "keep": "which_to_keep",
            "seed": "random_state",
        }

    def given(self) -> dict[str, Any]:
        """With the options of k-means together."""
        kmeans = {name: getattr(self, name) for name in _KMEANS}
        return super().given() | {"kmeans": kmeans, "compare_on": self._compare_on}

    @property
    def reports(self) -> dict[str, RunReport]:
        """Of the last run, by step."""
        return self.steps.reports if self.steps else {}

    def run(
        self,
        kmeans_executor: Executor | None = None,
        pairwise_executor: Executor | None = None,
        checkpoint_path: str | PathLike[str] | None = None,
    ) -> WorkflowRunResult:
        """Run the steps; run again with the same folders, what is finished is not done again.

        Args:
            kmeans_executor: Where to cluster; on a CPU LocalExecutor, on GPUs RayActorPoolExecutor,
                unless given.
            pairwise_executor: Where to compare; the same unless given.
            checkpoint_path: Taken for scripts of NeMo Curator, and not needed: what is finished is known
                from the folders.

        Returns:
            Metadata: `num_duplicates` (if eps is given), `num_items`, seconds per step, and the
            other facts of `run.json`.

        Raises:
            InputError: No input, a column is missing, or a folder that is not ours.
            StageError: A step failed.
        """
        self._compare_on = pairwise_executor
        return self._run(None, kmeans_executor)
