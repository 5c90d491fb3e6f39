"""Semantic deduplication under NeMo Curator's keywords; `semantic.py` does it."""

from dataclasses import dataclass, field
from typing import Any, Literal

from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.device import Device
from curator_engine.errors import SettingsError
from curator_engine.files.blocks import MAX_ROW_BYTES
from curator_engine.pipeline import Executor
from curator_engine.positional import positional
from curator_engine.running.progress import ProgressSink
from curator_engine.vectors.choose_eps import FALLBACK_EPS
from curator_engine.vectors.ranking import Keep
from curator_engine.workflow import WorkflowRunResult, take_storage
from curator_text.pipelines.dedup_workflow import DedupKeywords, DedupWorkflow
from curator_text.pipelines.semantic import SemanticWorkflow
from curator_text.semantic.similar import Rule
from curator_text.settings import SemanticSettings

_KMEANS = (
    *("kmeans_max_iter", "kmeans_tol", "kmeans_init", "kmeans_n_init"),
    *("kmeans_oversampling_factor", "kmeans_max_samples_per_batch", "kmeans_fit_data_fraction"),
)
_NOT_HERE = {
    "ranking_strategy": "keep= or which_to_keep= says which of similar documents stays",
    "hf_token": "models are loaded with HF_TOKEN of the environment",
    "model_cache_dir": "models lie where HF_HOME of the environment says",
    "id_generator_state_file": "documents without ids are named by file and row",
    "output_file_extension": "files keep their names",
    "output_fields": "documents keep all their fields",
}


@positional(
    "input_path",
    "output_path",
    "cache_path",
    "perform_removal",
    "text_field",
    "embedding_field",
    "model_identifier",
    "embedding_max_chars",
    "embedding_pretokenize",
    "embedding_vllm_init_kwargs",
    "hf_token",
    "model_cache_dir",
    "n_clusters",
    "id_field",
    "embedding_dim",
    "metadata_fields",
    "distance_metric",
    "which_to_keep",
    "eps",
    "kmeans_max_iter",
    "kmeans_tol",
    "kmeans_random_state",
    "kmeans_init",
    "kmeans_n_init",
    "kmeans_oversampling_factor",
    "kmeans_max_samples_per_batch",
    "kmeans_fit_data_fraction",
    "ranking_strategy",
    "pairwise_batch_size",
    "_duplicates_num_row_groups_hint",
    "use_id_generator",
    "id_generator_state_file",
    "input_filetype",
    "input_file_extensions",
    "input_files_per_partition",
    "input_blocksize",
    "output_filetype",
    "output_file_extension",
    "output_fields",
    "read_kwargs",
    "cache_kwargs",
    "write_kwargs",
    "verbose",
    "clear_output",
)
@dataclass(kw_only=True)
class TextSemanticDeduplicationWorkflow(DedupKeywords):
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
    """Write `data/`; else the ids of what would go, for a removal in a step of its own."""
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
    """Accepted: cuML starts with the first, the CPU and torch with the second."""
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
    """With `perform_removal=False`: write numbers by file and row, and their ranges; else own ids."""
    input_filetype: Literal["auto", "jsonl", "parquet"] = "auto"
    """Which files of a folder count, and how they are read."""
    input_file_extensions: list[str] | None = None
    """Endings of the files that count; those of the file type unless given."""
    input_blocksize: int | str = "32MiB"
    """Bytes per task; the result does not depend on it."""
    input_files_per_partition: int | None = None
    """Accepted: the result does not depend on it."""
    ranking_strategy: Any = None
    """Only None: say by `keep` or `which_to_keep` which of similar documents stays."""
    hf_token: str | None = None
    """Only None: models are loaded with HF_TOKEN of the environment."""
    model_cache_dir: str | None = None
    """Only None: models lie where HF_HOME of the environment says."""
    id_generator_state_file: str | None = None
    """Only None: documents without ids are named by file and row."""
    output_filetype: Literal["jsonl", "parquet"] | None = None
    """Only None or `input_filetype`: `data/` has the format of the input."""
    output_file_extension: str | None = None
    """Only None: files keep their names."""
    output_fields: list[str] | None = None
    """Only None: documents keep all their fields."""
    read_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of `input_path`, which may hold secrets; the rest is for cuDF and refused."""
    cache_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of `cache_path`, which may hold secrets; the rest is for cuDF and refused."""
    write_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of `output_path`, which may hold secrets; the rest is for cuDF and refused."""
    _duplicates_num_row_groups_hint: int | None = None
    """Accepted, without effect: row groups follow from the number of rows."""
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
    of, options = SemanticWorkflow, SemanticSettings

    def __post_init__(self) -> None:
        if self.embedding_vllm_init_kwargs:
            raise SettingsError(
                "embedding_vllm_init_kwargs is for vLLM, which is not used; leave it out."
            )
        take_storage(
            self, read_kwargs="input_path", cache_kwargs="cache_path", write_kwargs="output_path"
        )
        refused = {name: why for name, why in _NOT_HERE.items() if getattr(self, name) is not None}
        if self.output_filetype not in (None, self.input_filetype):
            refused["output_filetype"] = "data/ has the format of the input"
        for name, why in refused.items():
            raise SettingsError(f"{name} is not offered: {why}. Leave it out.")
        self.made()

    def given(self) -> dict[str, Any]:
        """With one keep policy, and the options of k-means together."""
        kmeans = {f.removeprefix("kmeans_"): getattr(self, f) for f in _KMEANS}
        own = {"keep": self.keep or self.which_to_keep, "eps": self.eps or FALLBACK_EPS}
        return super().given() | own | {"kmeans": kmeans}

    def made(self) -> FolderWorkflow[Any]:
        """As of the others; numbers by file and row only if a generator is asked for."""
        made = super().made()
        if isinstance(made, DedupWorkflow):
            made.own_ids = not self.use_id_generator
        return made

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
        return self._run(None, executor)
