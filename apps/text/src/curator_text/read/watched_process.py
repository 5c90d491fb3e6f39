"""A process that reads files of others and is watched: what kills it or takes too long costs itself only.

The process is kept from question to question, so one costs a tenth of a millisecond more than in this process.
"""

import json
import os
import selectors
import subprocess
import sys
import time
from dataclasses import dataclass, field
from signal import Signals
from typing import Any

from curator_engine.errors import StageError
from curator_text.read.served_process import LENGTH, Facts, Message, packed

_START_SECONDS = 120.0
"""For a process to begin: it imports the reader, on a machine that may be busy."""
_END_SECONDS = 10.0
"""For a process to end that has closed its output."""
_PIECE_BYTES = 1 << 16
_MOST_HEAD_BYTES = 512 << 20
_MOST_ANSWER_BYTES = 4 << 30


class NoAnswerError(Exception):
    """The process died or took too long; the message says it, as "took too long"."""


class _EndedError(Exception):
    """The process has ended, or says what it never should."""


@dataclass(kw_only=True)
class WatchedProcess:
    """A process that answers questions, which is begun again when one ends it.

    Example:
        >>> with WatchedProcess(module="curator_text.interleaved.document_process") as process:
        ...     facts, data = process.ask({"do": "pdf", "id": "a.pdf"}, pdf)
    """

    module: str
    """What is run: it calls `served_process.serve`."""
    given: Facts = field(default_factory=dict[str, Any])
    """What it is given once."""
    reader: str = "the reader"
    """What it is called in reasons."""
    timeout_s: float = 30.0
    """Seconds for a question."""
    memory_bytes: int = 4 << 30
    """Addresses that the process may use."""
    starts: int = field(default=0, init=False)
    """Processes that were begun."""
    _process: Any = field(default=None, init=False, repr=False)

    def __enter__(self) -> "WatchedProcess":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def ask(self, facts: Facts, data: bytes = b"") -> Message:
        """The answer to a question.

        Raises:
            NoAnswerError: It takes too long, or ends the process.
            StageError: No process can be begun.
        """
        process = self._running()
        until = time.monotonic() + self.timeout_s
        try:
            return self._answer(packed(facts, data), until)
        except TimeoutError:
            self._end()
            raise NoAnswerError("took too long") from None
        except (_EndedError, OSError):
            code = _code_of(process)
            self._end()
            raise NoAnswerError(f"{self.reader} died ({code})") from None

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
        given = json.dumps({**self.given, "memory": self.memory_bytes})
        paths = os.pathsep.join(path for path in sys.path if path)
        self._process = subprocess.Popen(
            [sys.executable, "-m", self.module, given],
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
                f"no process can be begun for {self.reader} ({type(error).__name__}); is there enough memory?"
            ) from error

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()

    def _answer(self, message: bytes, until: float) -> Message:
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
            while (sizes := _whole(found)) is None:
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
        head, data = sizes
        return json.loads(found[LENGTH.size : head]), bytes(found[head + LENGTH.size : data])


def _read(pipe: int) -> bytes:
    data = os.read(pipe, _PIECE_BYTES)
    if not data:
        raise _EndedError
    return data


def _whole(found: bytearray) -> tuple[int, int] | None:
    """Where the facts and the data of the message that was received end, if it is whole."""
    head = _end_of_part(found, 0, _MOST_HEAD_BYTES)
    data = None if head is None else _end_of_part(found, head, _MOST_ANSWER_BYTES)
    return None if head is None or data is None else (head, data)


def _end_of_part(found: bytearray, start: int, most: int) -> int | None:
    """Where a part ends that begins at a place, if all of it was received."""
    if len(found) < start + LENGTH.size:
        return None
    size = LENGTH.unpack_from(found, start)[0]
    if size > most:
        raise _EndedError
    end = start + LENGTH.size + size
    return end if len(found) >= end else None


def _code_of(process: Any) -> str:
    """What ended a process, in words."""
    try:
        code = process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        return "its answer is too large"
    if code >= 0:
        return f"exit code {code}"
    try:
        return Signals(-code).name
    except ValueError:
        return f"signal {-code}"
