"""Settings of `curator-text semantic`."""

from dataclasses import dataclass
from typing import Annotated, Literal

from curator_engine.commands.settings import CommonSettings, Group
from curator_engine.errors import SettingsError

FINGERPRINT = "fingerprint"
"""The name that stands for fingerprints instead of a model's."""


@dataclass(frozen=True, kw_only=True)
class SemanticSettings(CommonSettings):
    """Settings of `curator-text semantic`."""

    text_field: Annotated[str, Group.FILES] = "text"
    """Field with the document's text."""
    id_field: Annotated[str | None, Group.FILES] = None
    """Field with the document's id; file and row unless given."""
    model: Annotated[str, Group.MODELS] = FINGERPRINT
    """Folder or hub id of a sentence-transformers model; fingerprint needs none, and sees wording, not meaning."""
    embedding_field: Annotated[str | None, Group.MODELS] = None
    """Field with an embedding (a list of numbers) per document, instead of a model."""
    max_chars: Annotated[int | None, Group.MODELS] = None
    """Characters of a text that the model sees; as many as it takes unless given."""
    eps: float | Literal["auto"] = 0.01
    """A document goes at a cosine similarity of at least 1 - eps; auto looks for the valley between near-duplicates and the rest."""
    n_clusters: int | None = None
    """Clusters within which documents are compared; one per 5,000 documents unless given."""
    keep: str = "hard"
    """Which of similar documents stays: hard (far from the cluster's centre), easy (near it), random, first, longest, newest[:FIELD] or field:FIELD."""
    rule: Literal["leaders", "any"] = "leaders"
    """leaders: a document goes if it is similar to one that stays; any: to any one before it."""
    seed: int = 42
    """Seed of the clusters and of --keep random."""
    device: Annotated[Literal["auto", "cpu", "gpu"], Group.RUNNING] = "auto"
    """Where models and vectors are computed."""
    format: Annotated[Literal["auto", "jsonl", "parquet"], Group.FILES] = "auto"
    """Format of the input; auto goes by the files' endings, else by their first bytes."""
    max_row: Annotated[str, Group.LIMITS] = "64MB"
    """The longest line that is read; a longer one goes to quarantine by its length."""
    max_rejected_ratio: Annotated[float, Group.LIMITS] = 0.05
    """Fail if more than this ratio of the rows cannot be read, in [0, 1]."""
    max_removed_ratio: Annotated[float | None, Group.LIMITS] = None
    """Fail instead of writing data/ if more than this ratio of documents would go, in [0, 1]."""
    cache: Annotated[str | None, Group.FILES] = None
    """Folder for what lies between the steps; OUT/.cache, removed at the end, unless given."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        if self.embedding_field is not None and self.model != FINGERPRINT:
            raise SettingsError("--embedding-field and --model exclude each other; choose one.")
        if self.eps != "auto" and not 0 < self.eps < 1:
            raise SettingsError(f"--eps {self.eps} is not between 0 and 1.")
        for name in ("n_clusters", "max_chars"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise SettingsError(f"--{name.replace('_', '-')} {value} is below 1.")
        if self.seed < 0:
            raise SettingsError(f"--seed {self.seed} is below 0.")
        if self.max_removed_ratio is not None and not 0 <= self.max_removed_ratio <= 1:
            raise SettingsError(f"--max-removed-ratio {self.max_removed_ratio} is not in [0, 1].")
        if not 0 <= self.max_rejected_ratio <= 1:
            raise SettingsError(f"--max-rejected-ratio {self.max_rejected_ratio} is not in [0, 1].")
