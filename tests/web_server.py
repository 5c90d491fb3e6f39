"""A web server of this machine that tests fetch from; each path misbehaves in its own way."""

import sys
import time
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

type Answer = tuple[int, dict[str, str], bytes]


class WebServer:
    """Answers by path: a status, headers and bytes, or several of them, one for each request."""

    def __init__(self, answers: Mapping[str, Answer | list[Answer]]) -> None:
        self.answers = dict(answers)
        self.asked, self.times = Counter[str](), list[float]()
        self.url = ""

    def answer(self, path: str) -> Answer:
        self.times.append(time.monotonic())
        self.asked[path] += 1
        found = self.answers.get(path, (404, {}, b"no"))
        if isinstance(found, list):
            return found[min(self.asked[path], len(found)) - 1]
        return found


class QuietServer(ThreadingHTTPServer):
    """Says nothing of a client that is gone: the words would be in the output of the next test."""

    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


@contextmanager
def serving(answers: Mapping[str, Answer | list[Answer]]) -> Generator[WebServer]:
    """A server of these answers; a header `Slow` makes it send a byte each tenth of a second."""
    site = WebServer(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, data = site.answer(self.path)
            self.send_response(status)
            headers = {"Content-Length": str(len(data)), **headers}
            for name, value in headers.items():
                if name != "Slow" and value:
                    self.send_header(name, value)
            self.end_headers()
            try:
                for at in range(len(data)) if "Slow" in headers else ():
                    time.sleep(0.1)
                    self.wfile.write(data[at : at + 1])
                if "Slow" not in headers:
                    self.wfile.write(data)
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = QuietServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
