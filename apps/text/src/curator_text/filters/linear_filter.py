"""A filter by a linear model that `curator-text train` has made."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import InputError, SettingsError
from curator_engine.files.listing import stamp_of
from curator_text.filters.doc_filter import Bounds, DocumentFilter, Scores, drawn_by_score
from curator_text.filters.documents import Documents
from curator_text.models.linear_model import LinearModel, is_linear_model, model_file

_FASTTEXT = (".bin", ".ftz")


@lru_cache(maxsize=4)
def _model(path: str, stamp: str) -> LinearModel:
    """The model in a file; `stamp` tells it from an earlier one at that place."""
    del stamp
    return LinearModel.load(path)


def load_linear(path: str) -> LinearModel:
    """The model of a path, which is read once by a process.

    Raises:
        InputError: It is not there, or no model.
    """
    file = model_file(path)
    try:
        return _model(file, stamp_of(file))
    except FileNotFoundError as error:
        raise InputError(
            f"no model at {path}; give the folder that `curator-text train` has written."
        ) from error


def rule_of_model(path: str) -> str:
    """The filter that uses the model at a path.

    Raises:
        InputError: There is no model.
    """
    if Path(path).suffix in _FASTTEXT:
        return "FastTextQuality"
    if is_linear_model(path):
        return "LinearModel"
    raise InputError(
        f"no model at {path}; give the folder that `curator-text train` has written, or a .bin or .ftz file of fastText."
    )


@dataclass
class LinearModelFilter(DocumentFilter):
    """Keep documents that a model of `curator-text train` takes for good.

    The score is the probability that a document is good where good and bad ones are equally many.

    Example:
        LinearModelFilter("model", min_score=0.7)
    """

    model_path: str | None = None
    """The folder that `train` has written, or the file of the model."""
    min_score: float = 0.5
    """Score from which a document stays, with `choice` threshold."""
    choice: Literal["threshold", "pareto"] = field(default="threshold", kw_only=True)
    """pareto: of documents with low scores a few stay, by a draw that the score and the seed decide."""
    alpha: float = field(default=3, kw_only=True)
    """Shape of the distribution of the draw; GPT-3's was 9: fewer documents of low scores."""
    seed: int = field(default=42, kw_only=True)
    """Of the draw."""
    model_key: str = field(default="", init=False)
    """Changes with the model."""
    name = "model_score"

    def __post_init__(self) -> None:
        if self.model_path is None:
            raise SettingsError(
                "no model_path; give the folder that `curator-text train` has written."
            )
        if self.alpha <= 0:
            raise SettingsError(f"alpha={self.alpha} is not above 0.")
        if not 0 <= self.min_score <= 1:
            raise SettingsError(f"min_score={self.min_score} is not in [0, 1].")
        self.model_key = load_linear(self.model_path).key

    def score_document(self, text: str) -> float:
        """The score of a text."""
        return float(self.score_batch(Documents.of([text]))[0])

    def score_batch(self, documents: Documents) -> Scores:
        """The score of each document, shape (documents,)."""
        return load_linear(str(self.model_path)).scores(documents.texts)

    def keep_document(self, score: float) -> bool:
        """Whether a document with this score stays."""
        return bool(self.keep_batch(np.array([score]))[0])

    def keep_batch(self, scores: Scores) -> NDArray[np.bool_]:
        """Whether each document stays, shape (documents,)."""
        if self.choice == "pareto":
            return drawn_by_score(scores, alpha=self.alpha, seed=self.seed)
        return scores >= self.min_score

    def bounds(self) -> Bounds:
        """At least the score; a draw has no bound."""
        return (None if self.choice == "pareto" else self.min_score), None
