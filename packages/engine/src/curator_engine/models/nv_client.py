"""NeMo Curator's client of NVIDIA's endpoint for models that think before they answer.

Answers come in pieces, since thinking takes longer than one waits for an answer; only the answer is kept.
"""

import asyncio
import os
import urllib.parse
from dataclasses import replace

from curator_engine.errors import SettingsError
from curator_engine.models.llm_client import (
    AsyncLLMClient,
    AsyncOpenAIClient,
    Connection,
    ConversationFormatter,
    Given,
    Messages,
    config_of,
)

_NVIDIA = "https://integrate.api.nvidia.com/v1"
_FIRST = {"X-Vertex-AI-LLM-Shared-Request-Type": "priority"}
"""The header that asks for the faster queue."""


class NVInferenceClient(AsyncOpenAIClient):
    """Asks NVIDIA's endpoint, or another OpenAI-compatible one, several questions at a time.

    Args:
        base_url: The endpoint's.
        api_key_env_var: Environment variable with the key, read where the stage runs.
        priority_mode: Ask for NVIDIA's faster queue, which costs more.
        max_concurrent_requests: Questions at a time.
        timeout: Seconds to wait for the next piece of an answer.

    Example:
        client = NVInferenceClient(base_url="http://localhost:8000/v1")
    """

    def __init__(
        self,
        *,
        base_url: str = _NVIDIA,
        api_key_env_var: str = "NVINFERENCE_API_KEY",
        priority_mode: bool = False,
        max_concurrent_requests: int = 10,
        timeout: int = 120,
    ) -> None:
        AsyncLLMClient.__init__(self, max_concurrent_requests)
        self.base_url, self.api_key_env_var = base_url, api_key_env_var
        self.priority_mode, self.timeout = priority_mode, timeout
        self._connect = Connection(
            {"base_url": base_url, "timeout": timeout},
            retries=self.max_retries,
            backoff_s=self.base_delay,
            key_from=api_key_env_var,
            headers=_FIRST if priority_mode else {},
        )

    def setup(self) -> None:
        """Look at the address and the key; nothing is asked.

        Raises:
            SettingsError: NVIDIA's endpoint is meant, and there is no key.
        """
        host = urllib.parse.urlsplit(self.base_url).hostname or ""
        if host.endswith(".nvidia.com") and not os.environ.get(self.api_key_env_var, "").strip():
            raise SettingsError(
                f"{host} needs a key; put it into the environment variable {self.api_key_env_var}."
            )
        super().setup()

    async def _query_model_impl(
        self,
        *,
        messages: Messages,
        model: str,
        conversation_formatter: ConversationFormatter | None = None,
        generation_config: Given = None,
    ) -> list[str]:
        # The number of answers and the seed are options that not all of its models take.
        config = replace(config_of(generation_config), stream=True, n=None, seed=None)
        return await asyncio.to_thread(self._connect.ask, list(messages), model, config)
