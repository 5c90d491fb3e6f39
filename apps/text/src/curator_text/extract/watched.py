"""Extraction in a process that is watched: a page that kills it or takes too long costs that page only.

The process is kept from page to page, so a page costs a tenth of a millisecond more than in this one.
"""

import json
import os
import selectors
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from signal import Signals
from typing import Any

from curator_engine.errors import StageError
from curator_text.extract.page_process import FAILED, LENGTH
from curator_text.extract.page_texts import Extracted, Page, Wanted

_START_SECONDS = 120.0
"""For a process to begin: it imports the extractor, on a machine that may be busy."""
_PIECE_BYTES = 1 << 16
_MOST_ANSWER_BYTES = 512 << 20


class _EndedError(Exception):
    """The process has ended."""


@dataclass(kw_only=True)
class WatchedExtractor:
    """Extracts pages in a process of its own, which is begun again when a page ends it.

    Example:
        >>> with WatchedExtractor(wanted=Wanted(extractor="resiliparse")) as extractor:
        ...     extractor.extract(Page(kind="html", data=b"<p>A text.</p>")).text
        'A text.'
    """

    wanted: Wanted = field(default_factory=Wanted)
    timeout_s: float = 30.0
    """Seconds for a page."""
    memory_bytes: int = 4 << 30
    """Addresses that the process may use."""
    starts: int = field(default=0, init=False)
    """Processes that were begun."""
    _process: Any = field(default=None, init=False, repr=False)

    def __enter__(self) -> "WatchedExtractor":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def extract(self, page: Page) -> Extracted:
        """What became of a page.

        Raises:
            StageError: No process can be begun.
        """
        process = self._running()
        until = time.monotonic() + self.timeout_s
        facts = {
            "kind": page.kind,
            "url": page.url,
            "title": page.title,
            "content_type": page.content_type,
        }
        head = json.dumps(facts).encode()
        message = LENGTH.pack(len(head)) + head + LENGTH.pack(len(page.data)) + page.data
        try:
            return self._answer(message, until)
        except TimeoutError:
            self._end()
            return Extracted(reason="took too long", kind=FAILED)
        except (_EndedError, OSError):
            code = process.wait()
            self._end()
            return Extracted(reason=f"the extractor died ({_name(code)})", kind=FAILED)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._end()

    def _running(self) -> Any:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._begin()
        return self._process

    def _begin(self) -> None:
        given = json.dumps({**asdict(self.wanted), "memory": self.memory_bytes})
        paths = os.pathsep.join(path for path in sys.path if path)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "curator_text.extract.page_process", given],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={**os.environ, "PYTHONPATH": paths},
            # Ctrl-C reaches the whole group; this process decides what becomes of its child.
            start_new_session=True,
        )
        for pipe in (self._process.stdin, self._process.stdout):
            os.set_blocking(pipe.fileno(), False)
        self.starts += 1
        try:
            self._answer(b"", time.monotonic() + _START_SECONDS)
        except (TimeoutError, _EndedError, OSError) as error:
            self._end()
            raise StageError(
                f"no process can be begun that extracts pages ({type(error).__name__}); is there enough memory?"
            ) from error

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()

    def _answer(self, message: bytes, until: float) -> Extracted:
        """Send a message, and wait for the answer; both at once, as pipes hold little.

        Raises:
            TimeoutError: It has not come in time.
        """
        left, found = memoryview(message), bytearray()
        writer, reader = self._process.stdin.fileno(), self._process.stdout.fileno()
        with selectors.DefaultSelector() as ready:
            ready.register(reader, selectors.EVENT_READ)
            if left:
                ready.register(writer, selectors.EVENT_WRITE)
            while (size := _whole(found)) is None:
                seconds = until - time.monotonic()
                events = ready.select(seconds) if seconds > 0 else []
                if not events:
                    raise TimeoutError
                for key, _ in events:
                    if key.fd == reader:
                        found += _read(reader)
                    else:
                        left = left[os.write(writer, left[:_PIECE_BYTES]) :]
                        if not left:
                            ready.unregister(writer)
        facts: dict[str, Any] = json.loads(bytes(found[LENGTH.size : size]))
        links: list[str] = facts.pop("links")
        return Extracted(**facts, links=tuple(links))


def _read(pipe: int) -> bytes:
    data = os.read(pipe, _PIECE_BYTES)
    if not data:
        raise _EndedError
    return data


def _whole(found: bytearray) -> int | None:
    """The size of the message that was received, if it is whole."""
    if len(found) < LENGTH.size:
        return None
    size = LENGTH.size + LENGTH.unpack(found[: LENGTH.size])[0]
    if size > _MOST_ANSWER_BYTES:
        raise _EndedError
    return size if len(found) >= size else None


def _name(code: int) -> str:
    """What ended a process, in words."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return Signals(-code).name
    except ValueError:
        return f"signal {-code}"
