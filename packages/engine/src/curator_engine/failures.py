"""What happens when a stage fails on a task: the policy, the record and the quarantine.

Applying the policy is `runner.py`'s and `ledger.py`'s.
"""

import json
import traceback
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, Literal

from curator_engine.errors import SettingsError
from curator_engine.files.paths import join
from curator_engine.files.storage import list_names, read_bytes, remove, write_atomic
from curator_engine.redaction import redacted

_RATIOS = ("max_failure_ratio", "max_rejected_ratio")


@dataclass(frozen=True, kw_only=True)
class FailurePolicy:
    """What to do with a task on which a stage fails.

    Raises:
        SettingsError: A value is out of range.
    """

    on_error: Literal["raise", "skip", "quarantine"] = "raise"
    """raise: stop the run; skip: go on and record; quarantine: the same, and write a file for it."""
    retries: int = 0
    """Further attempts before a task counts as failed."""
    backoff_s: float = 0.0
    """Seconds before the first further attempt; doubles each time."""
    max_failures: int | None = None
    """Failed tasks that a run may have before it stops."""
    max_failure_ratio: float | None = None
    """Failed source tasks over all source tasks, in [0, 1]; more fails the run."""
    max_rejected_ratio: float | None = None
    """Rows that cannot be read over all rows of the stages that count them, in [0, 1]; more fails the run."""
    task_timeout_s: float | None = None
    """Seconds that a worker may spend on one batch before it is replaced."""

    def __post_init__(self) -> None:
        if self.on_error not in ("raise", "skip", "quarantine"):
            raise SettingsError(f"on_error={self.on_error!r} is not raise, skip or quarantine.")
        for name in ("retries", "backoff_s", "max_failures", *_RATIOS):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise SettingsError(f"{name}={value} is negative.")
        for name in _RATIOS:
            value = getattr(self, name)
            if value is not None and value > 1:
                raise SettingsError(f"{name}={value} is above 1.")
        if self.task_timeout_s is not None and self.task_timeout_s <= 0:
            raise SettingsError(f"task_timeout_s={self.task_timeout_s} is not above 0.")


COMMAND_POLICY = FailurePolicy(
    on_error="quarantine",
    retries=1,
    backoff_s=0.1,
    max_failure_ratio=0.05,
    max_rejected_ratio=0.05,
)
"""What commands use unless told otherwise."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One task on which a stage failed for good."""

    task_id: str
    stage: str
    error: str
    """Type and message, one line."""
    traceback: str = ""
    attempts: int = 1
    sources: tuple[str, ...] = ()
    """Ids of the source tasks that it descends from."""
    files: tuple[str, ...] = ()
    """Files that the failed task refers to, where it does."""
    items: int = 0
    task_ids: tuple[str, ...] = ()
    """All tasks of a group that failed as a whole; empty for a single task."""

    @staticmethod
    def describe(error: BaseException) -> tuple[str, str]:
        """The error as one line, and its traceback."""
        line = " ".join(f"{type(error).__name__}: {error}".split())
        return line, "".join(traceback.format_exception(error))

    @staticmethod
    def describe_privately(error: BaseException) -> tuple[str, str]:
        """The same without the error's words, which may hold a part of a row."""
        line = f"{type(error).__name__} (its words are withheld, as rows are private)"
        return line, "".join(traceback.format_tb(error.__traceback__))


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """A part of the input that a stage could not read: a malformed line, an unreadable file."""

    file: str
    reason: str
    line: int | None = None
    """Line number from 1, or None for the whole file."""
    offset: int | None = None
    """Byte offset in the file, after decompression."""
    rows: int = 1
    raw: bytes = b""
    """The bytes themselves, so that nothing is lost; empty for a whole file."""
    length: int | None = None
    """Bytes of a row that is withheld."""
    rest: bool = False
    """Whether it is all of the file from `offset` on: how many rows that are is not known."""
    again: bool = False
    """Whether a resumed run tries it again, as what hindered it may be mended."""
    task_id: str = ""
    """The task that it was met in; `ProcessingStage.reject` sets it."""

    def __str__(self) -> str:
        """The reason, behind the file and the line unless it begins with the file itself."""
        if self.reason.startswith(self.file):
            return self.reason
        return f"{self.file}{f', line {self.line}' if self.line else ''}: {self.reason}"

    def without_row(self) -> "Rejection":
        """The same with the row's length in the place of its bytes."""
        return replace(self, raw=b"", length=len(self.raw)) if self.raw else self

    def describe(self) -> dict[str, Any]:
        """What quarantine keeps of it."""
        return {**vars(self), "raw": self.raw.decode("utf-8", "backslashreplace")}

    @property
    def is_whole_file(self) -> bool:
        """Whether nothing at all could be read of the file."""
        return self.line is None and not self.offset and self.rows == 1


@dataclass(frozen=True)
class Quarantine:
    """A folder with one JSON file per failed task and per task with unreadable input.

    Names are task ids, which begin with the source's id, so running a task again replaces its file
    and `keep_only` finds it.
    """

    path: str

    def add_failure(self, failure: Failure) -> None:
        """Write the record of a failed task."""
        name = _name(failure.task_id, failure.sources[0] if failure.sources else "")
        path = join(self.path, "tasks", f"{name}.json")
        write_atomic(path, json.dumps(redacted(asdict(failure)), indent=1).encode())

    def add_rows(self, task_id: str, records: Iterable[dict[str, Any]], *, owner: str = "") -> None:
        """Write the unreadable parts that one task met, a JSON object per line.

        Args:
            task_id: The task.
            records: What is known about each part.
            owner: The source task that it descends from.
        """
        lines = "".join(json.dumps(_shown(record), ensure_ascii=False) + "\n" for record in records)
        path = join(self.path, "rows", f"{_name(task_id, owner)}.jsonl")
        write_atomic(path, lines.encode("utf-8", "backslashreplace"))

    def failures(self) -> list[Failure]:
        """The failed tasks on record, in the order of their ids."""
        folder = join(self.path, "tasks")
        return [
            _read_failure(json.loads(read_bytes(join(folder, name)))) for name in list_names(folder)
        ]

    def rows(self) -> list[dict[str, Any]]:
        """The unreadable parts on record, by task id."""
        return list(self.iter_rows())

    def iter_rows(self) -> Iterator[dict[str, Any]]:
        """The same, a file of records in memory at a time."""
        folder = join(self.path, "rows")
        for name in list_names(folder):
            for line in read_bytes(join(folder, name)).split(b"\n"):
                if line:
                    yield json.loads(line)

    @cached_property
    def sources(self) -> frozenset[str]:
        """Ids of the sources with unreadable parts on record, as they were when this was first asked."""
        names = list_names(join(self.path, "rows"))
        return frozenset(a for name in names for a in _ancestors(name.rpartition(".")[0]))

    def keep_only(self, sources: Collection[str]) -> None:
        """Forget what all other source tasks and their descendants left here: they are run again, or gone."""
        for kind in ("tasks", "rows"):
            folder = join(self.path, kind)
            for name in list_names(folder):
                if not any(a in sources for a in _ancestors(name.rpartition(".")[0])):
                    remove(join(folder, name))


def _shown(record: dict[str, Any]) -> dict[str, Any]:
    """The record without secrets, except for the row itself, which is data."""
    raw = {"raw": record["raw"]} if "raw" in record else {}
    return {**redacted({k: v for k, v in record.items() if k != "raw"}), **raw}


def _read_failure(record: dict[str, Any]) -> Failure:
    for name in ("sources", "files", "task_ids"):
        record[name] = tuple(record[name])
    return Failure(**record)


def _name(task_id: str, owner: str) -> str:
    """The task id, behind its source's where it does not tell it: that of a group is a hash."""
    return task_id if not owner or owner in _ancestors(task_id) else f"{owner}_{task_id}"


def _ancestors(task_id: str) -> list[str]:
    """The task id and the ids that it descends from."""
    parts = task_id.split("_")
    return ["_".join(parts[:n]) for n in range(1, len(parts) + 1)]
