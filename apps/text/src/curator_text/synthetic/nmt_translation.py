"""A server of a translation model of one's own, such as IndicTrans2, asked by plain HTTP.

`POST <url>/translate` with `{"texts": [...], "src_lang": "en", "tgt_lang": "hi"}` gives `{"translations": [...]}`.
"""

import asyncio
from typing import Any

from curator_engine.errors import SettingsError
from curator_engine.models.endpoint import Endpoint, EndpointError
from curator_text.synthetic.translation_backends import TranslationBackend


class NMTTranslationBackend(TranslationBackend):
    """A server of a translation model.

    Example:
        >>> backend = NMTTranslationBackend("http://localhost:8000")
        >>> backend.setup()
        >>> backend.translate_batch(["Good morning."], "en", "hi")

    Args:
        server_url: Its address.
        batch_size: Texts in one request.
        timeout: Seconds for one answer.
        max_concurrent_requests: Requests that are under way at a time.

    Raises:
        SettingsError: The address is none.
    """

    def __init__(
        self,
        server_url: str,
        batch_size: int = 32,
        timeout: int = 120,
        max_concurrent_requests: int = 32,
    ) -> None:
        super().__init__(max_concurrent_requests)
        if batch_size < 1:
            raise SettingsError(f"batch_size {batch_size} is below 1.")
        self._url, self._batch, self._timeout = server_url.strip(), batch_size, timeout
        self._endpoint = self._made(retries=4)

    def _made(self, *, retries: int) -> Endpoint:
        return Endpoint(
            url=self._url, model="nmt", timeout_s=float(self._timeout), retries=retries, root=""
        )

    def setup(self) -> None:
        """Nothing: a server that does not answer fails with the first texts."""

    def check_server(self) -> bool:
        """Whether the server answers to `/health`."""
        try:
            self._made(retries=0).ask("/health", None)
        except EndpointError as error:
            # One that has no such page is there nevertheless.
            return "answered" in str(error)
        return True

    async def translate_batch_async(
        self, texts: list[str], source_lang: str, target_lang: str
    ) -> list[str]:
        """The translations, several requests at a time.

        Raises:
            EndpointError: The server did not answer, or with another number of translations.
        """
        limit = self._get_semaphore()
        groups = [texts[i : i + self._batch] for i in range(0, len(texts), self._batch)]

        async def ask(group: list[str]) -> list[str]:
            body = {"texts": group, "src_lang": source_lang, "tgt_lang": target_lang}
            async with limit:
                said = await asyncio.to_thread(self._endpoint.ask, "/translate", body)
            return _translations(said, len(group))

        return [each for found in await asyncio.gather(*map(ask, groups)) for each in found]


def _translations(said: dict[str, Any], count: int) -> list[str]:
    found: Any = said.get("translations")
    if not isinstance(found, list) or len(found) != count:
        raise EndpointError(f"the server was asked for {count} translations and gave others.")
    return [str(each) for each in found]
