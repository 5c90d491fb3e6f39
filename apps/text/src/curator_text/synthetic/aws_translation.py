"""Amazon Translate, by the package boto3; keys are those of boto3: the environment, its files, or the machine's role."""

import importlib
import os
from typing import Any

from curator_engine.errors import ResourceError, SettingsError
from curator_engine.models.endpoint import EndpointError
from curator_engine.redaction import redacted
from curator_text.synthetic.translation_backends import ExecutorTranslationBackend

MOST_BYTES = 10_000
"""Of a text in one request; Amazon's limit."""
_REGION = "us-east-2"
_ATTEMPTS = 5
_HOPELESS = (401, 403)


class AWSTranslationBackend(ExecutorTranslationBackend):
    """Amazon Translate.

    Example:
        >>> backend = AWSTranslationBackend(region="eu-central-1")
        >>> backend.setup()
        >>> backend.translate_batch(["Good morning."], "en", "de")
        ['Guten Morgen.']

    Args:
        region: Of the service; AWS_REGION, AWS_DEFAULT_REGION, else us-east-2 unless given.
        max_concurrent_requests: Requests that are under way at a time.
    """

    backend_name = "Amazon Translate"

    def __init__(self, region: str | None = None, max_concurrent_requests: int = 32) -> None:
        super().__init__(max_concurrent_requests)
        env = os.environ
        self._region = region or env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION") or _REGION
        self._client: Any = None

    def setup(self) -> None:
        """Make the client; nothing is asked.

        Raises:
            ResourceError: boto3 is not installed.
            SettingsError: There are no keys.
        """
        try:
            boto3: Any = importlib.import_module("boto3")
            config: Any = importlib.import_module("botocore.config")
        except ImportError as error:
            raise ResourceError(
                "Amazon Translate needs the extra 'translation' of curator-text; install it."
            ) from error
        # boto3 makes further attempts itself: where it is told to wait, and where it gets no answer.
        options = config.Config(
            retries={"total_max_attempts": _ATTEMPTS, "mode": "standard"},
            max_pool_connections=self.max_concurrent_requests,
        )
        session = boto3.Session(region_name=self._region)
        if session.get_credentials() is None:
            raise SettingsError(
                "there are no keys for Amazon; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use aws configure."
            )
        self._client = session.client("translate", config=options)

    def close(self) -> None:
        """Let go of the client."""
        super().close()
        self._client = None

    def _translate_single_sync(self, text: str, source_lang: str, target_lang: str) -> str:
        size = len(text.encode("utf-8", "replace"))
        if size > MOST_BYTES:
            raise EndpointError(
                f"a text of {size} bytes is longer than the {MOST_BYTES} that Amazon Translate takes; cut it.",
                refused=True,
            )
        errors: Any = importlib.import_module("botocore.exceptions")
        try:
            said = self._client.translate_text(
                Text=text, SourceLanguageCode=source_lang, TargetLanguageCode=target_lang
            )
        except errors.ClientError as error:
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
            raise _error(error, final=status in _HOPELESS, refused=status == 400) from error
        except errors.BotoCoreError as error:
            raise _error(error, final=True) from error
        return str(said.get("TranslatedText", ""))


def _error(error: Exception, *, final: bool, refused: bool = False) -> EndpointError:
    code = getattr(error, "response", {}).get("Error", {}).get("Code", "")
    keys = "UnrecognizedClient" in code or "Token" in code or "Signature" in code
    line = redacted(" ".join(str(error).split())[:200])
    return EndpointError(
        f"Amazon Translate: {line}", final=final or keys, refused=refused and not keys
    )
