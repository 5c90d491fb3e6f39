"""Google's Cloud Translation, v2 (Basic) and v3 (Advanced), by plain HTTP.

v2 takes a key from GOOGLE_API_KEY; v3, and v2 without one, a token: GOOGLE_ACCESS_TOKEN, or what the package google-auth
finds (GOOGLE_APPLICATION_CREDENTIALS, `gcloud auth application-default login`, the machine's account). A key and a
token travel in a header, and no message has them.
"""

import importlib
import os
from typing import Any, Literal

from curator_engine.errors import ResourceError, SettingsError
from curator_engine.models.endpoint import Endpoint, EndpointError
from curator_text.synthetic.translation_backends import ExecutorTranslationBackend

_GOOGLE = "https://translation.googleapis.com"
_SCOPE = "https://www.googleapis.com/auth/cloud-translation"
_KEY, _TOKEN, _PROJECT = "GOOGLE_API_KEY", "GOOGLE_ACCESS_TOKEN", "GOOGLE_CLOUD_PROJECT"


class GoogleTranslationBackend(ExecutorTranslationBackend):
    """Google's Cloud Translation.

    Example:
        >>> backend = GoogleTranslationBackend()
        >>> backend.setup()
        >>> backend.translate_batch(["Good morning."], "en", "de")
        ['Guten Morgen.']

    Args:
        project_id: For v3; GOOGLE_CLOUD_PROJECT unless given.
        location: For v3.
        api_version: v2 or v3.
        max_concurrent_requests: Requests that are under way at a time.
        base_url: Where the service is.

    Raises:
        SettingsError: The version is another one.
    """

    backend_name = "Google Cloud Translation"

    def __init__(
        self,
        project_id: str | None = None,
        location: str = "global",
        api_version: str = "v2",
        max_concurrent_requests: int = 32,
        base_url: str = _GOOGLE,
    ) -> None:
        super().__init__(max_concurrent_requests)
        version = api_version.lower()
        if version not in ("v2", "v3"):
            raise SettingsError(f"api_version {api_version!r} is not v2 or v3.")
        self._version: Literal["v2", "v3"] = "v2" if version == "v2" else "v3"
        self._project, self._location, self._url = project_id, location, base_url.rstrip("/")
        self._endpoint: Endpoint | None = None
        self._path, self._has_key = "", False

    def setup(self) -> None:
        """Look for the key or token and the project; nothing is translated.

        Raises:
            SettingsError: v3 without a project, or there is neither key nor token.
            ResourceError: google-auth would be needed for a token.
        """
        self._endpoint = self._connected()

    def close(self) -> None:
        """Forget the key."""
        super().close()
        self._endpoint = None

    def _connected(self) -> Endpoint:
        if self._version == "v2":
            url = f"{self._url}/language/translate/v2"
        else:
            project = self._project or os.environ.get(_PROJECT)
            if not project:
                raise SettingsError(f"v3 needs project_id, or the environment's {_PROJECT}.")
            url = f"{self._url}/v3"
            self._path = f"/projects/{project}/locations/{self._location}:translateText"
        key = os.environ.get(_KEY, "").strip() if self._version == "v2" else ""
        self._has_key = bool(key)
        if not key.isascii():
            raise SettingsError(
                f"the key in {_KEY} holds characters that no key has; set it again."
            )
        headers = {"X-goog-api-key": key} if key else {}
        token = "" if key else _token()
        return Endpoint(url=url, model=self.backend_name, headers=headers, key=token)

    def _translate_single_sync(self, text: str, source_lang: str, target_lang: str) -> str:
        languages = (source_lang, target_lang)
        if self._version == "v2":
            names, more = ("source", "target"), {"q": [text], "format": "text"}
        else:
            names = ("sourceLanguageCode", "targetLanguageCode")
            more = {"contents": [text], "mimeType": "text/plain"}
        body = {**more, **dict(zip(names, languages, strict=True))}
        said = self._asked(body)
        try:
            found = said["data"] if self._version == "v2" else said
            return str(found["translations"][0]["translatedText"])
        except (KeyError, IndexError, TypeError) as error:
            raise EndpointError(f"{self.backend_name} gave no translation.", paid=True) from error

    def _asked(self, body: dict[str, Any]) -> Any:
        """What the service says; a token holds for an hour, so one that is refused is fetched again."""
        if self._endpoint is not None:
            try:
                return self._endpoint.ask(self._path, body)
            except EndpointError as error:
                if "answered 401" not in str(error) or self._has_key:
                    raise
        self._endpoint = self._connected()
        return self._endpoint.ask(self._path, body)


def _token() -> str:
    """A token for an hour."""
    if token := os.environ.get(_TOKEN, "").strip():
        return token
    try:
        auth: Any = importlib.import_module("google.auth")
        requests: Any = importlib.import_module("google.auth.transport.requests")
    except ImportError as error:
        raise ResourceError(
            f"set {_KEY} (v2) or {_TOKEN}, or install google-auth for the credentials of gcloud."
        ) from error
    try:
        credentials, _ = auth.default(scopes=[_SCOPE])
        credentials.refresh(requests.Request())
    except Exception as error:
        reason = " ".join(str(error).split())[:120]
        raise SettingsError(
            f"there is no key or token for Google ({reason}); set {_KEY} (v2) or {_TOKEN}."
        ) from error
    return str(credentials.token)
