"""Ask an endpoint many things: some at a time, within limits and a budget, and none that is answered already.

An answer is kept under a hash of the model and of what was asked, so that the same is asked once, in one run and in
those that go on with it. What is asked, and how an answer is read, is for a subclass to say.
"""

import threading
from abc import abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from curator_engine.errors import CuratorError, SettingsError, StorageError
from curator_engine.files.paths import is_remote
from curator_engine.models.answer_journal import AnswerJournal, Reply
from curator_engine.models.endpoint import Endpoint, EndpointError
from curator_engine.models.rate_limits import RateLimits
from curator_engine.models.token_budget import Prices, TokenBudget, Usage

TOKEN_BYTES = 2
"""Tokens of a question are held back as if one had so many bytes (of English it has about four, of Chinese three)."""


class Asked(Protocol):
    """What an endpoint is asked."""

    def key(self, model: str) -> str:
        """A hash of it."""
        ...

    @property
    def most(self) -> Usage:
        """The most tokens that it is taken to cost."""
        ...


@dataclass(kw_only=True)
class Asker[Q: Asked]:
    """Asks within limits and a budget; a subclass says whom, and how a request is made and read."""

    model: str
    """Name of the model; answers are filed under it."""
    journal: AnswerJournal
    """Answers that are there already; gets those that come."""
    budget: TokenBudget = field(default_factory=TokenBudget)
    """What they may cost."""
    limits: RateLimits = field(default_factory=RateLimits)
    """How often it may be asked."""
    concurrency: int = 8
    """Requests that are under way at a time."""
    batch_size: int = 1
    """Questions in one request."""
    _stop: threading.Event = field(default_factory=threading.Event, init=False)

    @abstractmethod
    def answers(self, questions: Sequence[Q], watch: "Attempts") -> list[Reply]:
        """A reply per question of one request, in order.

        Raises:
            EndpointError: There is none.
        """

    def ask_all(self, questions: Sequence[Q]) -> list[Reply]:
        """A reply per question, in order; what was answered is on the disk when this returns.

        Raises:
            StorageError: No further question would be answered, or the budget is spent.
        """
        keys = [question.key(self.model) for question in questions]
        wanted = {
            key: each for key, each in zip(keys, questions, strict=True) if key not in self.journal
        }
        left, failed = [*wanted.items()], dict[str, str]()
        requests = [left[i : i + self.batch_size] for i in range(0, len(left), self.batch_size)]
        pool = ThreadPoolExecutor(max_workers=self.concurrency)
        try:
            asked = [pool.submit(self._ask, dict(each)) for each in requests]
            failed = self._wait(asked)
        finally:
            self._stop.set()
            pool.shutdown(cancel_futures=True)
            self._stop.clear()
            self.journal.flush()
        return [self.journal.find(key) or Reply(error=failed.get(key, "")) for key in keys]

    def _wait(self, asked: list[Future[dict[str, str]]]) -> dict[str, str]:
        """What went wrong, by question."""
        failed = dict[str, str]()
        for future in asked:
            failed |= future.result()
        return failed

    def _ask(self, questions: dict[str, Q]) -> dict[str, str]:
        """Ask once and keep the answers; what went wrong, by question."""
        if self._stop.is_set():
            return dict.fromkeys(questions, "not asked")
        most = sum((each.most for each in questions.values()), Usage())
        watch, spent = Attempts(asker=self, most=most), Usage()
        try:
            replies = self.answers([*questions.values()], watch)
            for key, reply in zip(questions, replies, strict=True):
                self.journal.add(key, reply)
                spent += reply.usage
        except EndpointError as error:
            if error.paid:
                watch.unanswered()
            if error.final:
                self._stop.set()
                raise StorageError(
                    f"{error}; mend that and run again with --resume: what is answered is not paid for again."
                ) from error
            if not error.refused or len(questions) == 1:
                return dict.fromkeys(questions, str(error))
        except CuratorError:
            self._stop.set()
            raise
        else:
            return {}
        finally:
            watch.settle(spent)
        # One question of a request that is refused must not take the others with it.
        failed = dict[str, str]()
        for key, each in questions.items():
            failed |= self._ask({key: each})
        return failed


@dataclass(kw_only=True)
class Attempts:
    """Keeps the pace of the attempts at one request, and holds back what each may cost."""

    asker: Asker[Any]
    most: Usage
    _held: bool = False

    def before(self) -> None:
        """Hold back what the request may cost, and wait for its turn."""
        if not self._held:
            self.asker.budget.hold(self.most)
            self._held = True
        self.asker.limits.wait(self.most.tokens)

    def unanswered(self) -> None:
        """Spend what it may have cost."""
        # A server that was slow may have written its answer, and asks to be paid for it.
        self.asker.journal.add_lost(self.most)
        self.settle(self.most)

    def busy(self, seconds: float) -> None:
        """Let all requests wait."""
        self.asker.limits.pause(seconds)

    def settle(self, spent: Usage) -> None:
        """Spend so much of what is held back; all else is free again."""
        if self._held:
            self.asker.budget.settle(self.most, spent)
            self._held = False


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Whom to ask, and within which limits; travels to where an `Asker` is opened."""

    url: str
    """Of an OpenAI-compatible endpoint."""
    model: str
    """Name of the model there."""
    api_key_env: str = "CURATOR_API_KEY"
    """Environment variable with the key; read where the stage runs, never stored."""
    journal: str = ""
    """Folder for the answers that were paid for."""
    concurrency: int = 8
    """Requests that are under way at a time."""
    batch_size: int = 1
    """Questions in one request."""
    timeout_s: float = 120.0
    """Seconds for one answer."""
    retries: int = 4
    """Further attempts where the endpoint is busy or does not answer."""
    backoff_s: float = 1.0
    """Seconds before the first of them; doubles each time."""
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    budget_tokens: int | None = None
    """Tokens of questions and answers at most."""
    budget_usd: float | None = None
    usd_in: float = 0.0
    """Price of a million tokens of questions."""
    usd_out: float = 0.0
    """Price of a million tokens of answers."""

    @property
    def prices(self) -> Prices:
        """What tokens cost."""
        return Prices(usd_in=self.usd_in, usd_out=self.usd_out)

    def open[A: Asker[Any]](self, kind: Callable[..., A], *, service: Any = None) -> A:
        """What asks, with the answers that are there already.

        Args:
            kind: Makes it.
            service: What it asks, as its argument `service`; None for the endpoint.

        Raises:
            SettingsError: The journal would not be on this machine.
            StorageError: It cannot be opened.
        """
        if is_remote(self.journal):
            raise SettingsError(
                f"the journal {self.journal} is not on this machine; give a local folder with --journal."
            )
        budget = TokenBudget(tokens=self.budget_tokens, usd=self.budget_usd, prices=self.prices)
        journal = AnswerJournal(self.journal)
        budget.add(journal.spent)
        asked = {"endpoint": self.endpoint()} if service is None else {"service": service}
        return kind(
            **asked,
            model=self.model,
            journal=journal,
            budget=budget,
            limits=RateLimits(requests=self.requests_per_minute, tokens=self.tokens_per_minute),
            concurrency=self.concurrency,
            batch_size=self.batch_size,
        )

    def with_model(self, model: str) -> "Asking":
        """The same of a model of this name."""
        return replace(self, model=model)

    def endpoint(self) -> Endpoint:
        """The endpoint; with an empty `model`, its only one."""
        return Endpoint(
            url=self.url,
            model=self.model,
            api_key_env=self.api_key_env,
            timeout_s=self.timeout_s,
            retries=self.retries,
            backoff_s=self.backoff_s,
        )
