"""Clients of language models by NeMo Curator's interface, for stages that ask one themselves.

Asking is `endpoint.py`'s: plain HTTP, redirects not followed, the key never shown.
"""

import asyncio
import logging
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from curator_engine.errors import SettingsError
from curator_engine.models.endpoint import Endpoint, EndpointError, other_options
from curator_engine.positional import positional

_OPENAI = "https://api.openai.com/v1"
_KWARGS = ("base_url", "api_key", "timeout", "max_retries")
_log = logging.getLogger(__name__)

type Messages = Iterable[Mapping[str, Any]]
"""Chat messages: `{"role": "user", "content": ...}`."""


class ConversationFormatter(ABC):
    """Makes a prompt of a conversation, for clients of models that take no chat messages."""

    @abstractmethod
    def format_conversation(self, conv: list[dict[str, Any]]) -> str:
        """The prompt."""


@positional(
    *("max_tokens", "n", "seed", "stop", "stream", "temperature", "top_k", "top_p", "extra_kwargs")
)
@dataclass(kw_only=True)
class GenerationConfig:
    """How an answer is drawn; what is None is left to the server."""

    max_tokens: int | None = 2048
    """Tokens of an answer at most."""
    n: int | None = 1
    """Answers per question."""
    seed: int | None = 0
    """Of the draw."""
    stop: str | list[str] | None = None
    """Texts at which an answer ends."""
    stream: bool = False
    """Let an answer come in pieces, so that a long one does not run into the time-out; it is given whole."""
    temperature: float | None = 0.0
    """0 for the most likely tokens."""
    top_k: int | None = None
    """Not sent: it is no part of OpenAI's interface; servers that know it take it in `extra_kwargs`."""
    top_p: float | None = 0.95
    """Share of the probability from which tokens are drawn."""
    extra_kwargs: dict[str, Any] | None = None
    """More of the request's body; what is in `extra_body` counts as well."""

    def body(self) -> dict[str, Any]:
        """The options as a request has them."""
        if self.top_k is not None:
            _log.warning("top_k is not sent; give it in extra_kwargs to servers that know it.")
        names = ("max_tokens", "n", "seed", "stop", "temperature", "top_p")
        given = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        extra = dict(self.extra_kwargs or {})
        if self.stream:
            given["stream"] = True
        return {**given, **extra.pop("extra_body", {}), **extra}


type Given = GenerationConfig | dict[str, Any] | None


def config_of(given: Given) -> GenerationConfig:
    """The settings that were given, in whatever form."""
    return GenerationConfig(**given) if isinstance(given, dict) else given or GenerationConfig()


class LLMClient(ABC):
    """Asks a model, one question at a time."""

    @abstractmethod
    def setup(self) -> None:
        """Connect; called in the worker."""

    @abstractmethod
    def query_model(
        self,
        *,
        messages: Messages,
        model: str,
        conversation_formatter: ConversationFormatter | None = None,
        generation_config: Given = None,
    ) -> list[str]:
        """The answers."""


class AsyncLLMClient(ABC):
    """Asks a model several questions at a time: a subclass writes `setup` and `_query_model_impl`.

    Args:
        max_concurrent_requests: Questions at a time.
        max_retries: Further attempts when a server is busy or cannot be reached.
        base_delay: Seconds before the first of them; each waits twice as long as the one before.
    """

    def __init__(
        self, max_concurrent_requests: int = 5, max_retries: int = 3, base_delay: float = 1.0
    ) -> None:
        self.max_concurrent_requests = max_concurrent_requests
        self.max_retries = max_retries
        self.base_delay = base_delay
        self._limit: tuple[asyncio.AbstractEventLoop, asyncio.Semaphore] | None = None

    @abstractmethod
    def setup(self) -> None:
        """Connect; called in the worker."""

    @abstractmethod
    async def _query_model_impl(
        self,
        *,
        messages: Messages,
        model: str,
        conversation_formatter: ConversationFormatter | None = None,
        generation_config: Given = None,
    ) -> list[str]:
        """Ask once."""

    async def query_model(
        self,
        *,
        messages: Messages,
        model: str,
        conversation_formatter: ConversationFormatter | None = None,
        generation_config: Given = None,
    ) -> list[str]:
        """The answers, when it is this question's turn.

        Raises:
            Exception: What the last attempt raised.
        """
        async with self._turn():
            for attempt in range(self.max_retries + 1):
                try:
                    return await self._query_model_impl(
                        messages=messages,
                        model=model,
                        conversation_formatter=conversation_formatter,
                        generation_config=config_of(generation_config),
                    )
                except Exception as error:
                    if attempt == self.max_retries or not _may_pass(error):
                        raise
                await asyncio.sleep(self.base_delay * 2**attempt)
        raise AssertionError("an attempt returns or raises")

    def _turn(self) -> asyncio.Semaphore:
        """The limit in the present event loop."""
        loop = asyncio.get_running_loop()
        if self._limit is None or self._limit[0] is not loop:
            self._limit = (loop, asyncio.Semaphore(self.max_concurrent_requests))
        return self._limit[1]


def _may_pass(error: Exception) -> bool:
    """Whether another attempt may succeed; an endpoint of ours has made its own."""
    if isinstance(error, EndpointError):
        return False
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return status in (408, 409, 425, 429) or status >= 500
    return (
        isinstance(error, TimeoutError | ConnectionError)
        or "timeout" in type(error).__name__.lower()
    )


class OpenAIClient(LLMClient):
    """Asks an OpenAI-compatible endpoint.

    Args:
        kwargs: `base_url` (or OPENAI_BASE_URL), `api_key` (or OPENAI_API_KEY), `timeout` in seconds,
            `max_retries`.

    Raises:
        SettingsError: Another argument is given.
    """

    def __init__(self, **kwargs: Any) -> None:
        self._connect = Connection(kwargs, retries=kwargs.get("max_retries", 2), backoff_s=1.0)

    def setup(self) -> None:
        """Look at the address and the key; nothing is asked."""
        self._connect.open()

    def query_model(
        self,
        *,
        messages: Messages,
        model: str,
        conversation_formatter: ConversationFormatter | None = None,
        generation_config: Given = None,
    ) -> list[str]:
        """The answers.

        Raises:
            EndpointError: There are none.
        """
        _say_unused(conversation_formatter)
        return self._connect.ask(messages, model, config_of(generation_config))


class AsyncOpenAIClient(AsyncLLMClient):
    """Asks an OpenAI-compatible endpoint several questions at a time, a thread per question.

    Args:
        max_concurrent_requests: Questions at a time.
        max_retries: Further attempts when the server is busy or cannot be reached.
        base_delay: Seconds before the first of them.
        kwargs: As those of `OpenAIClient`.
    """

    def __init__(
        self,
        max_concurrent_requests: int = 5,
        max_retries: int = 3,
        base_delay: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(max_concurrent_requests, max_retries, base_delay)
        self._connect = Connection(kwargs, retries=max_retries, backoff_s=base_delay)

    def setup(self) -> None:
        """Look at the address and the key; nothing is asked."""
        self._connect.open()

    async def _query_model_impl(
        self,
        *,
        messages: Messages,
        model: str,
        conversation_formatter: ConversationFormatter | None = None,
        generation_config: Given = None,
    ) -> list[str]:
        _say_unused(conversation_formatter)
        config = config_of(generation_config)
        return await asyncio.to_thread(self._connect.ask, list(messages), model, config)


class Connection:
    """An endpoint that is made where it is used; keys are kept in no repr."""

    def __init__(
        self,
        kwargs: Mapping[str, Any],
        *,
        retries: int,
        backoff_s: float,
        key_from: str = "OPENAI_API_KEY",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        if unknown := [name for name in kwargs if name not in _KWARGS]:
            raise SettingsError(
                f"{unknown[0]} is not offered by this client; there are {', '.join(_KWARGS)}."
            )
        self._given = dict(kwargs)
        self._retries, self._backoff_s = retries, backoff_s
        self._key_from, self._headers = key_from, dict(headers or {})
        self._endpoint: Endpoint | None = None

    def open(self) -> None:
        """Look at the address and the key."""
        given = self._given
        self._endpoint = Endpoint(
            url=given.get("base_url") or os.environ.get("OPENAI_BASE_URL") or _OPENAI,
            model="named by each question",
            key=given.get("api_key") or "",
            api_key_env=self._key_from,
            headers=self._headers,
            timeout_s=float(given.get("timeout", 120)),
            retries=self._retries,
            backoff_s=self._backoff_s,
        )

    def ask(self, messages: Messages, model: str, config: GenerationConfig) -> list[str]:
        """The answers to chat messages.

        Raises:
            SettingsError: It was not opened.
            EndpointError: There are none.
        """
        if self._endpoint is None:
            raise SettingsError("the client is not ready; call setup() first.")
        options, asked = config.body(), list(messages)
        while True:
            try:
                body = {"model": model, "messages": asked, **options}
                return _texts(self._endpoint.ask("/chat/completions", body))
            except EndpointError as error:
                other = other_options(options, str(error))
                if other is None:
                    raise
                options = other

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_endpoint": None}


def _texts(reply: dict[str, Any]) -> list[str]:
    try:
        return [str(choice["message"].get("content") or "") for choice in reply["choices"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise EndpointError("the endpoint's answer has no choices[].message.content") from error


def _say_unused(formatter: ConversationFormatter | None) -> None:
    if formatter is not None:
        _log.warning("conversation_formatter has no effect: the endpoint takes chat messages.")
