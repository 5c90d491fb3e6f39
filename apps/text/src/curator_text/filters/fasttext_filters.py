"""Filters by a fastText model that is given by its path, with NeMo Curator's names, parameters and defaults.

They need the extra `langid` of curator-text. A model is loaded once by a process, when the first text comes.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import InputError, ResourceError, SettingsError
from curator_text.filters.doc_filter import Bounds, DocumentFilter, Scores, drawn_by_score

_LABEL = "__label__"


def _check(path: str | None) -> None:
    if path is None:
        raise SettingsError(
            "no model_path; give the path of a fastText model, such as lid.176.ftz."
        )
    if not Path(path).is_file():
        raise SettingsError(f"model_path={path!r}: there is no such file.")


@lru_cache(maxsize=4)
def load_fasttext(path: str) -> Any:
    """The fastText model of a file, which is read once by a process.

    Raises:
        ResourceError: fastText is not installed.
        InputError: The file holds no model.
    """
    try:
        import fasttext
    except ImportError as error:
        raise ResourceError(
            f"the model {path} needs the extra 'langid' of curator-text; install it."
        ) from error
    fast: Any = fasttext
    try:
        return fast.load_model(path)
    except (ValueError, RuntimeError, MemoryError) as error:
        raise InputError(f"{path} is no fastText model: {error}.") from error


def _best(path: str, text: str) -> tuple[str, float]:
    """The most likely label of a text, and its probability; "" and 0 if there is none."""
    labels, scores = load_fasttext(path).predict(text, k=1)
    return (labels[0], min(float(scores[0]), 1.0)) if len(labels) else ("", 0.0)


@dataclass
class FastTextLangId(DocumentFilter):
    """Keep documents of which a model is sure enough in which language they are, or that it is a given one.

    A language such as `eng` is any of its scripts; `eng_Latn` is one. NeMo Curator's score is a text with the
    probability and the language in it; here it is the probability, 0 for another language than the one asked for.
    """

    model_path: str | None = None
    min_langid_score: float = 0.3
    lang: str | None = field(default=None, kw_only=True)
    name = "lang_id"

    def __post_init__(self) -> None:
        _check(self.model_path)

    def score_document(self, text: str) -> float:
        """The probability."""
        label, score = _best(str(self.model_path), text.strip().replace("\n", " "))
        return score if self._is_asked_for(label.removeprefix(_LABEL).casefold()) else 0.0

    def _is_asked_for(self, found: str) -> bool:
        asked = (self.lang or "").casefold()
        return not asked or asked == (found if "_" in asked else found.partition("_")[0])

    def keep_document(self, score: float) -> bool:
        """Whether the model is sure enough."""
        return score >= self.min_langid_score

    def bounds(self) -> Bounds:
        """At least the score."""
        return self.min_langid_score, None


@dataclass
class FastTextQualityFilter(DocumentFilter):
    """Keep documents of high quality by a model of two classes, and of the others the fewer the worse they are.

    A document stays if a number that is drawn from a Pareto distribution is larger than what its score lacks to 1.
    Unlike NeMo Curator's the draw depends on `seed` and the score alone, so that it comes out alike at each run.
    """

    model_path: str | None = None
    label: str = "__label__hq"
    """The class of high quality."""
    alpha: float = field(default=3, kw_only=True)
    seed: int = field(default=42, kw_only=True)
    name = "fasttext_quality_filter"

    def __post_init__(self) -> None:
        _check(self.model_path)
        if self.alpha <= 0:
            raise SettingsError(f"alpha={self.alpha} is not above 0.")

    def score_document(self, text: str) -> float:
        """The probability of high quality."""
        label, score = _best(str(self.model_path), text.replace("\n", " ").replace(_LABEL, " "))
        return score if label == self.label else 1 - score

    def keep_document(self, score: float) -> bool:
        """Whether the draw is high enough."""
        return bool(self.keep_batch(np.array([score]))[0])

    def keep_batch(self, scores: Scores) -> NDArray[np.bool_]:
        """Whether the draw of each score is high enough, shape (documents,)."""
        return drawn_by_score(scores, alpha=self.alpha, seed=self.seed)
