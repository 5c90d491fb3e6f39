"""Answers that were paid for, on disk before they count: a file of lines to which each answer is appended.

A killed run finds all of them again. A line that the kill cut is left out, and its question is asked again.
"""

import json
import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curator_engine.errors import StorageError
from curator_engine.files.manifest import note
from curator_engine.models.token_budget import Usage

_FILE = "curator_answers.jsonl"
_GROUP, _GROUP_S = 64, 1.0
"""So many answers, or those of so many seconds, share one wait for the disk."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a model said, or why it said nothing."""

    text: str = ""
    end: str = ""
    """Why it ended: stop, length (cut at the limit of tokens), content_filter, or as the server says; empty if it does not."""
    usage: Usage = field(default_factory=Usage)
    error: str = ""
    """One line; empty if there is a text."""


class AnswerJournal:
    """Keeps replies by a hash of what was asked; for use by several threads of one process.

    Args:
        folder: Where the file is, or will be; local.

    Raises:
        StorageError: The file cannot be opened.

    Example:
        >>> with AnswerJournal("out/.cache/journal") as journal:
        ...     journal.add("0f3a", Reply(text="Yes.", end="stop"))
        ...     journal.flush()
        ...     journal.find("0f3a").text
        'Yes.'
    """

    def __init__(self, folder: str) -> None:
        self._path = Path(folder) / _FILE
        self.spent = Usage()
        """What all questions have cost so far, those without an answer included."""
        self._places: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()
        self._waiting, self._synced = 0, time.monotonic()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            note(str(self._path))
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            self._end = self._read()
        except OSError as error:
            raise _storage(error, self._path) from error

    def __enter__(self) -> "AnswerJournal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def __len__(self) -> int:
        return len(self._places)

    def find(self, key: str) -> Reply | None:
        """The reply to a question; None if it has none yet."""
        with self._lock:
            if key not in self._places:
                return None
            start, size = self._places[key]
            line: dict[str, Any] = json.loads(os.pread(self._file, size, start))
        return Reply(text=line["text"], end=line["end"], usage=_usage(line))

    def add(self, key: str, reply: Reply) -> None:
        """Append a reply; it counts after the next `flush`."""
        self._append({"key": key, "text": reply.text, "end": reply.end}, reply.usage)

    def add_lost(self, usage: Usage) -> None:
        """Append what a question may have cost that got no answer."""
        self._append({"lost": True}, usage)

    def flush(self) -> None:
        """Wait until all that was appended is on the disk.

        Raises:
            StorageError: The disk is full or fails.
        """
        with self._lock:
            self._sync()

    def close(self) -> None:
        """Flush and let go of the file."""
        self.flush()
        os.close(self._file)

    def _append(self, line: dict[str, Any], usage: Usage) -> None:
        line |= {"in": usage.tokens_in, "out": usage.tokens_out}
        data = json.dumps(line, ensure_ascii=True).encode() + b"\n"
        with self._lock:
            try:
                _write_all(self._file, data)
            except OSError as error:
                raise _storage(error, self._path) from error
            if key := line.get("key"):
                self._places[key] = (self._end, len(data))
            self._end += len(data)
            self.spent += usage
            self._waiting += 1
            if self._waiting >= _GROUP or time.monotonic() - self._synced > _GROUP_S:
                self._sync()

    def _sync(self) -> None:
        try:
            os.fsync(self._file)
        except OSError as error:
            raise _storage(error, self._path) from error
        self._waiting, self._synced = 0, time.monotonic()

    def _read(self) -> int:
        """Find the replies that are there; the size of the file, after a cut line is ended."""
        end = 0
        with self._path.open("rb") as file:
            for data in file:
                self._note(data, end)
                end += len(data)
        if end and os.pread(self._file, 1, end - 1) != b"\n":
            _write_all(self._file, b"\n")
            end += 1
        return end

    def _note(self, data: bytes, start: int) -> None:
        try:
            line = json.loads(data)
            usage, key = _usage(line), line.get("key")
            if key and isinstance(line["text"], str) and isinstance(line["end"], str):
                self._places[str(key)] = (start, len(data))
        except (ValueError, KeyError, TypeError, AttributeError):
            return
        self.spent += usage


def _usage(line: dict[str, Any]) -> Usage:
    return Usage(tokens_in=int(line["in"]), tokens_out=int(line["out"]))


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]


def _storage(error: OSError, path: Path) -> StorageError:
    return StorageError(
        f"{error.strerror or error} while writing {path}; mend that and run again with --resume."
    )
