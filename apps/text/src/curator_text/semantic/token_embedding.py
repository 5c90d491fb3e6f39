"""NeMo Curator's stage that embeds tokens, which `TokenizerStage` has made, for pipelines of one's own."""

from dataclasses import dataclass, field
from typing import Any, Literal

from curator_engine.device import Device, has_gpu
from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_engine.task import TableTask
from curator_engine.vectors.matrix import vector_column
from curator_text.read.columns import with_columns

_TOKENS = "input_ids"
_ONLY: dict[str, tuple[Any, str]] = {
    "cache_dir": (None, "set HF_HOME in the environment"),
    "hf_token": (None, "set HF_TOKEN in the environment"),
    "padding_side": ("right", "leave it out"),
    "transformers_init_kwargs": (None, "leave them out"),
}


@positional(
    *("model_identifier", "cache_dir", "embedding_field", "pooling", "hf_token"),
    *("model_inference_batch_size", "has_seq_order", "padding_side", "autocast"),
    "transformers_init_kwargs",
)
@dataclass(kw_only=True)
class EmbeddingModelStage(ProcessingStage[TableTask, TableTask]):
    """Add a column with the embedding of each text's tokens: float32, of length one. Transformers runs the model.

    Example:
        >>> EmbeddingModelStage("sentence-transformers/all-MiniLM-L6-v2")
    """

    model_identifier: str
    """Folder or hub id of the model; that of `TokenizerStage`."""
    cache_dir: str | None = None
    """Only None: set HF_HOME."""
    embedding_field: str = "embeddings"
    """Column for the vectors."""
    pooling: Literal["mean_pooling", "last_token"] = "mean_pooling"
    """How the states of tokens become a vector."""
    hf_token: str | None = field(default=None, repr=False)
    """Only None: set HF_TOKEN."""
    model_inference_batch_size: int = 1024
    """Texts at a time; fewer where a GPU's memory is too small."""
    has_seq_order: bool = True
    """Accepted: batches are of like lengths; rows keep their order."""
    padding_side: Literal["left", "right"] = "right"
    """Only "right"."""
    autocast: bool = True
    """Accepted: a GPU computes in half precision, a CPU in float32."""
    transformers_init_kwargs: dict[str, Any] | None = None
    """Only None."""
    device: Device = "auto"
    """Where to compute."""
    _model: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        for name, (only, instead) in _ONLY.items():
            if getattr(self, name) != only:
                raise SettingsError(f"{name} is not offered here; {instead}.")
        if self.pooling not in ("mean_pooling", "last_token"):
            raise SettingsError(f"pooling {self.pooling!r} is not mean_pooling or last_token.")
        if self.device == "gpu" or (self.device == "auto" and has_gpu()):
            self.resources = Resources(cpus=1.0, gpus=1.0)

    def inputs(self) -> tuple[list[str], list[str]]:
        """The tokens."""
        return ["data"], [_TOKENS]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The vectors."""
        return ["data"], [self.embedding_field]

    def num_workers(self) -> int | None:
        """One where it computes on the CPU: it takes all of them by itself."""
        return None if self.resources.requires_gpu else 1

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model.

        Raises:
            InputError: There is no such model, or it cannot be read.
            ResourceError: What it needs is not installed, or a GPU is asked for and not there.
        """
        from curator_text.models.transformer_encoder import TransformerEncoder

        pooling = "mean" if self.pooling == "mean_pooling" else "last"
        self._model = TransformerEncoder(self.model_identifier, pooling=pooling, device=self.device)

    def teardown(self) -> None:
        """Let the model go."""
        self._model = None

    def process(self, task: TableTask) -> TableTask:
        """Embed the texts of a batch; their tokens go."""
        ids: list[Any] = task.data.column(_TOKENS).to_pylist()
        vectors = self._model.embed_tokens(ids, batch_size=self.model_inference_batch_size)
        table = task.data.drop_columns([_TOKENS])
        task.data = with_columns(table, {self.embedding_field: vector_column(vectors)})
        return task
