"""Shuffle the rows of Parquet files, under NeMo Curator's names and parameters; `shuffle.py` does it."""

import copy
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pyarrow as pa

from curator_engine.errors import PipelineError
from curator_engine.files.listing import stamp_of
from curator_engine.files.manifest import root_of
from curator_engine.files.output_folder import is_held, take
from curator_engine.files.paths import use_options
from curator_engine.files.write_mode import clear
from curator_engine.positional import positional
from curator_engine.resources import WorkerMetadata
from curator_engine.stages.given_options import READ_PARQUET, STORAGE, WRITE_PARQUET, options_in
from curator_engine.stages.parquet_files import iter_row_groups, schema_of
from curator_engine.stages.shuffle import ShuffleStage
from curator_engine.task import FileGroupTask, TableTask, short_hash


@dataclass(kw_only=True)
class GpuOptions:
    """NeMo Curator's parameters for the memory of GPUs: accepted, without effect."""

    rmm_pool_size: int | str | None = "auto"
    spill_memory_limit: int | str | None = "auto"
    enable_statistics: bool = False
    use_async_memory: bool = True


@dataclass(kw_only=True)
class FilesShuffle(ShuffleStage, GpuOptions):
    """A shuffle of the rows of files, into a folder that is cleared of our files before each run."""

    keys: list[str] = field(init=False, default_factory=list[str])
    path: str = field(init=False, default="")
    num_partitions: int | None = field(init=False, default=None)
    output_path: str = "./"
    """Where the folder with the files is made."""
    total_nparts: int | None = None
    """Partitions; one per input task unless given."""
    read_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of the input, which may hold secrets; the rest is for cuDF and refused."""
    write_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of the output, which may hold secrets; the rest is for cuDF and refused."""
    _read: dict[str, Any] = field(default_factory=dict[str, Any], init=False, repr=False)
    _write: dict[str, Any] = field(default_factory=dict[str, Any], init=False, repr=False)
    _made_in: int = field(default=0, init=False, repr=False)
    """The process that has still to make the folder ready; 0 if it is."""

    def shuffle(self, keys: Sequence[str], path: str) -> None:
        """Set what a subclass knows only with its parameters, and look at these.

        Raises:
            SettingsError: An option is not offered.
        """
        self.keys, self.path, self.num_partitions = list(keys), path, self.total_nparts
        self._read = options_in("read_kwargs", self.read_kwargs, known=READ_PARQUET, used=())
        self._write = options_in("write_kwargs", self.write_kwargs, known=WRITE_PARQUET, used=())
        self._made_in = os.getpid()
        super().__post_init__()

    def inputs(self) -> tuple[list[str], list[str]]:
        """Files."""
        return ["data"], []

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Know the options of the file system in this process."""
        use_options(self.path, self._write.get(STORAGE))

    def ready_folder(self, job: str, *, goes_on: bool) -> None:
        """Remove what an earlier run wrote, in the process that starts this one.

        Args:
            job: The run.
            goes_on: A checkpoint knows what the run has written there: it stays.

        Raises:
            InputError: The folder holds what we did not write.
        """
        if not goes_on and not is_held(self.path):
            clear(self.path, "overwrite", job=job)
        self._made_in = 0

    def process_batch(self, tasks: list[TableTask]) -> list[FileGroupTask]:
        """The shuffle in one process."""
        if not all(task.task_id for task in tasks):
            # Tasks that were made by hand are told apart by their places.
            tasks = [copy.copy(task) for task in tasks]
            for place, task in enumerate(tasks):
                task.task_id = str(place)
        if self._made_in == os.getpid():
            self.ready_folder(self.name, goes_on=False)
        if root_of(self.path) is not None:
            return super().process_batch(tasks)
        with take(self.path, job=self.name, mode="share"):
            return super().process_batch(tasks)

    def columns(self) -> list[str] | None:
        """The columns to read; None reads all."""
        return None

    def rows_of(self, task: TableTask) -> pa.Table:
        """The rows of a task's files.

        Raises:
            PipelineError: A file lacks a column.
            UnreadableFileError: A file is not Parquet, is damaged or cannot be read.
        """
        paths: list[str] = task.data if isinstance(task, FileGroupTask) else []
        wanted, tables = self.columns(), list[pa.Table]()
        for path in paths:
            use_options(path, self._read.get(STORAGE))
            tables += [table for _, table in iter_row_groups(path, wanted)]
            names = schema_of(path).names
            if missing := [name for name in [*(wanted or ()), *self.needed()] if name not in names]:
                raise PipelineError(
                    f"{self.name}: {path} has no column {missing[0]}; there are {', '.join(names)}."
                )
            if not tables:
                empty = schema_of(path).empty_table()
                tables.append(empty if wanted is None else empty.select(wanted))
        return pa.concat_tables(tables, promote_options="permissive")

    def needed(self) -> Sequence[str]:
        """Columns that each file must have."""
        return self.keys

    def digest(self, task: TableTask) -> str:
        """Of the files' paths, sizes and times."""
        paths: list[str] = task.data if isinstance(task, FileGroupTask) else []
        return short_hash(*(f"{path}|{stamp_of(path)}" for path in paths))


@positional(
    "shuffle_on",
    "total_nparts",
    "output_path",
    "read_kwargs",
    "write_kwargs",
    "rmm_pool_size",
    "spill_memory_limit",
    "enable_statistics",
    "use_async_memory",
)
@dataclass(kw_only=True)
class ShuffleFiles(FilesShuffle):
    """Write the rows of Parquet files so that those with equal keys are in the same file.

    NeMo Curator's `ShuffleStage`, on CPUs or GPUs; see `shuffle.ShuffleStage` for the names of files.

    Example:
        >>> ShuffleFiles(["url"], total_nparts=8, output_path="by_url")
    """

    shuffle_on: list[str]
    """Columns whose values together are the key."""
    name: str = "shuffle_stage"
    writes_to: ClassVar[tuple[str, ...]] = ("path",)

    def __post_init__(self) -> None:
        self.shuffle(self.shuffle_on, self.output_path)
