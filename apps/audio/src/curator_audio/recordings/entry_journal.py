"""A list of entries in one file, written by one worker: what NeMo Curator's writers of manifests do.

Lines go into a journal beside the list as tasks come, each with its task's id, and into the list when the
worker ends: in the order of the ids, each once. So a run that was killed and goes on gives the same bytes.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from curator_audio.task import AudioTask
from curator_engine.errors import InputError, SettingsError
from curator_engine.files.paths import is_remote
from curator_engine.files.storage import open_atomic, storage_errors
from curator_engine.stage import ProcessingStage
from curator_engine.task import id_key

JOURNAL = ".journal"
"""Ending of the journal, which stays: a list without one is of somebody else, and is not written over."""


@dataclass(kw_only=True)
class EntryJournal(ProcessingStage[AudioTask, AudioTask]):
    """Base of stages that write a line for each entry into one local file."""

    output_path: str
    """The file, which is written when the last entry has come."""
    _file: BinaryIO | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.output_path:
            raise SettingsError(f"{type(self).__name__} needs output_path, the file to write.")
        if is_remote(self.output_path):
            raise SettingsError(
                f"{type(self).__name__} writes to local disks; {self.output_path} is not on one. "
                "AudioToDocumentStage and JsonlWriter write elsewhere."
            )

    def line(self, task: AudioTask) -> dict[str, Any] | None:
        """What is written of an entry; None writes nothing."""
        raise NotImplementedError

    def write(self, rows: Iterator[dict[str, Any]]) -> None:
        """Write the file out of all lines."""
        with open_atomic(self.output_path) as file:
            for row in rows:
                file.write(json_line(row))

    def num_workers(self) -> int | None:
        """One, as there is one journal."""
        return 1

    def ready_folder(self, job: str, *, goes_on: bool) -> None:
        """Begin a new journal, unless a run goes on.

        Raises:
            InputError: There is a file that no such stage has made.
        """
        journal = Path(self.output_path + JOURNAL)
        for path in (journal, Path(self.output_path)):
            if path.exists() and not _is_journal(journal):
                raise InputError(
                    f"{path} is there, and not of a run of this stage; move it, or give another output_path."
                )
        if not goes_on:
            with storage_errors(str(journal), "writing"):
                journal.parent.mkdir(parents=True, exist_ok=True)
                journal.write_bytes(b"")

    def join_run(self, run: str) -> None:
        """The journal is one of all runs that go on."""

    def drop_unfinished(self, committed: frozenset[str], sources: Collection[str]) -> None:
        """Nothing: what is written again has the same id, and counts once."""

    def process(self, task: AudioTask) -> AudioTask:
        """Note the entry.

        Raises:
            StorageError: The journal cannot be written.
        """
        row = self.line(task)
        if row is not None:
            path = Path(self.output_path + JOURNAL)
            with storage_errors(str(path), "writing"):
                if self._file is None:
                    self._file = _opened(path)
                self._file.write(json_line({"id": task.task_id, "row": row}))
                self._file.flush()
        return task

    def teardown(self) -> None:
        """Write the file.

        Raises:
            StorageError: It cannot be written.
        """
        if self._file is not None:
            self._file.close()
            self._file = None
        self.write(self.rows())

    def rows(self) -> Iterator[dict[str, Any]]:
        """The noted lines, in the order of their tasks' ids."""
        path, found = Path(self.output_path + JOURNAL), dict[str, dict[str, Any]]()
        for number, line in enumerate(path.read_bytes().split(b"\n") if path.exists() else []):
            noted = _noted(line)
            if noted:
                # Tasks that no pipeline has given an id are each of their own.
                found[noted["id"] or f" {number}"] = noted["row"]
        for task_id in sorted(found, key=id_key):
            yield found[task_id]


def _opened(path: Path) -> BinaryIO:
    """The journal, to go on behind its last line; a worker may have been killed while it wrote that."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+b")
    if file.tell():
        file.seek(-1, 2)
        if file.read(1) != b"\n":
            file.write(b"\n")
    return file


def _noted(line: bytes) -> dict[str, Any]:
    """The id and the row of a line; nothing of a line that was not finished."""
    try:
        noted: Any = json.loads(line)
    except ValueError:
        return {}
    return noted if isinstance(noted, dict) and {"id", "row"} == set(noted) else {}


def _is_journal(path: Path) -> bool:
    """Whether a file is there that a stage of this kind began."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        first = file.readline()
    return not first or bool(_noted(first))


def json_line(row: dict[str, Any]) -> bytes:
    """A row as a line; what JSON has no form for becomes text."""
    return json.dumps(row, ensure_ascii=False, default=str).encode("utf-8", "replace") + b"\n"
