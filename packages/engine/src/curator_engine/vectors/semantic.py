"""Semantic deduplication of embeddings that are there already: ids in, ids of duplicates out.

Three pipelines joined by files: clusters, similarities, duplicates. Each has its own checkpoint.
What makes the embeddings, and what removes the items, is an app's.
"""

import time
from dataclasses import dataclass, field
from typing import Any, Literal

from curator_engine.device import Device, default_executor, device_on
from curator_engine.errors import SettingsError
from curator_engine.files.listing import list_files
from curator_engine.files.paths import join
from curator_engine.pipeline import Executor, Pipeline, session_of
from curator_engine.running.run_report import RunReport
from curator_engine.stage import AnyStage
from curator_engine.stages.files import EXTENSIONS
from curator_engine.task import short_hash
from curator_engine.vectors.kmeans import KMeansStage
from curator_engine.vectors.pairwise import IdentifyDuplicatesStage, PairwiseStage
from curator_engine.vectors.ranking import Keep, RankingStrategy
from curator_engine.workflow import WorkflowBase, WorkflowRunResult


@dataclass(kw_only=True)
class SemanticDeduplicationWorkflow(WorkflowBase):
    """Find the items whose embeddings are near-duplicates. NeMo Curator's parameters and defaults."""

    input_path: str | list[str]
    """Files, folders, globs or URLs with an id and an embedding per row."""
    output_path: str
    """Folder for `duplicates/`."""
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
    """Accepted: cuML starts with the first, scikit-learn and torch with the second."""
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
    read_kwargs: dict[str, Any] | None = None
    """Only None: it is for cuDF, likewise the next two."""
    cache_kwargs: dict[str, Any] | None = None
    """Only None."""
    write_kwargs: dict[str, Any] | None = None
    """Only None."""
    verbose: bool = True
    """Accepted; reports say what was done."""
    clear_output: bool = True
    """Accepted: results of other settings or inputs are removed, the others are used again."""

    device: Device = "auto"
    """Where vectors are compared; the answer is the same."""
    reports: dict[str, RunReport] = field(default_factory=dict[str, RunReport], init=False)
    """Of the last run, by step."""

    def __post_init__(self) -> None:
        if self.n_clusters < 1:
            raise SettingsError(f"n_clusters={self.n_clusters} is below 1.")
        if self.eps is not None and not 0 < self.eps < 1:
            raise SettingsError(f"eps={self.eps} is not between 0 and 1.")
        self._refuse("read_kwargs", "cache_kwargs", "write_kwargs")

    def run(
        self, kmeans_executor: Executor | None = None, pairwise_executor: Executor | None = None
    ) -> WorkflowRunResult:
        """Run the steps; run again with the same folders, what is finished is not done again.

        Args:
            kmeans_executor: Where to cluster; on a CPU LocalExecutor, on GPUs RayActorPoolExecutor,
                unless given.
            pairwise_executor: Where to compare; the same unless given.

        Returns:
            Metadata: `num_duplicates` (if eps is given), `num_items`, seconds per step.

        Raises:
            InputError: No input, or a column is missing.
            StageError: A step failed.
        """
        start = time.perf_counter()
        first = kmeans_executor or default_executor(self.device)
        second = pairwise_executor or first
        result = WorkflowRunResult(workflow_name="semantic_deduplication")
        self.reports = {}
        with session_of(first):
            self._step("kmeans", first, [self._kmeans(device_on(first, self.device))], result)
        with session_of(second):
            device = device_on(second, self.device)
            self._step("pairwise", second, [self._pairwise(device)], result)
            scores = result.pipeline_tasks["pairwise"]
            result.add_metadata("num_items", sum(t._metadata["rows"] for t in scores))
            if self.eps is not None:
                found = IdentifyDuplicatesStage(
                    input_paths=[task.data[0] for task in scores],
                    output_path=join(self.output_path, "duplicates"),
                    eps=self.eps,
                    key=self._key(),
                )
                self._step("identify_duplicates", second, [found], result)
                last = result.pipeline_tasks["identify_duplicates"][0]
                result.add_metadata("num_duplicates", last._metadata["duplicates"])
        result.add_metadata("total_time", round(time.perf_counter() - start, 3))
        return result

    @property
    def _cache(self) -> str:
        return self.cache_path or self.output_path

    def _key(self) -> str:
        """Identifies the input and what the clusters depend on."""
        paths = [self.input_path] if isinstance(self.input_path, str) else self.input_path
        endings = self.input_file_extensions or list(EXTENSIONS[self.input_filetype])
        files = list_files(paths, extensions=endings)
        fit = [self.n_clusters, self.random_state, self.max_iter, self.tol, self.n_init]
        return short_hash(
            repr([*fit, self.fit_data_fraction, self.embedding_field]),
            *(f"{f.path} {f.stamp}" for f in files),
        )

    def _kmeans(self, device: Device) -> AnyStage:
        return KMeansStage(
            n_clusters=self.n_clusters,
            id_field=self.id_field,
            embedding_field=self.embedding_field,
            input_path=self.input_path,
            output_path=join(self._cache, "kmeans_results"),
            metadata_fields=self.metadata_fields,
            embedding_dim=self.embedding_dim,
            input_filetype=self.input_filetype,
            input_file_extensions=self.input_file_extensions,
            max_iter=self.max_iter,
            tol=self.tol,
            random_state=self.random_state,
            init=self.init,
            n_init=self.n_init,
            oversampling_factor=self.oversampling_factor,
            max_samples_per_batch=self.max_samples_per_batch,
            fit_data_fraction=self.fit_data_fraction,
            device=device,
            key=self._key(),
        )

    def _pairwise(self, device: Device) -> AnyStage:
        return PairwiseStage(
            id_field=self.id_field,
            embedding_field=self.embedding_field,
            input_path=join(self._cache, "kmeans_results"),
            output_path=join(self._cache, "pairwise_results"),
            ranking_strategy=self.ranking_strategy,
            which_to_keep=self.which_to_keep,
            sim_metric=self.distance_metric,
            pairwise_batch_size=self.pairwise_batch_size,
            random_seed=self.random_state,
            device=device,
            key=self._key(),
        )

    def _step(
        self, name: str, executor: Executor, stages: list[AnyStage], result: WorkflowRunResult
    ) -> None:
        pipeline = Pipeline(name, stages=stages)
        checkpoint = join(self._cache, "checkpoint", name)
        start = time.perf_counter()
        try:
            tasks = pipeline.run(executor, None, checkpoint, run_dir=self.output_path)
        finally:
            if pipeline.last_run:
                self.reports[name] = pipeline.last_run
        result.add_pipeline_tasks(name, tasks)
        result.add_metadata(f"{name}_time", round(time.perf_counter() - start, 3))
