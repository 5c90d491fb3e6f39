"""An OpenAI-compatible endpoint on the loopback address that answers as a test tells it."""

import email
import json
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from web_server import QuietServer


@dataclass(kw_only=True)
class Reply:
    """What the server sends."""

    status: int = 200
    body: Any = None
    """Sent as JSON, or as it is if it is bytes."""
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    drip_s: float = 0.0
    """Seconds between two bytes."""


def said(text: Any) -> Reply:
    return Reply(body={"choices": [{"message": {"role": "assistant", "content": text}}]})


def echoed(body: dict[str, Any], end: str = "stop") -> Reply:
    """The question after "about", at the price of 10 and 5 tokens."""
    choice = {"message": {"content": f"about {question_in(body)}"}, "finish_reason": end}
    usage = {"prompt_tokens": 10, "completion_tokens": 5}
    return Reply(body={"choices": [choice], "usage": usage})


def vector_for(text: str) -> list[float]:
    """A vector of small whole numbers."""
    letters = text.encode()[-6:].rjust(6)
    return [1.0, *(float(each % 16) for each in letters)]


def embedded(body: dict[str, Any]) -> Reply:
    """A vector for each text, the last first, at the price of 4 tokens."""
    data = [{"index": i, "embedding": vector_for(text)} for i, text in enumerate(body["input"])]
    usage = {"prompt_tokens": 4 * len(data), "total_tokens": 4 * len(data)}
    return Reply(body={"data": data[::-1], "usage": usage})


def question_in(body: dict[str, Any]) -> str:
    """What the user of a text model asks."""
    return body["messages"][-1]["content"]


def complaint(status: int, message: str = "no", **headers: str) -> Reply:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, body={"error": {"message": message}}, headers=names)


@dataclass(kw_only=True)
class ChatServer:
    """Its address and what it was asked."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    """Path, headers and body of each."""

    @property
    def questions(self) -> list[dict[str, Any]]:
        return [each["body"] for each in self.requests if each["path"].endswith("/completions")]


def text_in(body: dict[str, Any]) -> str:
    content = body["messages"][0]["content"]
    return content if isinstance(content, str) else content[-1]["text"]


def _form(kind: str, data: bytes) -> dict[str, Any]:
    """The fields of a form: texts, and bytes of those that are files."""
    parts = email.message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + data)
    fields = {}
    for part in parts.walk():
        if key := part.get_param("name", header="content-disposition"):
            content: Any = part.get_payload(decode=True)
            fields[str(key)] = content if part.get_filename() else content.decode()
    return fields


@contextmanager
def chat_server(
    answer: Callable[[dict[str, Any]], Reply],
    *,
    models: tuple[str, ...] = ("org/tiny-vl",),
    listed: Reply | None = None,
) -> Generator[ChatServer]:
    """Run a server.

    Args:
        answer: Gets the body of each completion request, from several threads.
        models: Names that it lists.
        listed: What it answers instead when it is asked for them.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self._serve(None)

        def do_POST(self):
            data = self.rfile.read(int(self.headers["Content-Length"]))
            is_form = self.headers["Content-Type"].startswith("multipart/form-data")
            self._serve(_form(self.headers["Content-Type"], data) if is_form else json.loads(data))

        def _serve(self, body):
            server.requests.append({"path": self.path, "headers": dict(self.headers), "body": body})
            names = listed or Reply(body={"data": [{"id": name} for name in models]})
            reply = names if body is None else answer(body)
            time.sleep(reply.delay_s)
            try:
                self._send(reply)
            except OSError:
                return

        def _send(self, reply):
            data = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            for i in range(len(data)) if reply.drip_s else ():
                self.wfile.write(data[i : i + 1])
                time.sleep(reply.drip_s)
            if not reply.drip_s:
                self.wfile.write(data)

        def log_message(self, *args):
            pass

    http = QuietServer(("127.0.0.1", 0), Handler)
    server = ChatServer(url=f"http://127.0.0.1:{http.server_port}/v1")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
