"""Semantic deduplication: embed, cluster, compare, decide, remove.

Each step is a pipeline of its own, joined to the next by files in the cache, so that each can run
on any executor and resumes where it was stopped. What goes is defined in `similar.py`.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from curator_engine.device import Device, default_executor, device_on
from curator_engine.errors import InterruptedRunError, SettingsError
from curator_engine.files.blocks import MAX_ROW_BYTES
from curator_engine.files.paths import join
from curator_engine.files.storage import remove_tree
from curator_engine.pipeline import Executor, session_of
from curator_engine.running.progress import ProgressSink
from curator_engine.stage import AnyStage
from curator_engine.stages.files import FilePartitioner, parse_size
from curator_engine.task import FileGroupTask, short_hash
from curator_engine.vectors.choose_eps import FALLBACK_EPS, EpsChoice, choose_eps, histogram
from curator_engine.vectors.kmeans import KMeansStage, cluster_table
from curator_engine.vectors.pairwise import ClusterPartitioner, PairwiseStage
from curator_engine.vectors.ranking import Keep, RankingStrategy, ranking_for
from curator_engine.workflow import WorkflowBase, WorkflowRunResult
from curator_text import __version__
from curator_text.dedup.written_data import write_or_forget
from curator_text.fuzzy.gpu_steps import ON_CPU, place_of_embedding
from curator_text.pipelines.folders import named_and_listed, take_folders
from curator_text.pipelines.run_record import save_record
from curator_text.read.embedding_field import check_embedding_field
from curator_text.read.keep import parse_keep
from curator_text.read.preflight import check_text_field
from curator_text.removal.array_files import load_arrays
from curator_text.removal.corpus import Corpus, corpus_of
from curator_text.removal.outcome import (
    check_keep,
    check_ratio,
    check_read,
    write_losses,
)
from curator_text.removal.steps import Steps
from curator_text.semantic import FINGERPRINT
from curator_text.semantic.embed import EmbedDocuments
from curator_text.semantic.similar import DecideClusters, Rule

DOCUMENTS_PER_CLUSTER = 5000
"""With n_clusters=None: comparing within clusters of this size takes less than embedding."""
_DISTANCE_RANKINGS = ("hard", "easy", "random")


@dataclass(kw_only=True)
class TextSemanticDeduplicationWorkflow(WorkflowBase):
    """Find documents that are near each other in meaning, and remove all but one.

    Parameters and defaults are NeMo Curator's, with ours after them.
    """

    input_path: str | list[str]
    """Files, folders, globs or URLs."""
    output_path: str
    """Folder for `data/`, `removed/`, `clusters/`, `quarantine/` and `run.json`."""
    cache_path: str | None = None
    """Folder for what lies between the steps; `<output_path>/.cache`, removed at the end, if None."""
    perform_removal: bool = True
    """Write `data/`; else only say what would go."""
    text_field: str = "text"
    """Field with the document's text."""
    embedding_field: str = "embeddings"
    """Accepted: the embeddings' column in the cache has a name of its own."""
    model_identifier: str = "google/embeddinggemma-300m"
    """Folder or hub id of a sentence-transformers model, or `fingerprint`."""
    embedding_max_chars: int | None = None
    """Characters of a text that the model sees; as many as it takes unless given."""
    embedding_pretokenize: bool = False
    """Accepted: texts are tokenised here either way."""
    embedding_vllm_init_kwargs: dict[str, Any] | None = None
    """Only None: vLLM is not used."""
    n_clusters: int | None = 100
    """Clusters; None for one per 5,000 documents."""
    id_field: str | None = None
    """Field with the document's id; file and row unless given."""
    embedding_dim: int | None = None
    """Numbers per embedding in `precomputed_field`; that of most rows unless given."""
    metadata_fields: list[str] | None = None
    """Accepted: what `keep` compares is carried along without being named."""
    distance_metric: Literal["cosine", "l2"] = "cosine"
    """Distance to the centre by which hard and easy are told apart."""
    which_to_keep: Keep = "hard"
    """Which of similar documents stays: hard (far from the centre), easy (near it) or random."""
    eps: float | Literal["auto"] | None = 0.01
    """A document goes at a similarity of at least 1 - eps; "auto" looks for the valley."""
    kmeans_max_iter: int = 300
    """Rounds of k-means at most."""
    kmeans_tol: float = 1e-4
    """K-means ends when centres move less than this share of the points' variance."""
    kmeans_random_state: int = 42
    """Seed of the clusters, and of `which_to_keep="random"`."""
    kmeans_init: Literal["k-means||", "k-means++"] = "k-means||"
    """Accepted: cuML starts with the first, scikit-learn and torch with the second."""
    kmeans_n_init: int = 1
    """Starts of k-means; the best one counts."""
    kmeans_oversampling_factor: float = 2.0
    """For cuML's start; without effect elsewhere."""
    kmeans_max_samples_per_batch: int = 1 << 15
    """For cuML; without effect elsewhere."""
    kmeans_fit_data_fraction: float | None = None
    """Part of the rows to fit on, in (0, 1]; unless given, 256 per centre and at least 100,000."""
    pairwise_batch_size: int = 1024
    """Documents that are compared with a cluster at a time; the result does not depend on it."""
    use_id_generator: bool = False
    """Accepted: documents without ids are named by file and row."""
    input_filetype: Literal["auto", "jsonl", "parquet"] = "auto"
    """Which files of a folder count, and how they are read."""
    input_file_extensions: list[str] | None = None
    """Endings of the files that count; those of the file type unless given."""
    input_blocksize: int | str = "32MiB"
    """Bytes per task; the result does not depend on it."""
    verbose: bool = True
    """Accepted; reports say what was done."""
    clear_output: bool = True
    """Accepted: results of other settings or inputs are removed, the others are used again."""

    precomputed_field: str | None = None
    """Field of the input with an embedding per document; no model is used then."""
    keep: str | None = None
    """first, longest, newest[:FIELD] or field:FIELD, instead of `which_to_keep`."""
    rule: Rule = "any"
    """"any": too similar to any earlier document, as NeMo Curator; "leaders": to one that stays."""
    device: Device = "auto"
    """Where models and vectors are computed."""
    limit: int | None = None
    """Only the first documents."""
    max_row: int | str = MAX_ROW_BYTES
    """Bytes of the longest line that is read; a longer one goes to quarantine by its length."""
    max_removed_ratio: float | None = None
    """Fail before removing if more than this ratio of the documents would go."""
    progress: ProgressSink | None = None
    key: str = ""
    """Kept in `run.json`, to know a finished run of the same settings and input."""

    def __post_init__(self) -> None:
        if self.embedding_vllm_init_kwargs:
            raise SettingsError(
                "embedding_vllm_init_kwargs is for vLLM, which is not used; leave it out."
            )
        if isinstance(self.eps, float | int) and not 0 < self.eps < 1:
            raise SettingsError(f"eps={self.eps} is not between 0 and 1.")
        if self.n_clusters is not None and self.n_clusters < 1:
            raise SettingsError(f"n_clusters={self.n_clusters} is below 1.")
        self._ranking()
        parse_size(self.input_blocksize)
        parse_size(self.max_row)

    def run(self, executor: Executor | None = None) -> WorkflowRunResult:
        """Run all steps; run again with the same folders, what is finished is not done again.

        Args:
            executor: Where to run; on a CPU LocalExecutor with one worker unless given.

        Returns:
            Metadata: `num_documents`, `num_duplicates`, `eps`, `n_clusters`, `quarantined`, seconds
            per step, and more.

        Raises:
            InputError: No input, or the field is in none of the files.
            StageError: A step failed.
        """
        with take_folders(
            self.output_path,
            self.cache_path,
            job="semantic",
            settings=self.settings(),
            inputs=named_and_listed(
                self.input_path, self.input_filetype, self.input_file_extensions
            ),
        ):
            return self._run(executor)

    def _run(self, executor: Executor | None) -> WorkflowRunResult:
        start = time.perf_counter()
        result = WorkflowRunResult(workflow_name="text_semantic_deduplication")
        steps = Steps(
            executor=executor or default_executor(self.device),
            cache=self._cache,
            output=self.output_path,
            progress=self.progress,
            result=result,
        )
        self._save_run("running", {}, steps)
        status, facts = "failed", dict[str, Any]()
        try:
            with session_of(steps.executor):
                self._run_steps(steps, facts)
            status = "done"
        except (KeyboardInterrupt, InterruptedRunError):
            status = "interrupted"
            raise
        finally:
            facts["total_time"] = round(time.perf_counter() - start, 3)
            facts |= steps.troubles()
            note = self._save_run(status, facts, steps)
        facts["notes"] += [note] if note else []
        if self.cache_path is None:
            remove_tree(self._cache)
        result.extend_metadata(facts)
        return result

    def settings(self) -> dict[str, Any]:
        """The parameters that the result may depend on, for `run.json`."""
        skip = {"progress", "key", "verbose", "clear_output", "embedding_vllm_init_kwargs"}
        return {
            f.name: getattr(self, f.name) for f in fields(self) if f.init and f.name not in skip
        }

    @property
    def _cache(self) -> str:
        return self.cache_path or join(self.output_path, ".cache")

    @property
    def model_name(self) -> str:
        """What the embeddings come from."""
        if self.precomputed_field:
            return f"field {self.precomputed_field}"
        return self.model_identifier

    def _ranking(self) -> RankingStrategy:
        if self.keep is None or self.keep in _DISTANCE_RANKINGS:
            word: Any = self.keep or self.which_to_keep
            return ranking_for(
                word, distance_metric=self.distance_metric, random_seed=self.kmeans_random_state
            )
        kind = parse_keep(self.keep).kind
        if kind == "longest" and self.precomputed_field:
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
        return {name: value for name, value in self.settings().items() if name not in skip}

    def _run_steps(self, steps: Steps, facts: dict[str, Any]) -> None:
        corpus = self._embed(steps, facts)
        key = short_hash(corpus.key, repr([facts["n_clusters"], facts["dims"], self._clustering()]))
        scores = self._compare(steps, corpus, facts["n_clusters"], key)
        counts = histogram(_scores_in(scores))
        choice = self._choose_eps(counts)
        facts |= {"eps": choice.eps, "eps_reason": choice.reason, "histogram": counts.tolist()}
        decide = DecideClusters(
            cache=self._cache,
            corpus_key=key,
            output=self.output_path,
            scores_path=join(self._cache, "pairwise_results"),
            ranking=self._ranking(),
            eps=choice.eps,
            rule=self.rule,
        )
        folder = join(self._cache, "kmeans_results")
        stages: list[AnyStage] = [ClusterPartitioner(input_path=folder), decide]
        verdicts = steps.run("decide", stages) if scores else []
        drops = [load_arrays(task.data[0])["drops"] for task in verdicts]
        numbers = np.sort(np.concatenate(drops)) if drops else np.empty(0, np.int64)
        facts["num_duplicates"] = len(numbers)
        facts["clusters"] = sum(int(task._metadata["clusters"]) for task in verdicts)
        places = {"cache": self._cache, "output": self.output_path}
        facts["alarms"] = write_losses(steps.run, corpus, numbers, **places, source_field=None)
        check_ratio(len(numbers), facts["num_documents"], most=self.max_removed_ratio)
        write_or_forget(steps.run, corpus, numbers, **places, remove=self.perform_removal)

    def _embed(self, steps: Steps, facts: dict[str, Any]) -> Corpus:
        endings = self.input_file_extensions
        files = steps.list_inputs(self.input_path, self.input_filetype, endings)
        dims = self.embedding_dim
        if self.precomputed_field:
            found = check_embedding_field(files, self.precomputed_field)
            dims = dims or found
        else:
            check_text_field(files, self.text_field)
        folder = join(self._cache, "embeddings")
        plain = self.keep is None or self.keep in _DISTANCE_RANKINGS
        has_model = self.precomputed_field is None and self.model_identifier != FINGERPRINT
        place = place_of_embedding(steps.executor, self.device) if has_model else ON_CPU
        embed = EmbedDocuments(
            path=folder,
            model=self.model_identifier,
            text_field=self.text_field,
            embedding_field=self.precomputed_field,
            embedding_dim=dims,
            id_field=self.id_field,
            keep=parse_keep("first" if plain else self.keep or "first"),
            max_chars=self.embedding_max_chars,
            max_row=parse_size(self.max_row),
            device=place.device,
        ).with_(resources=place.resources)
        source = FilePartitioner(
            file_paths=self.input_path,
            blocksize=self.input_blocksize,
            file_extensions=endings,
            file_format=self.input_filetype,
            limit=self.limit,
        )
        tasks = steps.run("embed", [source, embed])
        corpus = corpus_of(folder, tasks)
        check_read(corpus, quarantined=steps.troubles()["quarantined"])
        if not plain:
            check_keep(corpus, parse_keep(self.keep or "first"))
        corpus.save(join(self._cache, "corpus.json"))
        no_text = sum(block.no_text for block in corpus.blocks)
        facts |= {
            "num_documents": corpus.count + no_text,
            "no_text": no_text,
            "model": self.model_name,
            "dims": max((int(task._metadata["dims"]) for task in tasks), default=0),
            "truncated": sum(int(task._metadata["truncated"]) for task in tasks),
            "n_clusters": self.n_clusters or max(1, corpus.count // DOCUMENTS_PER_CLUSTER),
        }
        return corpus

    def _compare(
        self, steps: Steps, corpus: Corpus, clusters: int, key: str
    ) -> list[FileGroupTask]:
        if not corpus.count:
            return []
        folder = join(self._cache, "kmeans_results")
        device = device_on(steps.executor, self.device)
        kmeans = KMeansStage(
            n_clusters=clusters,
            input_path=join(self._cache, "embeddings"),
            output_path=folder,
            metadata_fields=["name", "order"],
            max_iter=self.kmeans_max_iter,
            tol=self.kmeans_tol,
            random_state=self.kmeans_random_state,
            init=self.kmeans_init,
            n_init=self.kmeans_n_init,
            oversampling_factor=self.kmeans_oversampling_factor,
            max_samples_per_batch=self.kmeans_max_samples_per_batch,
            fit_data_fraction=self.kmeans_fit_data_fraction,
            device=device,
            key=key,
        )
        steps.run("kmeans", kmeans)
        pairwise = PairwiseStage(
            input_path=folder,
            output_path=join(self._cache, "pairwise_results"),
            ranking_strategy=self._ranking(),
            pairwise_batch_size=self.pairwise_batch_size,
            device=device,
            key=key,
        )
        return steps.run("pairwise", pairwise)

    def _choose_eps(self, counts: NDArray[np.int64]) -> EpsChoice:
        if self.eps == "auto":
            return choose_eps(counts)
        return EpsChoice(eps=self.eps or FALLBACK_EPS, reason="as given")

    def _save_run(self, status: str, facts: dict[str, Any], steps: Steps) -> str | None:
        record = {
            "job": "semantic",
            "version": __version__,
            "status": status,
            "key": self.key,
            "settings": self.settings(),
            "embeddings": "wording, not meaning" if self.model_name == FINGERPRINT else "meaning",
            "facts": facts,
        }
        return save_record(self.output_path, record, steps.reports)


def _scores_in(tasks: Sequence[FileGroupTask]) -> NDArray[np.float32]:
    """The similarities of all clusters, without the first document of each, which has none."""
    parts = [cluster_table(task.data).column("cosine_sim_score").to_numpy()[1:] for task in tasks]
    return np.concatenate(parts) if parts else np.empty(0, np.float32)
