"""Ask a model many questions: some at a time, within limits and a budget, and none that is answered already.

What an answer is kept under is a hash of the model, the messages and the settings, so that the same question is
asked once, in one run and in those that go on with it.
"""

import hashlib
import json
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from curator_engine.errors import CuratorError, StorageError
from curator_engine.models.answer_journal import AnswerJournal, Reply
from curator_engine.models.endpoint import Endpoint, EndpointError, other_options, text_of
from curator_engine.models.rate_limits import RateLimits
from curator_engine.models.token_budget import TokenBudget, Usage

_TOKEN_BYTES, _MESSAGE_TOKENS = 2, 8
"""Tokens of a question are held back as if one had two bytes (of English it has about four, of Chinese three)."""


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
            tokens_in=size // _TOKEN_BYTES + 2 * _MESSAGE_TOKENS, tokens_out=self.max_tokens
        )


def about_tokens(text: str) -> int:
    """About how many tokens a text has, for estimates: four bytes each, as English has."""
    return -(-len(text.encode(errors="replace")) // 4)


@dataclass(kw_only=True)
class ChatAsker:
    """Asks an endpoint.

    Example:
        >>> asker = ChatAsker(endpoint=endpoint, model="small", journal=AnswerJournal("journal"))
        >>> asker.ask_all([ChatQuestion(prompt="What is a shingle?")])[0].text
    """

    endpoint: Endpoint
    """Where the model is."""
    model: str
    """Name of the model there."""
    journal: AnswerJournal
    """Answers that are there already; gets those that come."""
    budget: TokenBudget = field(default_factory=TokenBudget)
    """What they may cost."""
    limits: RateLimits = field(default_factory=RateLimits)
    """How often it may be asked."""
    concurrency: int = 8
    """Questions that are under way at a time."""
    _options: dict[str, Any] | None = field(default=None, init=False)
    _stop: threading.Event = field(default_factory=threading.Event, init=False)

    def ask_all(self, questions: Sequence[ChatQuestion]) -> list[Reply]:
        """A reply per question, in order; what was answered is on the disk when this returns.

        Raises:
            StorageError: No further question would be answered, or the budget is spent.
        """
        keys = [question.key(self.model) for question in questions]
        wanted = {
            key: each for key, each in zip(keys, questions, strict=True) if key not in self.journal
        }
        failed: dict[str, str] = {}
        pool = ThreadPoolExecutor(max_workers=self.concurrency)
        try:
            asked = {key: pool.submit(self._ask, key, each) for key, each in wanted.items()}
            failed = self._wait(asked)
        finally:
            self._stop.set()
            pool.shutdown(cancel_futures=True)
            self._stop.clear()
            self.journal.flush()
        return [self.journal.find(key) or Reply(error=failed.get(key, "")) for key in keys]

    def _wait(self, asked: dict[str, Future[str]]) -> dict[str, str]:
        """What went wrong, by question."""
        failed = {key: future.result() for key, future in asked.items()}
        return {key: error for key, error in failed.items() if error}

    def _ask(self, key: str, question: ChatQuestion) -> str:
        """Ask once and keep the answer; what went wrong, if something did."""
        if self._stop.is_set():
            return "not asked"
        watch = _Attempts(asker=self, most=question.most)
        spent = Usage()
        try:
            reply = reply_of(self._complete(question, watch), question.most)
            self.journal.add(key, reply)
            spent = reply.usage
        except EndpointError as error:
            if error.final:
                self._stop.set()
                raise StorageError(
                    f"{error}; mend that and run again with --resume: what is answered is not paid for again."
                ) from error
            return str(error)
        except CuratorError:
            self._stop.set()
            raise
        finally:
            watch.settle(spent)
        return ""

    def _complete(self, question: ChatQuestion, watch: "_Attempts") -> dict[str, Any]:
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


@dataclass(kw_only=True)
class _Attempts:
    """Keeps the pace of the attempts at one question, and holds back what each may cost."""

    asker: ChatAsker
    most: Usage
    _held: bool = False

    def before(self) -> None:
        if not self._held:
            self.asker.budget.hold(self.most)
            self._held = True
        self.asker.limits.wait(self.most.tokens)

    def unanswered(self) -> None:
        # A server that was slow may have written its answer, and asks to be paid for it.
        self.asker.journal.add_lost(self.most)
        self.settle(self.most)

    def busy(self, seconds: float) -> None:
        self.asker.limits.pause(seconds)

    def settle(self, spent: Usage) -> None:
        """Spend so much of what is held back; all else is free again."""
        if self._held:
            self.asker.budget.settle(self.most, spent)
            self._held = False


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
