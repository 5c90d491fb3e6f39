"""Services that translate: their base classes by NeMo Curator's names, and the services by their names.

A service takes the codes of languages, such as `en` and `de`. It is made where it is used, so that nothing with a
connection or a key travels to a worker.
"""

import asyncio
import importlib
import re
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from curator_engine.errors import CuratorError, SettingsError
from curator_engine.models.ask_together import run_async_safe

_RETRIES, _DELAY_S, _LONGEST_DELAY_S = 3, 1.0, 30.0
_OURS = {
    "aws": ("aws_translation", "AWSTranslationBackend"),
    "google": ("google_translation", "GoogleTranslationBackend"),
    "nmt": ("nmt_translation", "NMTTranslationBackend"),
}
_CODE = re.compile(r"[a-z]{2,4}([-_][A-Za-z0-9]{2,8})*")
_REGISTERED: dict[str, "type[TranslationBackend]"] = {}


async def retry_with_backoff[T](
    attempt: Callable[[], Awaitable[T]],
    backend_name: str = "backend",
    max_retries: int = _RETRIES,
    base_delay: float = _DELAY_S,
    max_delay: float = _LONGEST_DELAY_S,
    non_retryable: tuple[type[BaseException], ...] = (),
) -> T:
    """What an attempt gives, after further ones if need be.

    Args:
        attempt: Asks once.
        backend_name: Accepted: what is raised says whose it is.
        max_retries: Further attempts.
        base_delay: Seconds before the first of them; each waits twice as long as the one before.
        max_delay: Seconds before any of them at most.
        non_retryable: Errors after which there is none. Ours are among them: what raises them has made its attempts.

    Raises:
        Exception: What the last attempt raised.
    """
    final = (CuratorError, *non_retryable)
    for count in range(max_retries + 1):
        try:
            return await attempt()
        except Exception as error:
            if count == max_retries or isinstance(error, final):
                raise
        await asyncio.sleep(min(base_delay * 2**count, max_delay))
    raise AssertionError("an attempt returns or raises")


class TranslationBackend(ABC):
    """A service that translates texts; a subclass writes `setup`, `translate_batch_async` and `check_server`.

    Args:
        max_concurrent_requests: Requests that are under way at a time.
    """

    def __init__(self, max_concurrent_requests: int = 32) -> None:
        self.max_concurrent_requests = max_concurrent_requests
        self._turn: tuple[asyncio.AbstractEventLoop, asyncio.Semaphore] | None = None

    @abstractmethod
    def setup(self) -> None:
        """Connect; called in the worker."""

    @abstractmethod
    async def translate_batch_async(
        self, texts: list[str], source_lang: str, target_lang: str
    ) -> list[str]:
        """The translations, in the order of the texts.

        Args:
            texts: What is translated.
            source_lang: Code of their language, such as en.
            target_lang: Code of the other language.
        """

    @abstractmethod
    def check_server(self) -> bool:
        """Whether the service answers."""

    def translate_batch(self, texts: list[str], source_lang: str, target_lang: str) -> list[str]:
        """The same as `translate_batch_async`, from where nothing is awaited."""
        return run_async_safe(lambda: self.translate_batch_async(texts, source_lang, target_lang))

    def close(self) -> None:
        """Let go of connections."""
        self._turn = None

    def _get_semaphore(self) -> asyncio.Semaphore:
        """The limit of requests in the present event loop."""
        loop = asyncio.get_running_loop()
        if self._turn is None or self._turn[0] is not loop:
            self._turn = (loop, asyncio.Semaphore(self.max_concurrent_requests))
        return self._turn[1]


class ExecutorTranslationBackend(TranslationBackend):
    """A service that is asked about one text at a time by a call that blocks: a subclass writes `setup` and `_translate_single_sync`."""

    backend_name: str = "backend"
    """In messages."""

    @abstractmethod
    def _translate_single_sync(self, text: str, source_lang: str, target_lang: str) -> str:
        """The translation of a text."""

    def check_server(self) -> bool:
        """Whether a word is translated, which the service may want money for."""
        try:
            return bool(self._translate_single_sync("Hello", "en", "es"))
        except self._health_check_exceptions():
            return False

    async def translate_batch_async(
        self, texts: list[str], source_lang: str, target_lang: str
    ) -> list[str]:
        """The translations; of a text without letters, nothing is asked."""
        asked = [self._translate_single_async(each, source_lang, target_lang) for each in texts]
        return list(await asyncio.gather(*asked))

    async def _translate_single_async(self, text: str, source_lang: str, target_lang: str) -> str:
        if not text.strip():
            return ""
        limit = self._get_semaphore()

        async def attempt() -> str:
            async with limit:
                return await asyncio.to_thread(
                    self._translate_single_sync, text, source_lang, target_lang
                )

        return await retry_with_backoff(
            attempt, self.backend_name, non_retryable=self._non_retryable_exceptions()
        )

    def _non_retryable_exceptions(self) -> tuple[type[BaseException], ...]:
        """Errors after which there is no further attempt."""
        return ()

    def _health_check_exceptions(self) -> tuple[type[BaseException], ...]:
        """Errors that mean that the service does not answer."""
        return (Exception,)


def register_backend(name: str, backend_class: type[TranslationBackend]) -> None:
    """Let a service of one's own be chosen by a name.

    Args:
        name: For `backend_type`; capitals do not count.
        backend_class: Made with `backend_config`.

    Raises:
        TypeError: It is no `TranslationBackend`.
    """
    given: Any = backend_class
    if not (isinstance(given, type) and issubclass(given, TranslationBackend)):
        raise TypeError(f"{backend_class!r} is no subclass of TranslationBackend.")
    _REGISTERED[name.lower()] = backend_class


def backend_class(backend_type: str) -> type[TranslationBackend]:
    """The class of a service.

    Raises:
        SettingsError: There is none of this name.
    """
    name = backend_type.lower()
    if name in _REGISTERED:
        return _REGISTERED[name]
    if name not in _OURS:
        known = ", ".join(sorted({*_OURS, *_REGISTERED}))
        raise SettingsError(f"backend_type {backend_type!r} is not llm or one of {known}.")
    module, cls = _OURS[name]
    return getattr(importlib.import_module(f"curator_text.synthetic.{module}"), cls)


def check_codes(*languages: str) -> None:
    """Make sure that languages are codes, which services want, and no names.

    Raises:
        SettingsError: One is not.
    """
    for each in languages:
        if not _CODE.fullmatch(each):
            raise SettingsError(
                f"{each!r} is no code of a language; services take codes, as en, de or zh-TW."
            )


def get_backend(
    backend_type: str,
    config: Mapping[str, Any],
    found: type[TranslationBackend] | None = None,
) -> TranslationBackend:
    """A service, not yet connected.

    Args:
        backend_type: aws, google, nmt, or a name that was registered.
        config: Its arguments.
        found: Its class, where the name is not registered in this process.

    Raises:
        SettingsError: There is none of this name, or an argument is unknown.
    """
    cls = found or backend_class(backend_type)
    try:
        return cls(**config)
    except TypeError as error:
        # The names alone: a value may be a key.
        raise SettingsError(
            f"backend_config of {backend_type} does not take exactly {', '.join(config) or 'nothing'}."
        ) from error
