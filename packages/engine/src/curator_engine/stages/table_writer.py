"""What the writers of tables have in common: the folder, what becomes of what lies in it, names of files."""

import os
from collections.abc import Collection, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import uuid4

from curator_engine.errors import SettingsError
from curator_engine.files.manifest import root_of
from curator_engine.files.output_folder import is_held, take
from curator_engine.files.paths import join, use_options
from curator_engine.files.storage import list_names, remove, without_mark
from curator_engine.files.write_mode import WriteMode, check_mode, clear
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_engine.stages.given_options import STORAGE, options_in
from curator_engine.stages.table_files import is_of, table_file
from curator_engine.task import FileGroupTask, TableTask, Task


@dataclass(kw_only=True)
class FolderWriter[X: Task[Any]](ProcessingStage[X, FileGroupTask]):
    """Write a file of each task, whole or not at all; a subclass says how.

    The folder is made ready once, as `mode` says, before a run begins; one that goes on from a
    checkpoint goes on in the folder. A writer that is called by hand does so before its first file.
    """

    path: str
    """The folder."""
    fields: list[str] | None = None
    """Columns to write; None writes all."""
    mode: WriteMode = "ignore"
    """What becomes of files that are there: see `WriteMode`. None that others wrote is ever touched."""
    file_extension: str | None = None
    """Ending of the files, instead of the format's."""
    # Options of storage may be keys, which no message shows.
    write_kwargs: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """Options of the format, as in `given_options.py`, and `storage_options`."""
    writes_to: ClassVar[tuple[str, ...]] = ("path",)
    known_options: ClassVar[dict[str, tuple[Any, ...]]] = {}
    """Of `write_kwargs`: what is done anyway."""
    used_options: ClassVar[tuple[str, ...]] = ()
    """Of `write_kwargs`: what the subclass does."""
    endings: ClassVar[tuple[str, ...]] = ()
    """Other endings of files that a run with other options leaves."""
    _options: dict[str, Any] = field(init=False, repr=False)
    _run: str = field(default="", init=False, repr=False)
    """Tells the files of one run from those of others, where they are to stay side by side."""
    _made_in: int = field(default=0, init=False, repr=False)
    """The process that has still to make the folder ready; 0 if it is."""

    def __post_init__(self) -> None:
        check_mode(self.mode)
        if self.file_extension is not None and ("/" in self.file_extension or not self._given):
            raise SettingsError(
                f"file_extension={self.file_extension!r} is no ending; write it as jsonl."
            )
        self._options = options_in(
            "write_kwargs", self.write_kwargs, known=self.known_options, used=self.used_options
        )
        self._made_in = os.getpid()
        use_options(self.path, self._options.get(STORAGE))

    @property
    def ending(self) -> str:
        """Ending of the files, with its dot."""
        raise NotImplementedError

    @property
    def _given(self) -> str:
        """The ending that was given, without its dot."""
        return (self.file_extension or "").lstrip(".")

    def inputs(self) -> tuple[list[str], list[str]]:
        """The columns to write, where they are named."""
        return ["data"], self.fields or []

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Know the options of the file system in this process."""
        use_options(self.path, self._options.get(STORAGE))

    def ready_folder(self, job: str, *, goes_on: bool) -> None:
        """Make the folder ready for a run, in the process that starts it.

        Args:
            job: The run.
            goes_on: A checkpoint knows what the run has written there: it stays.

        Raises:
            InputError: The folder is not as `mode` asks.
        """
        if not goes_on and not is_held(self.path):
            clear(self.path, self.mode, job=job)
        self._run = f"-{uuid4().hex[:8]}" if self.mode == "append" else ""
        self._made_in = 0

    @contextmanager
    def file_of(self, task: Task[Any]) -> Generator[str]:
        """The path of a task's file, in a folder that is ours while it is written."""
        if self._made_in == os.getpid():
            self.ready_folder(self.name, goes_on=False)
        path = join(self.path, table_file(task, f"{self._run}{self.ending}"))
        if root_of(self.path) is not None:
            yield path
            return
        with take(self.path, job=self.name, mode="share"):
            yield path

    def join_run(self, run: str) -> None:
        """Where files of all runs stay side by side, name those of this run by its id."""
        self._run = f"-{run}" if self.mode == "append" else ""

    def drop_unfinished(self, committed: frozenset[str], sources: Collection[str]) -> None:
        """Remove files of these sources that are not committed; those of other runs stay.

        Of a source with a name of its own that is no file's, nothing is known by the name; its file stays
        until it is written again.
        """
        endings = tuple(f"{self._run}{ending}" for ending in (self.ending, *self.endings))
        for name in list_names(self.path):
            file, whole = join(self.path, name), without_mark(name)
            ending = next((each for each in endings if whole.endswith(each)), "")
            if ending and file not in committed and is_of(whole.removesuffix(ending), sources):
                remove(file)


@dataclass(kw_only=True)
class TableWriter(FolderWriter[TableTask]):
    """A writer of batches of rows."""
