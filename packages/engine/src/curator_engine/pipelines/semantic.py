"""Semantic deduplication of embeddings that are there already: ids in, ids of duplicates out.

Three steps joined by files: clusters, similarities, duplicates. What makes the embeddings, and what
removes the items, is an app's.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Any, Literal

from curator_engine import __version__
from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.commands.settings import CommonSettings, Group, Kind
from curator_engine.device import Device, default_executor, device_on
from curator_engine.errors import SettingsError
from curator_engine.files.output_folder import take
from curator_engine.files.paths import join
from curator_engine.pipeline import Executor, session_of
from curator_engine.stages.files import EXTENSIONS, Format
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash
from curator_engine.vectors.kmeans import KMeansStage
from curator_engine.vectors.pairwise import IdentifyDuplicatesStage, PairwiseStage
from curator_engine.vectors.ranking import Keep, RankingStrategy

_NOT_RECORDED = {"device", "compare_on"}
"""Where vectors are compared; the answer is the same everywhere."""


@dataclass(frozen=True, kw_only=True)
class EmbeddingSettings(CommonSettings):
    """Settings of `EmbeddingWorkflow`."""

    cache: Annotated[str | None, Group.FILES, Kind.FOLDER] = None
    """Folder for `kmeans_results/` and `pairwise_results/`; the output folder unless given."""
    format: Annotated[Literal["parquet", "jsonl"], Group.FILES] = "parquet"
    """Which files of a folder count."""
    id_field: str = "id"
    """Column with the id."""
    embedding_field: str = "embeddings"
    """Column with the embedding, a list of numbers."""
    n_clusters: int = 100
    """Clusters within which items are compared."""
    eps: float | None = None
    """Items at a similarity of at least 1 - eps to an earlier one are duplicates; only compares unless given."""
    keep: Literal["hard", "easy", "random"] = "hard"
    """Which of similar items stays: hard (far from the cluster's centre), easy (near it) or random."""
    seed: int = 42
    """Seed of the clusters and of keep="random"."""
    device: Annotated[Literal["auto", "cpu", "gpu"], Group.RUNNING] = "auto"
    """Where vectors are compared."""


@dataclass(kw_only=True)
class EmbeddingWorkflow(FolderWorkflow[EmbeddingSettings]):
    """Find the items whose embeddings are near-duplicates.

    Example:
        >>> settings = EmbeddingSettings(inputs=["embeddings"], output="near", eps=0.05)
        >>> EmbeddingWorkflow(settings=settings).run()
    """

    input_file_extensions: list[str] | None = None
    """Endings of the files that count; those of the format unless given."""
    embedding_dim: int | None = None
    """Numbers per embedding; that of most rows unless given."""
    metadata_fields: list[str] | None = None
    """Columns for the ranking."""
    ranking_strategy: RankingStrategy | None = None
    """The order in which items of a cluster stay, instead of `keep`."""
    distance_metric: Literal["cosine", "l2"] = "cosine"
    """Distance to the centre by which hard and easy are told apart."""
    pairwise_batch_size: int = 1024
    """Items that are compared with a cluster at a time; the result does not depend on it."""
    kmeans: dict[str, Any] = field(default_factory=dict[str, Any])
    """Parameters of `KMeansStage` other than its own defaults."""
    compare_on: Executor | None = None
    """Where to compare, if not where to cluster."""
    job, version = "semantic_deduplication", __version__

    def check(self) -> None:
        """Look at the number of clusters and the similarity."""
        settings = self.settings
        if settings.n_clusters < 1:
            raise SettingsError(f"n_clusters={settings.n_clusters} is below 1.")
        if settings.eps is not None and not 0 < settings.eps < 1:
            raise SettingsError(f"eps={settings.eps} is not between 0 and 1.")
        if settings.limit is not None:
            raise SettingsError("limit has no effect on embeddings; leave it out.")

    @classmethod
    def reads(cls, settings: EmbeddingSettings) -> Format:
        """As the setting says."""
        return settings.format

    @property
    def extensions(self) -> list[str]:
        """As they were given, else the format's."""
        return self.input_file_extensions or list(EXTENSIONS[self.settings.format])

    def default_executor(self) -> Executor:
        """On a CPU one worker, on GPUs a pool of actors."""
        return default_executor(self.settings.device)

    def folders(self, inputs: Sequence[str]) -> ExitStack:
        """The output, and the cache if there is one."""
        common: dict[str, Any] = {"version": __version__, "inputs": inputs}
        with ExitStack() as stack:
            stack.enter_context(take(self.settings.output, job=self.job, **common))
            if self.settings.cache:
                stack.enter_context(take(self.settings.cache, job="cache", **common))
            return stack.pop_all()

    @property
    def kept_cache(self) -> str:
        """Clusters and similarities stay: the next run with another eps begins with them."""
        return self.settings.cache or self.settings.output

    def recorded(self) -> dict[str, Any]:
        """What the result may depend on."""
        ranking = self.ranking_strategy
        kept = {k: v for k, v in super().recorded().items() if k not in _NOT_RECORDED}
        return kept | {"ranking_strategy": asdict(ranking) if ranking else None}

    def counts(self, steps: Steps) -> dict[str, Any]:
        """With seconds under NeMo Curator's names."""
        times = {f"{name}_time": seconds for name, seconds in steps.seconds.items()}
        return times | super().counts(steps)

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """Cluster, compare, and list the duplicates if there is an eps."""
        if tasks is not None:
            raise SettingsError("embeddings are read from `inputs`, not from tasks.")
        kmeans = self._kmeans(steps.executor)
        steps.run("kmeans", kmeans)
        compare = replace(steps, executor=self.compare_on or steps.executor)
        with session_of(compare.executor):
            scores = compare.run("pairwise", self._pairwise(compare.executor, kmeans.key))
            facts["num_items"] = sum(int(task._metadata["rows"]) for task in scores)
            if self.settings.eps is None:
                return
            duplicates = IdentifyDuplicatesStage(
                input_paths=[task.data[0] for task in scores],
                output_path=join(self.settings.output, "duplicates"),
                eps=self.settings.eps,
                key=kmeans.key,
            )
            [found] = compare.run("identify_duplicates", duplicates)
            facts["num_duplicates"] = int(found._metadata["duplicates"])

    def _kmeans(self, executor: Executor) -> KMeansStage:
        """The stage, with a key that tells the input and what the clusters depend on from others."""
        settings = self.settings
        stage = KMeansStage(
            n_clusters=settings.n_clusters,
            id_field=settings.id_field,
            embedding_field=settings.embedding_field,
            input_path=settings.inputs,
            output_path=join(self.cache, "kmeans_results"),
            metadata_fields=self.metadata_fields,
            embedding_dim=self.embedding_dim,
            input_file_extensions=self.extensions,
            random_state=settings.seed,
            **self.kmeans,
            device=self._device(executor),
        )
        fit = [stage.n_clusters, stage.random_state, stage.max_iter, stage.tol, stage.n_init]
        stage.key = short_hash(
            repr([*fit, stage.fit_data_fraction, stage.embedding_field]),
            *(f"{file.path} {file.stamp}" for file in self.listed().files),
        )
        return stage

    def _pairwise(self, executor: Executor, key: str) -> PairwiseStage:
        settings = self.settings
        keep: Keep = settings.keep
        return PairwiseStage(
            id_field=settings.id_field,
            embedding_field=settings.embedding_field,
            input_path=join(self.cache, "kmeans_results"),
            output_path=join(self.cache, "pairwise_results"),
            ranking_strategy=self.ranking_strategy,
            which_to_keep=keep,
            sim_metric=self.distance_metric,
            pairwise_batch_size=self.pairwise_batch_size,
            random_seed=settings.seed,
            device=self._device(executor),
            key=key,
        )

    def _device(self, executor: Executor) -> Device:
        device: Device = self.settings.device
        return device_on(executor, device)
