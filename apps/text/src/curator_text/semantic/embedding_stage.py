"""NeMo Curator's stage that embeds the texts of batches, for pipelines of one's own."""

from dataclasses import dataclass, field
from typing import Any, Literal

from curator_engine.device import Device
from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_engine.task import TableTask
from curator_engine.vectors.matrix import vector_column


@positional(
    "model_identifier",
    "use_sentence_transformer",
    "text_field",
    "embedding_field",
    "cache_dir",
    "max_chars",
    "max_seq_length",
    "padding_side",
    "embedding_pooling",
    "model_inference_batch_size",
    "autocast",
    "sort_by_length",
    "hf_token",
    "transformers_init_kwargs",
)
@dataclass(kw_only=True)
class EmbeddingCreatorStage(ProcessingStage[TableTask, TableTask]):
    """Add a column with the embedding of each text: float32, of length one.

    By sentence-transformers where it is installed, else by our own BERT: pooling and the longest text are
    those that the model's own files say. By transformers, with `embedding_pooling`, if that is asked for. A missing text counts as an empty one.

    Example:
        >>> EmbeddingCreatorStage("sentence-transformers/all-MiniLM-L6-v2", text_field="text")
    """

    model_identifier: str = "sentence-transformers/all-MiniLM-L6-v2"
    """Folder or hub id of a model in sentence-transformers' form."""
    use_sentence_transformer: bool = True
    """Otherwise transformers runs the model, with `embedding_pooling`."""
    text_field: str = "text"
    """Column with the texts."""
    embedding_field: str = "embeddings"
    """Column with the vectors."""
    cache_dir: str | None = None
    """Only None: set HF_HOME."""
    max_chars: int | None = None
    """Characters of a text that the model sees; None for all that it takes."""
    max_seq_length: int | None = None
    """Only None: the model's own limit counts."""
    padding_side: Literal["left", "right"] = "right"
    """Only "right"."""
    embedding_pooling: Literal["mean_pooling", "last_token"] = "mean_pooling"
    """Of the states of a text's tokens; sentence-transformers goes by the model's own files."""
    model_inference_batch_size: int = 1024
    """Texts at a time; fewer where a GPU's memory is too small."""
    autocast: bool = True
    """Accepted: on a GPU bfloat16, on a CPU float32."""
    sort_by_length: bool = True
    """Accepted: texts are sorted by length; the order of rows stays."""
    hf_token: str | None = field(default=None, repr=False)
    """Only None: set HF_TOKEN."""
    transformers_init_kwargs: dict[str, Any] = field(default_factory=dict[str, Any])
    """Only {}."""
    device: Device = "auto"
    """Where to compute."""
    _model: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        for name, (only, instead) in _ONLY.items():
            if getattr(self, name) != only:
                raise SettingsError(f"{name} is not offered here; {instead}.")
        if self.use_sentence_transformer and self.embedding_pooling != "mean_pooling":
            raise SettingsError(
                "embedding_pooling is for use_sentence_transformer=False; else the model's own files say how to pool."
            )

    def inputs(self) -> tuple[list[str], list[str]]:
        """The texts."""
        return ["data"], [self.text_field]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The vectors."""
        return ["data"], [self.embedding_field]

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model.

        Raises:
            InputError: There is no such model, or it cannot be read.
            ResourceError: What it needs is not installed, or a GPU is asked for and not there.
        """
        from curator_text.models.sentence_encoders import load_text_model

        if self.use_sentence_transformer:
            self._model = load_text_model(self.model_identifier, device=self.device)
            return
        self._model = load_text_model(
            self.model_identifier,
            device=self.device,
            backend="transformers",
            pooling="mean" if self.embedding_pooling == "mean_pooling" else "last",
        )

    def teardown(self) -> None:
        """Let the model go."""
        self._model = None

    def process(self, task: TableTask) -> TableTask:
        """Embed the texts of a batch."""
        texts: list[Any] = task.data.column(self.text_field).to_pylist()
        vectors, cut = self._model.embed(
            [text or "" for text in texts],
            batch_size=self.model_inference_batch_size,
            max_chars=self.max_chars,
        )
        self.log_metric("texts_cut", float(cut))
        column: Any = vector_column(vectors)
        names = task.data.column_names
        if self.embedding_field in names:
            task.data = task.data.set_column(
                names.index(self.embedding_field), self.embedding_field, column
            )
        else:
            task.data = task.data.append_column(self.embedding_field, column)
        return task


_ONLY: dict[str, tuple[Any, str]] = {
    "cache_dir": (None, "set HF_HOME in the environment"),
    "hf_token": (None, "set HF_TOKEN in the environment"),
    "max_seq_length": (None, "the model's own limit counts, or set max_chars"),
    "padding_side": ("right", "leave it out"),
    "transformers_init_kwargs": ({}, "leave them out"),
}
"""Parameters that take one value, and what to do instead of another."""
