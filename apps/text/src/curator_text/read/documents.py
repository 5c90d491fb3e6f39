"""Read documents from JSON lines and Parquet, and write them.

Readers stand for two stages, listing and reading; both formats keep every column and the order.
What a file holds that is no document goes to quarantine with its file and line.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from curator_engine.errors import InputError, SettingsError
from curator_engine.files.blocks import MAX_ROW_BYTES
from curator_engine.files.paths import use_options
from curator_engine.positional import positional
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import AnyStage, CompositeStage
from curator_engine.stages import jsonl_files, parquet
from curator_engine.stages.file_groups import FileGroups
from curator_engine.stages.files import FilePartitioner, parse_size
from curator_engine.stages.given_options import READ_JSONL, READ_PARQUET, STORAGE, options_in
from curator_engine.stages.id_generator import CURATOR_DEDUP_ID_STR, present_state
from curator_engine.stages.join_batches import join_batches
from curator_engine.task import EmptyTask, FileGroupTask, TableTask, select_rows
from curator_text.task import DocumentBatch

__all__ = ["JsonlReader", "JsonlWriter", "ParquetReader", "ParquetWriter"]

JsonlWriter = jsonl_files.JsonlWriter
"""The engine's; unchanged documents are written as the bytes that were read."""
ParquetWriter = parquet.ParquetWriter
"""The engine's."""

MAX_BLOCK_BYTES = 32 << 20
"""A task of lines holds at most about so much, however large the pieces of files are."""
_log = logging.getLogger(__name__)
ANY_FILE = ""
"""Instead of a URL: the options count for all files of the tasks."""
_LISTING = "file_partitioning"
"""NeMo Curator's name of the stage that lists, by which its users set it."""


@dataclass(kw_only=True)
class _ReadLines(jsonl_files.JsonlReader):
    """The engine's reader, giving documents, those of small files of a task together."""

    task_type: ClassVar[type[TableTask]] = DocumentBatch
    storage: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """Options of the file system of the URLs that are its keys."""

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Know the options of the file system in this process."""
        _use(self.storage)

    def process(self, task: FileGroupTask) -> Iterator[TableTask]:
        """Yield the documents of the task's files."""
        use_options(task.data, self.storage.get(ANY_FILE))
        return join_batches(super().process(task), most=self.block_bytes)

    def made(
        self, batch: TableTask, task: FileGroupTask, position: int, rows: NDArray[np.int64] | None
    ) -> TableTask:
        """With ids, and where it comes from."""
        return _finished(batch, task, position, rows)


@dataclass(kw_only=True)
class _ReadRows(parquet.ParquetReader):
    """The engine's reader, giving documents, those of small files of a task together."""

    task_type: ClassVar[type[TableTask]] = DocumentBatch
    storage: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """Options of the file system of the URLs that are its keys."""
    filters: Any = None
    """Rows to keep, as Arrow takes them: a list of (column, operation, value), or an expression."""
    joins: bool = False
    """Join the row groups of a task of several files."""

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Know the options of the file system in this process."""
        _use(self.storage)

    def process(self, task: FileGroupTask) -> Iterator[TableTask]:
        """Yield the documents of the task's files."""
        use_options(task.data, self.storage.get(ANY_FILE))
        batches = super().process(task)
        return join_batches(batches, most=MAX_BLOCK_BYTES) if self.joins else batches

    def made(
        self, batch: TableTask, task: FileGroupTask, position: int, rows: NDArray[np.int64]
    ) -> TableTask:
        """With ids, and where it comes from; without what the filters leave out."""
        if self.filters is not None:
            found = pq.filters_to_expression(self.filters)
            numbered = batch.data.append_column(_ROW, pa.array(np.arange(len(rows))))
            kept = numbered.filter(found).column(_ROW).to_numpy()
            keep = np.zeros(len(rows), np.bool_)
            keep[kept] = True
            self.count_drops({"filters of read_kwargs": len(rows) - len(kept)})
            batch.data, rows = select_rows(batch.data, keep), rows[keep]
        return _finished(batch, task, position, rows)


_ROW = "\0row"


def _use(storage: dict[str, Any]) -> None:
    for url, options in storage.items():
        use_options(url, options)


def _finished(
    batch: TableTask, task: FileGroupTask, position: int, rows: NDArray[np.int64] | None
) -> TableTask:
    """A batch with the ids of its rows, if its task has some, and the files that it comes from.

    Raises:
        InputError: The file has no ids, or more rows than it had when it got them.
    """
    batch._metadata["source_files"] = task.data
    if "ids" not in task._metadata:
        return batch
    if CURATOR_DEDUP_ID_STR in batch.data.column_names:
        _log.warning("%s has %s already; it stays.", task.data[position], CURATOR_DEDUP_ID_STR)
        return batch
    ids = task._metadata["ids"][position]
    path = task.data[position]
    if ids is None or rows is None:
        raise InputError(
            f"{path} is unknown to the id generator; give the input that its ids are of."
        )
    first, count = ids
    if len(rows) and int(rows[-1]) >= count:
        raise InputError(
            f"{path} has more rows than the {count:,} that got ids; it has changed since."
        )
    column = pa.array(rows + first, pa.int64())
    batch.data = batch.data.append_column(CURATOR_DEDUP_ID_STR, column)
    return batch


def lines_reader(
    fields: list[str] | None,
    storage: dict[str, Any],
    *,
    block_bytes: int = MAX_BLOCK_BYTES,
    max_row: int = MAX_ROW_BYTES,
) -> AnyStage:
    """The stage that reads the lines of tasks of files."""
    reader = _ReadLines(fields=fields, storage=storage, block_bytes=block_bytes, max_row=max_row)
    return reader.with_(name="jsonl_reader")


def rows_reader(
    fields: list[str] | None,
    storage: dict[str, Any],
    options: Mapping[str, Any],
    *,
    joins: bool = True,
) -> AnyStage:
    """The stage that reads the Parquet rows of tasks of files; of `options`, `columns` and `filters` count."""
    reader = _ReadRows(
        fields=fields or options.get("columns"),
        storage=storage,
        filters=options.get("filters"),
        joins=joins,
    )
    return reader.with_(name="parquet_reader")


@dataclass(kw_only=True)
class _Reader(CompositeStage[EmptyTask, DocumentBatch]):
    """List files and read them; a large file is cut into several tasks."""

    file_paths: str | list[str]
    """Files, folders, globs or URLs."""
    files_per_partition: int | None = None
    """Whole files per task, which are read as one batch if they fit in one."""
    blocksize: int | str | None = None
    """Bytes per task, such as "32MiB": smaller files are joined, larger ones cut at line or row group borders."""
    fields: list[str] | None = None
    """Columns to read; None reads all."""
    # Options of storage may be keys, which no message shows.
    read_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """Options of the format, as in `given_options.py`, and `storage_options`."""
    task_type: Literal["document"] = "document"
    """What is read: documents."""
    file_extensions: list[str] | None = None
    """Endings that count in folders; None takes the format's, and what its first bytes say."""
    _generate_ids: bool = False
    """Give each document a whole number as `_curator_dedup_id`; see `create_id_generator_actor`."""
    _assign_ids: bool = False
    """Give the documents the ids that they got before."""
    limit: int | None = None
    """Only the first documents, in the order of files."""
    id_state: str | None = None
    """File of an id generator, instead of the present one."""
    format_name: ClassVar[Literal["jsonl", "parquet"]]
    known_options: ClassVar[dict[str, tuple[Any, ...]]]
    """Of `read_kwargs`: what is done anyway."""
    used_options: ClassVar[tuple[str, ...]] = ()
    """Of `read_kwargs`: what the reader does."""
    _options: dict[str, Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self._generate_ids and self._assign_ids:
            raise SettingsError(
                "ids are generated or assigned, not both; leave one of the two out."
            )
        if self.task_type != "document":
            raise SettingsError(f"task_type={self.task_type!r} is not offered, only 'document'.")
        self._options = options_in(
            "read_kwargs", self.read_kwargs, known=self.known_options, used=self.used_options
        )
        use_options(self.file_paths, self._options.get(STORAGE))

    def decompose(self) -> list[AnyStage]:
        """List, then read.

        Raises:
            SettingsError: Ids are asked for, and there is no id generator.
        """
        common: dict[str, Any] = {
            "file_paths": self.file_paths,
            "files_per_partition": self.files_per_partition,
            "file_extensions": self.file_extensions,
            "file_format": self.format_name,
            "limit": self.limit,
        }
        size = self.blocksize or (None if self.files_per_partition else MAX_BLOCK_BYTES)
        with_ids = self._generate_ids or self._assign_ids
        storage = self._options.get(STORAGE) or {}
        if with_ids and self.limit is not None:
            raise SettingsError("ids are of whole files; leave limit out.")
        if not (with_ids or storage or self.blocksize or self.files_per_partition):
            listing = FilePartitioner(**common, blocksize=size)
            return [listing.with_(name=_LISTING), self._reader({})]
        if self.blocksize and self.files_per_partition:
            _log.warning("files_per_partition is given, so blocksize=%s has no effect.", size)
        groups = FileGroups(
            **common,
            blocksize=size,
            joins=bool(self.blocksize),
            storage_options=storage,
            ids=(self.id_state or present_state()) if with_ids else "",
            generates_ids=self._generate_ids,
        )
        paths = [self.file_paths] if isinstance(self.file_paths, str) else self.file_paths
        urls = dict.fromkeys(paths, storage) if storage else {}
        return [groups.with_(name=_LISTING), self._reader(urls)]

    def _reader(self, storage: dict[str, Any]) -> AnyStage:
        raise NotImplementedError


@positional(
    "file_paths",
    "files_per_partition",
    "blocksize",
    "fields",
    "read_kwargs",
    "task_type",
    "file_extensions",
    "_generate_ids",
    "_assign_ids",
    "name",
)
@dataclass(kw_only=True)
class JsonlReader(_Reader):
    """Read documents from JSON lines: .jsonl, .json, .ndjson, also with .gz, .zst, .xz or .bz2, and others by their first bytes."""

    max_row: int | str = MAX_ROW_BYTES
    """Bytes of the longest line that is read; a longer one goes to quarantine by its length."""
    format_name: ClassVar[Literal["jsonl", "parquet"]] = "jsonl"
    known_options = READ_JSONL

    def _reader(self, storage: dict[str, Any]) -> AnyStage:
        size = parse_size(self.blocksize or MAX_BLOCK_BYTES)
        return lines_reader(
            self.fields,
            storage,
            block_bytes=min(size, MAX_BLOCK_BYTES),
            max_row=parse_size(self.max_row),
        )


@positional(
    "file_paths",
    "files_per_partition",
    "blocksize",
    "fields",
    "read_kwargs",
    "file_extensions",
    "task_type",
    "_generate_ids",
    "_assign_ids",
    "name",
)
@dataclass(kw_only=True)
class ParquetReader(_Reader):
    """Read documents from Parquet, a task per row group; those of several files that are one task, together."""

    format_name: ClassVar[Literal["jsonl", "parquet"]] = "parquet"
    known_options = READ_PARQUET
    used_options = ("columns", "filters")

    def _reader(self, storage: dict[str, Any]) -> AnyStage:
        joins = bool(self.files_per_partition or self.blocksize)
        return rows_reader(self.fields, storage, self._options, joins=joins)
