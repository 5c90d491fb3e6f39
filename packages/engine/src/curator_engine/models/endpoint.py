"""A model behind an OpenAI-compatible endpoint: `POST <url>/chat/completions`, pictures as data URLs.

The key comes from an environment variable and goes to that URL alone: redirects are not followed, and
neither settings, messages nor logs show it. Plain HTTP by the standard library, a thread per request.
"""

import base64
import email.message
import io
import json
import os
import secrets
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import CuratorError, InputError, SettingsError
from curator_engine.models.questions import Answer, Question, answer_of, short_name
from curator_engine.models.rate_limits import Watch
from curator_engine.models.replies import Reply, complaint, reply_of, said_in

_BUSY = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""Answers after which another attempt may succeed."""
_TOO_MANY = 429
_HOPELESS = frozenset({401, 403, 404, 405})
"""Answers that every request would get: a wrong key, name or address."""
_REFUSED = frozenset({400, 413, 422})
"""Answers that are about what was sent."""
_LONGEST_PAUSE_S = 60.0
_JPEG_QUALITY = 85
_SAID_CHARS = 200
_SECRET_CHARS = 16


class EndpointError(CuratorError):
    """An endpoint gave no answer."""

    final: bool
    """Whether it would not to another question either."""
    refused: bool
    """Whether it is this request that the endpoint does not take, as one that is too long."""
    paid: bool
    """Whether the model may have written something, which is to be paid for."""

    def __init__(
        self, message: str, *, final: bool = False, refused: bool = False, paid: bool = False
    ) -> None:
        super().__init__(message)
        self.final, self.refused, self.paid = final, refused, paid


def is_url(name: str) -> bool:
    """Whether a model's name is an address."""
    return name.lower().startswith(("http://", "https://"))


def base_url(url: str, root: str = "/v1") -> str:
    """The address up to the version, such as https://host/v1.

    Args:
        url: As it was given; what stands behind the version may be there.
        root: The version, where the address has no path.

    Raises:
        SettingsError: It is no http(s) address, or holds what could be a key.
    """
    try:
        parts = urllib.parse.urlsplit(url)
        host, _ = parts.hostname, parts.port
        (host or "").encode("idna")
    except ValueError as error:
        raise SettingsError("the endpoint's URL cannot be read; check it.") from error
    if parts.scheme not in ("http", "https") or not host:
        raise SettingsError("the endpoint's URL must be http(s)://HOST[:PORT][/v1].")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise SettingsError(
            f"the URL of the endpoint {host} holds a user, a query or a fragment; give the plain address "
            "and the key by an environment variable."
        )
    path = parts.path.rstrip("/").removesuffix("/chat/completions").removesuffix("/embeddings")
    return f"{parts.scheme}://{parts.netloc}{path or root}"


class Endpoint:
    """Asks an endpoint.

    `root` is the path where the URL has none; `headers` are sent with each request, and long ones count as secrets.

    Raises:
        SettingsError: The URL or the key is not one to be used.
        InputError: It does not answer, or has not exactly one model and none was named.
    """

    def __init__(
        self,
        *,
        url: str,
        model: str = "",
        api_key_env: str = "",
        key: str = "",
        max_tokens: int = 512,
        timeout_s: float = 120.0,
        retries: int = 4,
        backoff_s: float = 1.0,
        parallel: int = 8,
        headers: Mapping[str, str] | None = None,
        root: str = "/v1",
    ) -> None:
        self._url, self._headers = base_url(url, root), dict(headers or {})
        self._key = _checked(key, "the key") if key else _key_in(api_key_env)
        self._timeout_s, self._retries, self._backoff_s = timeout_s, retries, backoff_s
        self._parallel = parallel
        self._opener = urllib.request.build_opener(_NoRedirect)
        self._options: dict[str, Any] = {"max_tokens": max_tokens, "temperature": 0}
        self.model = model or self._only_model(api_key_env)
        self.name = short_name(self.model)

    def answer(self, questions: list[Question]) -> list[Answer]:
        """An answer per question, several at a time."""
        with ThreadPoolExecutor(max_workers=self._parallel) as pool:
            return list(pool.map(self._answer, questions))

    def _answer(self, question: Question) -> Answer:
        try:
            return answer_of(text_of(self._complete(question)))
        except EndpointError as error:
            return Answer(error=str(error), final=error.final)

    def _complete(self, question: Question) -> dict[str, Any]:
        options = dict(self._options)
        while True:
            body = {"model": self.model, "messages": chat_messages(question), **options}
            try:
                return self.ask("/chat/completions", body)
            except EndpointError as error:
                other = other_options(options, str(error))
                if other is None:
                    raise
                self._options = options = other

    def _only_model(self, api_key_env: str) -> str:
        """The name of the one model that the endpoint lists."""
        try:
            listed = self.ask("/models", None).get("data")
        except EndpointError as error:
            refused = "answered 401" in str(error) and not self._key and api_key_env
            key = f" (no key: {api_key_env} is not set)" if refused else ""
            raise InputError(f"{error}{key}; check the URL, or name its model.") from error
        items: list[Any] = listed if isinstance(listed, list) else []
        names = [str(item["id"]) for item in items if isinstance(item, dict) and "id" in item]
        if len(names) != 1:
            some = f", such as {', '.join(names[:3])}" if names else ""
            raise InputError(f"{self._url} has {len(names)} models{some}; name one of them.")
        return names[0]

    def ask(
        self, path: str, body: Mapping[str, Any] | None, *, watch: Watch | None = None
    ) -> dict[str, Any]:
        """The JSON object that a request gets, after further attempts if need be.

        Args:
            path: Behind the base URL, such as /chat/completions.
            body: What is sent; None asks with GET.
            watch: Is told of each attempt.

        Raises:
            EndpointError: There is none.
        """
        data = None if body is None else json.dumps(body).encode()
        return self._exchange(path, data, "application/json", watch)

    def upload(
        self, path: str, fields: Mapping[str, str], *, file: bytes, name: str
    ) -> dict[str, Any]:
        """The JSON object that a form gets, with a file as its field `file`.

        Args:
            path: Behind the base URL, such as /audio/transcriptions.
            fields: The form's other fields; `model` is the endpoint's unless it is among them.
            file: What the file holds.
            name: The file's name, by whose ending the endpoint knows its format.

        Raises:
            EndpointError: There is none.
        """
        edge = secrets.token_hex(16)
        lines = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in {"model": self.model, **fields}.items()
        ]
        opening = (
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        )
        data = "".join([*lines, opening]).encode() + file + f"\r\n--{edge}--\r\n".encode()
        return self._exchange(path, data, f"multipart/form-data; boundary={edge}")

    def _exchange(
        self, path: str, data: bytes | None, kind: str, watch: Watch | None = None
    ) -> dict[str, Any]:
        left, pause = self._retries, self._backoff_s
        while True:
            wait = pause
            try:
                reply = self._attempt(path, data, kind, watch)
                if reply.status not in _BUSY or not left:
                    return self._read(reply)
                wait = min(_seconds(reply.retry_after, pause), _LONGEST_PAUSE_S)
                if watch and reply.status == _TOO_MANY:
                    watch.busy(wait)
            except TimeoutError as error:
                if not left:
                    raise EndpointError(f"{self._url} did not answer in time") from error
                # What is slow once is slow again: it gets one more attempt at most.
                left = 1
            except (OSError, HTTPException) as error:
                if not left:
                    message = self._hide(f"{self._url} cannot be reached", f"{error}"[:_SAID_CHARS])
                    raise EndpointError(message, final=True) from error
            left, pause = left - 1, pause * 2
            time.sleep(min(wait, _LONGEST_PAUSE_S))

    def _attempt(self, path: str, data: bytes | None, kind: str, watch: Watch | None) -> Reply:
        if watch is None:
            return self._send(path, data, kind)
        watch.before()
        try:
            return self._send(path, data, kind)
        except (ConnectionRefusedError, socket.gaierror):
            raise
        except (OSError, HTTPException):
            watch.unanswered()
            raise

    def _send(self, path: str, data: bytes | None, kind: str) -> Reply:
        headers = {**self._headers, "Content-Type": kind, "Accept": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        request = urllib.request.Request(self._url + path, data=data, headers=headers)
        limits = {"timeout_s": self._timeout_s, "began": time.monotonic()}
        try:
            with self._opener.open(request, timeout=self._timeout_s) as response:
                return reply_of(response, response.status, **limits)
        except urllib.error.HTTPError as error:
            with error:
                return reply_of(error, error.code, **limits)
        except urllib.error.URLError as error:
            raise error.reason if isinstance(error.reason, OSError) else error from error

    def _read(self, reply: Reply) -> dict[str, Any]:
        try:
            said = said_in(reply)
        except ValueError as error:
            message = self._hide(f"{self._url} answered {reply.status}", str(error))
            raise EndpointError(message, paid=True) from error
        if reply.status == 200 and isinstance(said, dict):
            return said
        what = complaint(said) if reply.status != 200 else "no JSON object"
        if 300 <= reply.status < 400:
            what = "a redirect, which is not followed; give the address that it leads to"
        message = self._hide(f"{self._url} answered {reply.status}", what)
        hopeless = reply.status in _HOPELESS or 300 <= reply.status < 400
        refused, paid = reply.status in _REFUSED, reply.status == 200
        raise EndpointError(message, final=hopeless, refused=refused, paid=paid)

    def _hide(self, text: str, more: str) -> str:
        """One line, without the key even if the endpoint repeats it."""
        line = " ".join(f"{text}: {more}".split() if more else text.split())
        for secret in (self._key, *(v for v in self._headers.values() if len(v) >= _SECRET_CHARS)):
            line = line.replace(secret, "***") if secret else line
        return line


def _key_in(name: str) -> str:
    """The key in an environment variable; empty if there is none.

    Raises:
        SettingsError: It cannot be sent.
    """
    return _checked(os.environ.get(name, "") if name else "", f"the key in {name}")


def _checked(key: str, what: str) -> str:
    """The key without white space around it.

    Raises:
        SettingsError: It cannot be sent.
    """
    key = key.strip()
    if not (key.isascii() and key.isprintable()):
        raise SettingsError(f"{what} holds characters that no key has; set it again.")
    return key


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is an error: the key would go to another place."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: Any,
        code: int,
        msg: str,
        headers: email.message.Message,
        newurl: str,
    ) -> None:
        """None stands for: do not follow."""


def chat_messages(question: Question) -> list[dict[str, Any]]:
    """The question in the form of OpenAI's chat messages."""
    told_first = [{"role": "system", "content": question.system}] if question.system else []
    if question.frames is None:
        return [*told_first, {"role": "user", "content": question.prompt}]
    times = ", ".join(f"{seconds:.1f}" for seconds in question.frames.times)
    told = f"These pictures are frames of one video, in order, at {times} seconds.\n\n"
    content: list[dict[str, Any]] = [
        {"type": "image_url", "image_url": {"url": data_url(picture)}}
        for picture in question.frames.pictures
    ]
    return [
        {"role": "user", "content": [*content, {"type": "text", "text": told + question.prompt}]}
    ]


def data_url(picture: NDArray[np.uint8], *, quality: int = _JPEG_QUALITY) -> str:
    """A picture, shape (height, width, 3), as a JPEG in a URL."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="JPEG", quality=quality)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def text_of(reply: dict[str, Any]) -> str:
    """The text of a completion.

    Raises:
        EndpointError: There is none in it.
    """
    try:
        message = reply["choices"][0]["message"]
        text = message.get("content") or message.get("refusal") or ""
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        message = "the endpoint's answer has no choices[0].message.content"
        raise EndpointError(message, paid=True) from error
    if isinstance(text, list):
        text = "".join(str(part.get("text", "")) for part in text if isinstance(part, dict))
    if not isinstance(text, str):
        raise EndpointError("the endpoint's answer has a content that is no text", paid=True)
    return text


def other_options(options: dict[str, Any], complaint: str) -> dict[str, Any] | None:
    """What to ask with instead, where an endpoint does not take an option; None if it is not that."""
    if "max_completion_tokens" in complaint and "max_tokens" in options:
        rest = {key: value for key, value in options.items() if key != "max_tokens"}
        return {**rest, "max_completion_tokens": options["max_tokens"]}
    if "temperature" in complaint and "temperature" in options:
        return {key: value for key, value in options.items() if key != "temperature"}
    return None


def _seconds(retry_after: str, otherwise: float) -> float:
    """The pause that a server asks for, if it says it in seconds."""
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() else otherwise
