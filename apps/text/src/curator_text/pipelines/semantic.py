"""Semantic deduplication: embed, cluster, compare, decide, remove.

Each step is a pipeline of its own, joined to the next by files in the cache, so that each can run
on any executor and resumes where it was stopped. What goes is defined in `similar.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from curator_engine.device import default_executor, device_on
from curator_engine.errors import SettingsError
from curator_engine.files.paths import join
from curator_engine.pipeline import Executor
from curator_engine.stage import AnyStage
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash
from curator_engine.vectors.choose_eps import EpsChoice, choose_eps, histogram
from curator_engine.vectors.kmeans import KMeansStage, centres_path, cluster_table, load_centres
from curator_engine.vectors.matrix import Matrix
from curator_engine.vectors.pairwise import ClusterPartitioner, PairwiseStage
from curator_engine.vectors.ranking import RankingStrategy, ranking_for
from curator_text.dedup.index import Embedding
from curator_text.dedup.index_use import IndexUse, compared, compared_file, input_key
from curator_text.fuzzy.gpu_steps import ON_CPU, Place, place_of_embedding
from curator_text.pipelines.dedup_workflow import DedupWorkflow
from curator_text.read.embedding_field import check_embedding_field
from curator_text.read.keep import parse_keep
from curator_text.removal.array_files import save_array
from curator_text.removal.corpus import Corpus, corpus_of
from curator_text.removal.outcome import check_keep, check_read
from curator_text.semantic import FINGERPRINT
from curator_text.semantic.embed import EmbedDocuments
from curator_text.semantic.index_vectors import (
    VECTOR_FILES,
    IndexVectors,
    begin_index,
    indexed_centres,
)
from curator_text.semantic.similar import DecideClusters
from curator_text.settings import SemanticSettings

DOCUMENTS_PER_CLUSTER = 5000
"""With n_clusters=None: comparing within clusters of this size takes less than embedding."""
_DISTANCE_RANKINGS = ("hard", "easy", "random")


@dataclass(kw_only=True)
class SemanticWorkflow(DedupWorkflow[SemanticSettings]):
    """Find documents that are near each other in meaning, and remove all but one.

    Example:
        >>> settings = SemanticSettings(inputs=["corpus"], output="deduplicated", eps="auto")
        >>> SemanticWorkflow(settings=settings).run()
    """

    perform_removal: bool = True
    """Write `data/`; else only say what would go."""
    embedding_dim: int | None = None
    """Numbers per embedding in the embedding field; that of most rows unless given."""
    distance_metric: Literal["cosine", "l2"] = "cosine"
    """Distance to the centre by which hard and easy are told apart."""
    pairwise_batch_size: int = 1024
    """Documents that are compared with a cluster at a time; the result does not depend on it."""
    kmeans: dict[str, Any] = field(default_factory=dict[str, Any])
    """Parameters of `KMeansStage` other than its own defaults."""
    job, title = "semantic", "text_semantic_deduplication"
    ids_folder, ranges_file, ids_column = "duplicates", "semantic_id_generator.json", "id"
    names: ClassVar[dict[str, str]] = {
        "model": "model_identifier",
        "embedding_field": "precomputed_field",
        "max_chars": "embedding_max_chars",
        "seed": "kmeans_random_state",
    }
    obsolete = frozenset(
        {"device", "embedding_field", "embedding_pretokenize", "metadata_fields", "which_to_keep"}
        | {"use_id_generator", "kmeans_init"}
        | {f"kmeans_{name}" for name in ("max_iter", "tol", "n_init", "oversampling_factor")}
        | {"kmeans_max_samples_per_batch", "kmeans_fit_data_fraction"}
    )
    _centres: Matrix | None = field(default=None, init=False, repr=False)
    dims: int = field(default=0, init=False)
    """Numbers of an embedding that the input has; 0 if a model makes them."""

    def check(self) -> None:
        """Look at the sizes, the similarity and the ranking."""
        super().check()
        settings = self.settings
        if settings.eps != "auto" and not 0 < settings.eps < 1:
            raise SettingsError(f"eps={settings.eps} is not between 0 and 1.")
        if settings.n_clusters is not None and settings.n_clusters < 1:
            raise SettingsError(f"n_clusters={settings.n_clusters} is below 1.")
        self._ranking()

    def look(self, executor: Executor) -> None:
        """Look for the field, and whether GPUs that are asked for are there."""
        if not self.settings.embedding_field:
            super().look(executor)
        elif self.settings.inputs:
            self.dims = check_embedding_field(self.listed().files, self.settings.embedding_field)
            self.look_at_form()
        self._place(executor)
        self.indexes.check()
        self._look_at_centres()

    @property
    def indexes(self) -> IndexUse:
        """The indexes of the run."""
        settings = self.settings
        return IndexUse(
            against=settings.against,
            save=settings.save_index,
            signing=Embedding(embeddings=self.model_name, max_chars=settings.max_chars),
            output=settings.output,
        )

    def _look_at_centres(self, dims: int = 0) -> Matrix | None:
        """The centres of the indexes, if there are some.

        Raises:
            SettingsError: They do not fit the settings, or the embeddings.
        """
        settings = self.settings
        centres = indexed_centres(settings.against, settings.save_index)
        if centres is None:
            return None
        index, asked = settings.against or settings.save_index, settings.n_clusters
        if asked not in (None, len(centres)):
            raise SettingsError(
                f"the index {index} has {len(centres):,} clusters, not {asked:,}; leave out --n-clusters."
            )
        if (dims or self.dims) not in (0, centres.shape[1]):
            raise SettingsError(
                f"the index {index} holds embeddings of {centres.shape[1]} numbers, and these have {dims or self.dims}; "
                "give an index of the same model."
            )
        return centres

    def default_executor(self) -> Executor:
        """On a CPU one worker, on GPUs a pool of actors."""
        return default_executor(self.settings.device)

    def about(self) -> dict[str, Any]:
        """What the embeddings tell."""
        is_wording = self.model_name == FINGERPRINT
        return {"embeddings": "wording, not meaning" if is_wording else "meaning"}

    @property
    def model_name(self) -> str:
        """What the embeddings come from."""
        field_name = self.settings.embedding_field
        return f"field {field_name}" if field_name else self.settings.model

    @property
    def _is_by_distance(self) -> bool:
        """Whether what stays is chosen by the distance to the cluster's centre, or at random."""
        return self.settings.keep in _DISTANCE_RANKINGS

    @property
    def removes(self) -> bool:
        """As the parameter says."""
        return self.perform_removal

    def _place(self, executor: Executor) -> Place:
        has_model = not self.settings.embedding_field and self.settings.model != FINGERPRINT
        return place_of_embedding(executor, self.settings.device) if has_model else ON_CPU

    def _ranking(self) -> RankingStrategy:
        if self._is_by_distance:
            word: Any = self.settings.keep
            metric, seed = self.distance_metric, self.settings.seed
            return ranking_for(word, distance_metric=metric, random_seed=seed)
        kind = parse_keep(self.settings.keep).kind
        if kind == "longest" and self.settings.embedding_field:
            raise SettingsError(
                "keep='longest' compares texts, and none are read with --embedding-field "
                "(precomputed_field); use first, hard, easy, random, newest:FIELD or field:FIELD."
            )
        if kind == "first":
            return RankingStrategy(metadata_cols=("id",))
        return RankingStrategy(metadata_cols=("order",), ascending=False)

    def _clustering(self) -> dict[str, Any]:
        """The settings that clusters and similarities depend on."""
        skip = {"eps", "rule", "output_path", "cache_path", "perform_removal", "max_removed_ratio"}
        skip |= {"against", "save_index"}
        return {name: value for name, value in self.recorded().items() if name not in skip}

    def documents(
        self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]
    ) -> Corpus:
        """Embed them."""
        keep = parse_keep("first" if self._is_by_distance else self.settings.keep)
        folder = join(self.cache, "embeddings")
        place = self._place(steps.executor)
        embed = EmbedDocuments(
            path=folder,
            model=self.settings.model,
            **self.reads_texts,
            embedding_field=self.settings.embedding_field,
            embedding_dim=self.embedding_dim or self.dims or None,
            keep=keep,
            max_chars=self.settings.max_chars,
            device=place.device,
        ).with_(resources=place.resources)
        stages: list[AnyStage] = [embed] if tasks else [self.source(), embed]
        found = steps.run("embed", stages, tasks)
        corpus = corpus_of(folder, found)
        check_read(corpus, quarantined=steps.troubles()["quarantined"])
        check_keep(corpus, keep)
        corpus.save(join(self.cache, "corpus.json"))
        facts |= {
            "model": self.model_name,
            "dims": max((int(task._metadata["dims"]) for task in found), default=0),
            "truncated": sum(int(task._metadata["truncated"]) for task in found),
        }
        self._centres = self._look_at_centres(facts["dims"])
        most = max(1, corpus.count // DOCUMENTS_PER_CLUSTER)
        asked = self.settings.n_clusters or most
        facts["n_clusters"] = asked if self._centres is None else len(self._centres)
        read = self.settings.embedding_field or self.settings.text_field
        facts["input_key"] = input_key(corpus, read, self.settings.limit)
        return corpus

    def decide(self, steps: Steps, corpus: Corpus, facts: dict[str, Any]) -> list[FileGroupTask]:
        """Cluster, compare, decide."""
        seen = self.indexes.seen(facts["input_key"])
        every = compared(seen, corpus, self.cache)
        facts |= {"against": seen.key} if seen else {}
        known = None if self._centres is None else self._centres.tobytes().hex()
        given = [facts["n_clusters"], facts["dims"], self._clustering()]
        key = short_hash(corpus.key, repr(given), *([known] if known else []))
        scores = self._compare(steps, corpus, facts["n_clusters"], key)
        counts = histogram(_scores_in(scores))
        choice = self._choose_eps(counts)
        facts |= {"eps": choice.eps, "eps_reason": choice.reason, "histogram": counts.tolist()}
        decide = DecideClusters(
            cache=self.cache,
            corpus_key=short_hash(key, every.key) if seen else key,
            corpus_file=compared_file(every),
            output=self.settings.output,
            scores_path=join(self.cache, "pairwise_results"),
            ranking=self._ranking(),
            eps=choice.eps,
            rule=self.settings.rule,
        )
        folder = join(self.cache, "kmeans_results")
        stages: list[AnyStage] = [ClusterPartitioner(input_path=folder), decide]
        verdicts = steps.run("decide", stages) if scores else []
        facts["clusters"] = sum(int(task._metadata["clusters"]) for task in verdicts)
        return verdicts

    def _compare(
        self, steps: Steps, corpus: Corpus, clusters: int, key: str
    ) -> list[FileGroupTask]:
        if not corpus.count:
            return []
        folder = join(self.cache, "kmeans_results")
        if self._centres is not None:
            save_array(centres_path(folder, key), self._centres)
        device = device_on(steps.executor, self.settings.device)
        kmeans = KMeansStage(
            n_clusters=clusters,
            input_path=join(self.cache, "embeddings"),
            output_path=folder,
            metadata_fields=["name", "order"],
            random_state=self.settings.seed,
            **self.kmeans,
            device=device,
            key=key,
        )
        steps.run("kmeans", kmeans)
        pairwise = PairwiseStage(
            input_path=folder,
            output_path=join(self.cache, "pairwise_results"),
            ranking_strategy=self._ranking(),
            pairwise_batch_size=self.pairwise_batch_size,
            device=device,
            key=key,
        )
        if self._centres is None:
            self._centres = load_centres(folder, key)
        return steps.run("pairwise", pairwise)

    def finish(
        self, steps: Steps, corpus: Corpus, numbers: NDArray[np.int64], facts: dict[str, Any]
    ) -> None:
        """As of every deduplication; then add to the index what stays."""
        super().finish(steps, corpus, numbers, facts)
        index = self.settings.save_index
        # Without a document there are no centres.
        if index and self._centres is not None:
            begin_index(index, self._centres)
            facts |= self.indexes.add(
                steps.run,
                corpus,
                numbers,
                run=facts["input_key"],
                stage=partial(IndexVectors, centres=index),
                files=VECTOR_FILES,
                cache=self.cache,
            )

    def _choose_eps(self, counts: NDArray[np.int64]) -> EpsChoice:
        if self.settings.eps == "auto":
            return choose_eps(counts)
        return EpsChoice(eps=self.settings.eps, reason="as given")


def _scores_in(tasks: Sequence[FileGroupTask]) -> NDArray[np.float32]:
    """The similarities of all clusters, without the first document of each, which has none."""
    parts = [cluster_table(task.data).column("cosine_sim_score").to_numpy()[1:] for task in tasks]
    return np.concatenate(parts) if parts else np.empty(0, np.float32)
