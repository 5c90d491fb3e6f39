"""Questions to a chat model, each asked once: `asker.py` says how they are asked."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from curator_engine.models.answer_journal import Reply
from curator_engine.models.asker import TOKEN_BYTES, Asker, Attempts
from curator_engine.models.endpoint import Endpoint, EndpointError, other_options, text_of
from curator_engine.models.token_budget import Usage

_MESSAGE_TOKENS = 8


@dataclass(frozen=True, kw_only=True)
class ChatQuestion:
    """One question, and how it is to be answered."""

    prompt: str
    system: str = ""
    """What the model is told first; empty for nothing."""
    max_tokens: int = 512
    """Tokens of the answer at most."""
    temperature: float = 0.0
    """0 for the most likely tokens."""

    def body(self, model: str) -> dict[str, Any]:
        """The request, as OpenAI's interface has it."""
        told = [{"role": "system", "content": self.system}] if self.system else []
        return {
            "model": model,
            "messages": [*told, {"role": "user", "content": self.prompt}],
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
        }

    def key(self, model: str) -> str:
        """A hash of the request."""
        text = json.dumps(self.body(model), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def most(self) -> Usage:
        """The most tokens that it is taken to cost."""
        size = len(self.prompt.encode(errors="replace")) + len(self.system.encode(errors="replace"))
        return Usage(
            tokens_in=size // TOKEN_BYTES + 2 * _MESSAGE_TOKENS, tokens_out=self.max_tokens
        )


def about_tokens(text: str) -> int:
    """About how many tokens a text has, for estimates: four bytes each, as English has."""
    return -(-len(text.encode(errors="replace")) // 4)


@dataclass(kw_only=True)
class ChatAsker(Asker[ChatQuestion]):
    """Asks a chat model, a question in each request.

    Example:
        >>> asker = ChatAsker(endpoint=endpoint, model="small", journal=AnswerJournal("journal"))
        >>> asker.ask_all([ChatQuestion(prompt="What is a shingle?")])[0].text
    """

    endpoint: Endpoint
    """Where the model is."""
    _options: dict[str, Any] | None = field(default=None, init=False)

    def answers(self, questions: Sequence[ChatQuestion], watch: Attempts) -> list[Reply]:
        """The reply to each."""
        return [reply_of(self._complete(each, watch), each.most) for each in questions]

    def _complete(self, question: ChatQuestion, watch: Attempts) -> dict[str, Any]:
        body = question.body(self.model)
        known = {name: body.pop(name) for name in ("max_tokens", "temperature")}
        options = known if self._options is None else _renamed(known, self._options)
        while True:
            try:
                return self.endpoint.ask("/chat/completions", {**body, **options}, watch=watch)
            except EndpointError as error:
                other = other_options(options, str(error))
                if other is None:
                    raise
                self._options = options = other


def _renamed(options: dict[str, Any], as_known: dict[str, Any]) -> dict[str, Any]:
    """The options, by the names that the endpoint takes."""
    values = {**options, "max_completion_tokens": options["max_tokens"]}
    return {name: values[name] for name in as_known}


def reply_of(said: dict[str, Any], most: Usage) -> Reply:
    """What an endpoint says, as a reply.

    Args:
        said: Its JSON.
        most: What counts as spent if it does not say how many tokens it took.

    Raises:
        EndpointError: There is no text in it.
    """
    text = text_of(said).encode("utf-8", "replace").decode()
    end: Any = said["choices"][0].get("finish_reason")
    told: Any = said.get("usage")
    usage = most
    if isinstance(told, dict):
        counts = [told.get(name) for name in ("prompt_tokens", "completion_tokens")]
        if all(isinstance(count, int) for count in counts):
            usage = Usage(tokens_in=int(counts[0] or 0), tokens_out=int(counts[1] or 0))
    return Reply(text=text, end=end if isinstance(end, str) else "", usage=usage)
