"""NeMo Curator's stages that read the files of tasks, and its base classes for readers of one's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from curator_engine.errors import InputError, SettingsError
from curator_engine.files.paths import use_options
from curator_engine.positional import positional
from curator_engine.stage import AnyStage, ProcessingStage
from curator_engine.stages.called_by_hand import HandCalled
from curator_engine.stages.given_options import READ_JSONL, READ_PARQUET, STORAGE, options_in
from curator_engine.stages.id_generator import (
    CURATOR_DEDUP_ID_STR,
    IdGeneratorBase,
    present_state,
    whole_path,
)
from curator_engine.stages.number_files import NumberFiles
from curator_engine.task import FileGroupTask, Task
from curator_text.read.documents import ANY_FILE, lines_reader, rows_reader
from curator_text.task import DocumentBatch

_ORDER = ("fields", "read_kwargs", "_generate_ids", "_assign_ids", "allow_empty", "name")


@dataclass(kw_only=True)
class _ReadsFiles(HandCalled[DocumentBatch]):
    """Read the files of each task, as `JsonlReader` and `ParquetReader` do once they have listed them."""

    fields: list[str] | None = None
    """Columns to read; None reads all."""
    # Options of storage may be keys, which no message shows.
    read_kwargs: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """Options of the format, as in `given_options.py`, and `storage_options`."""
    _generate_ids: bool = False
    """Give each document a whole number as `_curator_dedup_id`; see `create_id_generator_actor`."""
    _assign_ids: bool = False
    """Give the documents the ids that they got before."""
    allow_empty: bool = False
    """Accepted: files without documents give none, and those that cannot be read are in quarantine."""
    known_options: ClassVar[dict[str, tuple[Any, ...]]]
    """Of `read_kwargs`: what is done anyway."""
    used_options: ClassVar[tuple[str, ...]] = ()
    """Of `read_kwargs`: what the reader does."""
    _options: dict[str, Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self._generate_ids and self._assign_ids:
            raise SettingsError(_ONE_OF_TWO)
        self._options = options_in(
            "read_kwargs", self.read_kwargs, known=self.known_options, used=self.used_options
        )

    def decompose(self) -> list[AnyStage]:
        """Number the files if ids are asked for, then read.

        Raises:
            SettingsError: Ids are asked for, and there is no id generator.
        """
        stages: list[AnyStage] = []
        if self._generate_ids or self._assign_ids:
            stages.append(NumberFiles(state=present_state(), generates=self._generate_ids))
        return [*stages, self._reader()]

    def process_batch(self, tasks: list[FileGroupTask]) -> list[Any]:
        """The documents of all tasks, in this process."""
        for task in tasks:
            use_options(task.data, self._options.get(STORAGE))
        return super().process_batch(tasks)

    def _reader(self) -> AnyStage:
        raise NotImplementedError


_ONE_OF_TWO = "ids are generated or assigned, not both; leave one of the two out."


@positional(*_ORDER)
@dataclass(kw_only=True)
class JsonlReaderStage(_ReadsFiles):
    """Read the JSON lines of the files of each task, at most 32 MiB of them in a batch.

    Example:
        >>> JsonlReaderStage(fields=["text"]).process(FileGroupTask(data=["a.jsonl"]))
    """

    name: str = "jsonl_reader"
    known_options = READ_JSONL

    def _reader(self) -> AnyStage:
        return lines_reader(self.fields, _storage(self._options))


@positional(*_ORDER)
@dataclass(kw_only=True)
class ParquetReaderStage(_ReadsFiles):
    """Read the row groups of the Parquet files of each task, small ones together.

    Example:
        >>> ParquetReaderStage(fields=["text"]).process(FileGroupTask(data=["a.parquet"]))
    """

    name: str = "parquet_reader"
    known_options = READ_PARQUET
    used_options = ("columns", "filters")

    def _reader(self) -> AnyStage:
        return rows_reader(self.fields, _storage(self._options), self._options)


def _storage(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of storage, which the paths of the tasks are not known for yet."""
    return {ANY_FILE: options[STORAGE]} if options.get(STORAGE) else {}


@dataclass(kw_only=True)
class ReaderOutput:
    """What `read_data` may return: documents, and more that is to be known of their task."""

    data: Any
    """A table or a DataFrame."""
    metadata: dict[str, Any] | None = None


@dataclass(kw_only=True)
class NumbersDocuments[X: Task[Any]](ProcessingStage[X, DocumentBatch]):
    """A reader that can give each document an id."""

    _generate_ids: bool = False
    """Give each document a whole number as `_curator_dedup_id`; see `create_id_generator_actor`."""
    _assign_ids: bool = False
    """Give the documents the ids that they got before."""
    _state: str = field(default="", init=False, repr=False)

    def __post_init__(self) -> None:
        if self._generate_ids and self._assign_ids:
            raise SettingsError(_ONE_OF_TWO)
        if self._generate_ids or self._assign_ids:
            self._state = present_state()

    def num_workers(self) -> int | None:
        """One where ids are generated, so that they follow the order of the tasks."""
        return 1 if self._generate_ids else None

    def with_ids(self, batch: DocumentBatch, source: list[str]) -> DocumentBatch:
        """The documents with their ids; their number is that of the rows which were read.

        Args:
            batch: All documents of a source.
            source: What stands for it, as the paths of its files.
        """
        if CURATOR_DEDUP_ID_STR in batch.data.column_names:
            return batch
        first = self._first_id(source, batch.num_items)
        ids = pa.array(np.arange(first, first + batch.num_items), pa.int64())
        batch.data = batch.data.append_column(CURATOR_DEDUP_ID_STR, ids)
        return batch

    def _first_id(self, paths: list[str], count: int) -> int:
        """The id of the first of so many documents.

        Raises:
            InputError: They have none to be assigned, or there were another number of them.
        """
        known = IdGeneratorBase.from_disk(self._state)
        if self._generate_ids:
            known.register_batch(paths, count)
            known.to_disk(self._state)
        elif known.hash_files(paths) not in known.batch_registry:
            raise InputError(
                f"{', '.join(paths)} is unknown to the id generator; give the input that its ids are of."
            )
        first, last = known.get_batch_range(paths, None)
        if last - first + 1 != count:
            raise InputError(
                f"{', '.join(paths)} gave {count:,} documents, and {last - first + 1:,} of it have ids; "
                "it has changed since."
            )
        return first


@positional("fields", "read_kwargs", "name", "_generate_ids", "_assign_ids", "allow_empty")
@dataclass(kw_only=True)
class BaseReader(NumbersDocuments[FileGroupTask]):
    """A reader of one's own: write `read_data`, which gives the documents of some files.

    Example:
        >>> class CsvReader(BaseReader):
        ...     def read_data(self, file_paths, read_kwargs, fields):
        ...         return pd.concat([pd.read_csv(path, usecols=fields) for path in file_paths])
    """

    fields: list[str] | None = None
    """Columns to read; None reads all."""
    read_kwargs: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """Handed on to `read_data`."""
    allow_empty: bool = False
    """Take files without documents for a task that is dropped instead of an error."""

    def read_data(
        self, file_paths: list[str], read_kwargs: dict[str, Any] | None, fields: list[str] | None
    ) -> Any:
        """The documents of some files: a table, a DataFrame, a `ReaderOutput`, or None.

        Args:
            file_paths: The files of a task.
            read_kwargs: As the reader was given them.
            fields: Columns to read; None for all.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define read_data().")

    def process(self, task: FileGroupTask) -> DocumentBatch | None:
        """The documents of the task's files.

        Raises:
            InputError: There are none, and `allow_empty` is not set.
        """
        read = self.read_data(task.data, dict(self.read_kwargs), self.fields)
        output = read if isinstance(read, ReaderOutput) else ReaderOutput(data=read)
        if output.data is None or not len(output.data):
            if self.allow_empty:
                return None
            raise InputError(
                f"{', '.join(task.data)} gave no documents; allow_empty=True passes over such files."
            )
        facts = {**task._metadata, "source_files": task.data, **(output.metadata or {})}
        batch = DocumentBatch(data=output.data, dataset_name=task.dataset_name, _metadata=facts)
        paths = [whole_path(path) for path in task.data]
        return self.with_ids(batch, paths) if self._state else batch


@dataclass(kw_only=True)
class BaseFileReader(BaseReader):
    """A `BaseReader` of files, as NeMo Curator names it."""
