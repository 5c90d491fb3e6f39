"""NeMo Curator's stage that embeds the texts of batches by vLLM, for pipelines of one's own.

It has not run with vLLM yet (docs/models.md).
"""

from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_engine.task import TableTask


@positional(
    "model_identifier",
    "vllm_init_kwargs",
    "text_field",
    "pretokenize",
    "embedding_field",
    "max_chars",
    "cache_dir",
    "hf_token",
    "verbose",
)
@dataclass(kw_only=True)
class VLLMEmbeddingModelStage(ProcessingStage[TableTask, TableTask]):
    """Replace a batch by a column with the embedding of each text, of length one, and the columns that are asked for.

    Example:
        >>> VLLMEmbeddingModelStage("google/embeddinggemma-300m", metadata_fields=["id"])
    """

    model_identifier: str
    """Folder or hub id of the model."""
    vllm_init_kwargs: dict[str, Any] | None = None
    """Further arguments of `vllm.LLM`."""
    text_field: str = "text"
    """Column with the texts; a missing one counts as empty."""
    pretokenize: bool = True
    """Accepted: texts become tokens before vLLM gets them."""
    embedding_field: str = "embeddings"
    """Column for the vectors."""
    max_chars: int | None = None
    """Characters of a text that count; None for all that the model takes."""
    cache_dir: str | None = None
    """Only None: set HF_HOME."""
    hf_token: str | None = field(default=None, repr=False)
    """Only None: set HF_TOKEN."""
    verbose: bool = False
    """Accepted: vLLM draws no bars."""
    metadata_fields: list[str] | None = None
    """Columns that stay beside the vectors; none unless given."""
    model_inference_batch_size: int | None = 8192
    """Texts that vLLM gets at a time; None or 0 for a whole batch."""
    embedding_output_dtype: Literal["float16", "float32", "float64"] = "float32"
    """Type of the numbers."""
    resources: Resources = field(default_factory=lambda: Resources(cpus=1.0, gpus=1.0))
    _model: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        for name, variable in (("cache_dir", "HF_HOME"), ("hf_token", "HF_TOKEN")):
            if getattr(self, name) is not None:
                raise SettingsError(
                    f"{name} is not offered here; set {variable} in the environment."
                )
        size = self.model_inference_batch_size
        if size is not None and size < 0:
            raise SettingsError(f"model_inference_batch_size={size} is below 0.")

    def inputs(self) -> tuple[list[str], list[str]]:
        """The texts, and the columns that stay."""
        return ["data"], [self.text_field, *(self.metadata_fields or [])]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The columns that stay, and the vectors."""
        return ["data"], [*(self.metadata_fields or []), self.embedding_field]

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model.

        Raises:
            InputError: There is no such model, or it cannot be read.
            ResourceError: vLLM is not installed.
        """
        from curator_text.models.vllm_encoder import VllmEncoder

        self._model = VllmEncoder(self.model_identifier, **(self.vllm_init_kwargs or {}))

    def teardown(self) -> None:
        """Let the model go."""
        self._model = None

    def process(self, task: TableTask) -> TableTask:
        """Embed the texts of a batch."""
        given: list[Any] = task.data.column(self.text_field).to_pylist()
        vectors, cut = self._model.embed(
            [text or "" for text in given],
            batch_size=self.model_inference_batch_size or max(1, len(given)),
            max_chars=self.max_chars,
        )
        self.log_metric("texts_cut", float(cut))
        kept = task.data.select(list(dict.fromkeys(self.metadata_fields or [])))
        kind: Any = pa.list_(_TYPES[self.embedding_output_dtype])
        rows: Any = pa.array(list(vectors.astype(self.embedding_output_dtype)), kind)
        if self.embedding_field in kept.column_names:
            kept = kept.drop_columns([self.embedding_field])
        task.data = kept.append_column(self.embedding_field, rows)
        return task


_TYPES: dict[str, Any] = {
    "float16": pa.float16(),
    "float32": pa.float32(),
    "float64": pa.float64(),
}
