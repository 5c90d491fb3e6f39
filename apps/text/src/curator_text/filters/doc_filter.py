"""What a filter of documents is: a score, and which scores are kept."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from curator_engine.items.limit import Limit
from curator_text.filters.documents import Documents

type Bounds = tuple[float | None, float | None]
type Scores = NDArray[np.float64]


class DocumentFilter(ABC):
    """A score for each document, and which scores are kept; subclass it with these two methods.

    Example:
        class ExclamationFilter(DocumentFilter):
            name = "exclamations"

            def score_document(self, text: str) -> float:
                return text.count("!") / max(len(text), 1)

            def keep_document(self, score: float) -> bool:
                return score <= 0.1
    """

    name: str = "document_filter"
    """What the score is called in tables."""

    @abstractmethod
    def score_document(self, text: str) -> float:
        """The score of a text."""

    @abstractmethod
    def keep_document(self, score: float) -> bool:
        """Whether a document with this score stays."""

    def score_batch(self, documents: Documents) -> Scores:
        """The score of each document, shape (documents,)."""
        texts: list[Any] = documents.texts.to_pylist()
        return np.array([self.score_document(text) for text in texts], np.float64)

    def keep_batch(self, scores: Scores) -> NDArray[np.bool_]:
        """Whether each document stays, shape (documents,)."""
        return np.array([self.keep_document(score) for score in scores.tolist()], np.bool_)

    def bounds(self) -> Bounds:
        """The least and the most that the score of a kept document may be; None: no bound, or not known."""
        return None, None

    def reason(self, score: float) -> str:
        """Why a document with this score goes: the score and the bound that it breaks."""
        least, most = self.bounds()
        limits = [(least, True)] if least is not None else []
        limits += [(most, False)] if most is not None else []
        for value, is_least in limits:
            limit = Limit(group=self.name, score=self.name, value=value, least=is_least)
            if broken := limit.broken_by({self.name: score}):
                return broken
        return f"{self.name} {score:.4g}"


def drawn_by_score(scores: Scores, *, alpha: float, seed: int) -> NDArray[np.bool_]:
    """Whether a Pareto draw of each score is larger than what the score lacks to 1, as GPT-3's data was chosen.

    The draw depends on the seed and the score alone, not on the other documents: it comes out alike at each run.

    Args:
        scores: Shape (documents,), in [0, 1].
        alpha: Shape of the distribution: the larger, the fewer documents of low scores stay.
        seed: Another one draws otherwise.
    """
    marks: list[int] = np.asarray(scores, np.float64).view(np.uint64).tolist()
    drawn = [np.random.default_rng((abs(seed), mark)).pareto(alpha) for mark in marks]
    return np.array(drawn, np.float64) > 1 - scores


class HeuristicFilter(DocumentFilter):
    """A rule on what was counted in a document, within bounds; one pass serves many of them.

    A subclass is a dataclass whose fields are the bounds. It names the counts it `needs`, computes the
    score of a whole block from them, and says its bounds.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    """Names of the counts in `documents.py` that the score comes from."""

    @property
    def counts(self) -> tuple[str, ...]:
        """The counts that this filter needs."""
        return self.needs

    @abstractmethod
    def score_batch(self, documents: Documents) -> Scores:
        """The score of each document, shape (documents,)."""

    @abstractmethod
    def bounds(self) -> Bounds:
        """The least and the most that the score of a kept document may be; None: no bound."""

    def score_document(self, text: str) -> float:
        """The score of a text."""
        return float(self.score_batch(Documents.of([text], wanted=self.counts))[0])

    def keep_document(self, score: float) -> bool:
        """Whether the score is within the bounds."""
        least, most = self.bounds()
        return (least is None or score >= least) and (most is None or score <= most)

    def keep_batch(self, scores: Scores) -> NDArray[np.bool_]:
        """Whether each score is within the bounds, shape (documents,)."""
        least, most = self.bounds()
        kept = np.ones(len(scores), np.bool_)
        if least is not None:
            kept &= scores >= least
        return kept if most is None else kept & (scores <= most)


class TokenFilter(HeuristicFilter):
    """A rule on words and marks, or on lines as datatrove cuts them: `documents.tokens`."""
