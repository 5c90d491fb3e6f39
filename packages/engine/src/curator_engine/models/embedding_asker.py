"""Vectors of texts from an OpenAI-compatible endpoint: `POST <url>/embeddings`, some texts in each request.

A vector is kept in the journal as the base64 of its numbers in single precision, so that a killed run pays for no
text twice.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.models.answer_journal import Reply
from curator_engine.models.asker import TOKEN_BYTES, Asker, Attempts
from curator_engine.models.endpoint import Endpoint, EndpointError
from curator_engine.models.token_budget import Usage

_MORE_TOKENS = 8
"""That a model adds to a text."""


@dataclass(frozen=True, kw_only=True)
class TextToEmbed:
    """A text of which a vector is wanted."""

    text: str

    def key(self, model: str) -> str:
        """A hash of the model and the text."""
        asked = json.dumps(["embeddings", model, self.text])
        return hashlib.sha256(asked.encode()).hexdigest()[:32]

    @property
    def most(self) -> Usage:
        """The most tokens that it is taken to cost."""
        size = len(self.text.encode(errors="replace"))
        return Usage(tokens_in=size // TOKEN_BYTES + _MORE_TOKENS)


@dataclass(kw_only=True)
class EmbeddingAsker(Asker[TextToEmbed]):
    """Asks an endpoint for vectors.

    Example:
        >>> asker = EmbeddingAsker(endpoint=endpoint, model="small", journal=AnswerJournal("j"))
        >>> vector_in(asker.ask_all([TextToEmbed(text="What is a shingle?")])[0]).shape
        (1536,)
    """

    endpoint: Endpoint
    """Where the model is."""

    def answers(self, questions: Sequence[TextToEmbed], watch: Attempts) -> list[Reply]:
        """The vectors of some texts."""
        # A half of a pair of UTF-16 is no text to a server.
        texts = [each.text.encode("utf-8", "replace").decode() for each in questions]
        said = self.endpoint.ask("/embeddings", {"model": self.model, "input": texts}, watch=watch)
        vectors = vectors_in(said, len(texts))
        usages = _shared(said, questions)
        return [
            Reply(text=base64.b64encode(each.tobytes()).decode(), end="stop", usage=usage)
            for each, usage in zip(vectors, usages, strict=True)
        ]


def vector_in(reply: Reply) -> NDArray[np.float32]:
    """The vector that a reply holds."""
    return np.frombuffer(base64.b64decode(reply.text), "<f4")


def vectors_in(said: dict[str, Any], count: int) -> list[NDArray[np.float32]]:
    """The vectors that an endpoint's JSON holds, in the order of the texts.

    Raises:
        EndpointError: They are not one for each text, or hold something else than numbers.
    """
    items: Any = said.get("data")
    try:
        found = {int(item.get("index", i)): item["embedding"] for i, item in enumerate(items)}
        vectors = [np.asarray(found[i], "<f4") for i in range(count)]
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise EndpointError(
            f"the endpoint's answer has no list of numbers for each of {count} texts in data[].embedding"
        ) from error
    if not all(each.ndim == 1 and each.size and np.isfinite(each).all() for each in vectors):
        raise EndpointError("the endpoint's answer holds an embedding that is no list of numbers")
    return vectors


def _shared(said: dict[str, Any], questions: Sequence[TextToEmbed]) -> list[Usage]:
    """What each text cost, of what the endpoint says of all; what it is taken to cost if it says nothing."""
    told: Any = said.get("usage")
    whole: Any = told.get("prompt_tokens") if isinstance(told, dict) else None
    if not isinstance(whole, int):
        return [each.most for each in questions]
    each, more = divmod(whole, len(questions))
    return [Usage(tokens_in=each + (i < more)) for i in range(len(questions))]
