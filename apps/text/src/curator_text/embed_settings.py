"""Settings of `curator-text embed`."""

from dataclasses import dataclass
from typing import Annotated, Literal

from curator_engine.commands.settings import Flag, Group, Kind
from curator_engine.errors import SettingsError
from curator_text.endpoint_settings import EndpointSettings
from curator_text.semantic import FINGERPRINT


@dataclass(frozen=True, kw_only=True)
class EmbedSettings(EndpointSettings):
    """Settings of `curator-text embed`."""

    why_whole = ""
    model: Annotated[str | None, Group.MODELS, Kind.NAME] = None
    """Folder or hub id of a text model, or the model's name at --endpoint; without either, a fingerprint, which sees wording and not meaning."""
    backend: Annotated[
        Literal["auto", "sentence-transformers", "transformers", "vllm"], Group.MODELS
    ] = "auto"
    """What runs the model; auto is sentence-transformers where it is installed, else our own BERT, and transformers with --pooling."""
    pooling: Annotated[Literal["auto", "mean", "cls", "last"], Group.MODELS] = "auto"
    """What of the states of a text's tokens is its vector, with transformers: their mean, the first one's, the last one's; as the model's files say, unless given."""
    max_chars: Annotated[int | None, Group.MODELS] = None
    """Characters of a text that count, from its beginning; all that the model takes unless given."""
    batch_size: Annotated[int, Group.MODELS] = 64
    """Texts that are computed at a time, or are in one request; fewer where a GPU's memory is too small."""
    embedding_field: Annotated[str, Group.FILES] = "embeddings"
    """Column for the vectors."""
    vector_type: Annotated[Literal["float32", "float16"], Group.FILES] = "float32"
    """Type of the numbers; float16 takes half of the disk and keeps three digits."""
    keep_text: Annotated[Flag, Group.FILES] = False
    """Write data/ too: the rows of the input as they are, with their vectors."""
    device: Annotated[Literal["auto", "cpu", "gpu"], Group.RUNNING] = "auto"
    """Where a model computes; auto takes a GPU where there is one."""

    @property
    def writes_data(self) -> bool:
        """If it is asked for."""
        return self.keep_text

    @property
    def is_fingerprint(self) -> bool:
        """Whether no model is used."""
        return self.endpoint is None and self.model in (None, FINGERPRINT)

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        self.check_least(1, "batch_size", "max_chars")
        if self.budget_usd is not None and not self.usd_in:
            raise SettingsError("--budget-usd needs the price; give --usd-in.")
        if self.embedding_field in ("", self.text_field, self.id_field):
            raise SettingsError(
                f"--embedding-field {self.embedding_field!r} is no new field; choose another."
            )
        self._check_model()

    def _check_model(self) -> None:
        chosen = [name for name in ("backend", "pooling") if getattr(self, name) != "auto"]
        if chosen and (self.endpoint is not None or self.is_fingerprint):
            raise SettingsError(
                f"--{chosen[0]} is about a model that runs here; give its folder or hub id by --model."
            )
        if self.pooling != "auto" and self.backend not in ("auto", "transformers"):
            raise SettingsError(
                f"--pooling is for --backend transformers; {self.backend} pools as the model's files say."
            )
