"""NeMo Curator's stage that embeds tokens, which `TokenizerStage` has made, for pipelines of one's own."""

from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa

from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.vectors.matrix import vector_column
from curator_text.models.model_stage import INPUT_ID_FIELD, ModelStage
from curator_text.read.columns import with_columns

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
class EmbeddingModelStage(ModelStage):
    """Add a column with the embedding of each text's tokens: float32, of length one. Transformers runs the model.

    Example:
        >>> EmbeddingModelStage("sentence-transformers/all-MiniLM-L6-v2")
    """

    embedding_field: str = "embeddings"
    """Column for the vectors."""
    pooling: Literal["mean_pooling", "last_token"] = "mean_pooling"
    """How the states of tokens become a vector."""
    model_inference_batch_size: int = 1024
    """Texts at a time; fewer where a GPU's memory is too small."""
    transformers_init_kwargs: dict[str, Any] | None = None
    """Only None, or {}."""

    def __post_init__(self) -> None:
        for name, (only, instead) in _ONLY.items():
            if (getattr(self, name) or None) != only:
                raise SettingsError(f"{name} is not offered here; {instead}.")
        if self.pooling not in ("mean_pooling", "last_token"):
            raise SettingsError(f"pooling {self.pooling!r} is not mean_pooling or last_token.")
        super().__post_init__()

    def outputs(self) -> tuple[list[str], list[str]]:
        """The vectors."""
        return ["data"], [self.embedding_field]

    def _setup(self, local_files_only: bool = True) -> None:
        from curator_text.models.transformer_encoder import TransformerEncoder

        pooling = "mean" if self.pooling == "mean_pooling" else "last"
        self.model = TransformerEncoder(self.model_identifier, pooling=pooling, device=self.device)

    def answered(self, table: pa.Table, ids: list[list[int]]) -> pa.Table:
        """The table with the vectors; the tokens go."""
        vectors = self.model.embed_tokens(ids, batch_size=self.model_inference_batch_size)
        table = table.drop_columns([INPUT_ID_FIELD])
        return with_columns(table, {self.embedding_field: vector_column(vectors)})


@positional(
    *("model_identifier", "cache_dir", "embedding_field", "hf_token"),
    *("model_inference_batch_size", "has_seq_order", "padding_side", "autocast"),
    "transformers_init_kwargs",
)
@dataclass(kw_only=True)
class SentenceTransformerEmbeddingModelStage(EmbeddingModelStage):
    """The same by the model's own files: how they say that states become a vector. Sentence-transformers need not be installed.

    Example:
        >>> SentenceTransformerEmbeddingModelStage("sentence-transformers/all-MiniLM-L6-v2")
    """

    def _setup(self, local_files_only: bool = True) -> None:
        from curator_text.models.transformer_encoder import TransformerEncoder

        self.model = TransformerEncoder(self.model_identifier, device=self.device)


def create_list_series_from_1d_or_2d_ar(ar: Any, index: Any) -> Any:
    """A series of pandas in which each row is a list.

    Args:
        ar: Numbers of shape (rows, size), or (rows,) for lists of one; of numpy, torch or what numpy can read.
        index: Of the series, of length (rows,).

    Raises:
        SettingsError: The array has another shape.
    """
    import numpy as np
    import pandas as pd

    values = np.asarray(ar.detach().cpu() if hasattr(ar, "detach") else ar)
    if values.ndim not in (1, 2):
        raise SettingsError(f"an array of {values.ndim} dimensions is no column of lists.")
    rows = values[:, None] if values.ndim == 1 else values
    return pd.Series(rows.tolist(), index=index, dtype=object)
