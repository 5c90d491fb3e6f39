"""NeMo Curator's readers of Lance datasets: fragments as tasks, and their rows as documents."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import pyarrow as pa

from curator_engine.errors import InputError, SettingsError, UnreadableFileError
from curator_engine.files.lance_datasets import blob_names, open_lance, reason
from curator_engine.positional import positional
from curator_engine.stage import AnyStage, CompositeStage, ProcessingStage
from curator_engine.task import EmptyTask, TableTask
from curator_text.read.documents import MAX_BLOCK_BYTES
from curator_text.read.lance_columns import (
    ROWADDR,
    add_lance_metadata_columns,
    materialize_lance_blob_columns,
)
from curator_text.read.reader_stages import NumbersDocuments
from curator_text.task import DocumentBatch, LanceReadTask

_OF_DATASET = ("version", "storage_options")
"""Of `read_kwargs`, options of the dataset; all others are of the scan."""

_IS_ASKED_WRONGLY = "user input"
"""In what Lance says of an option or column that it does not know; all else it says of the data."""

type Options = dict[str, Any]


@positional("path", "fragments_per_partition", "fragment_ids", "read_kwargs", "name")
@dataclass(kw_only=True)
class LancePartitioningStage(ProcessingStage[EmptyTask, LanceReadTask]):
    """List the fragments of a Lance dataset, some to a task; all tasks are of the version that was found.

    Example:
        >>> LancePartitioningStage("pages.lance", fragments_per_partition=4)
    """

    name: str = "lance_partitioning"
    path: str
    """Folder or URL of the dataset."""
    fragments_per_partition: int = 32
    """Fragments of a task."""
    fragment_ids: list[int] | None = None
    """Those that are read; all unless given."""
    # Options of storage may be keys, which no message shows.
    read_kwargs: Options = field(default_factory=dict[str, Any], repr=False)
    """`version`, `storage_options`, and in `dataset_options` what else `lance.dataset` takes."""
    fan_out: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.fragments_per_partition < 1:
            raise SettingsError(
                f"fragments_per_partition={self.fragments_per_partition} is below 1."
            )

    @property
    def file_paths(self) -> str:
        """What is read, so that no stage writes into it."""
        return self.path

    def process(self, task: EmptyTask) -> list[LanceReadTask]:
        """The tasks, in the order of fragments.

        Raises:
            InputError: There is no such dataset, or it has no such fragment.
        """
        dataset = open_lance(self.path, dataset_options(self.read_kwargs))
        there = sorted(each.fragment_id for each in dataset.get_fragments())
        wanted = there if self.fragment_ids is None else sorted(set(self.fragment_ids))
        if missing := sorted(set(wanted) - set(there)):
            raise InputError(
                f"{self.path} has no fragment {missing[0]} in version {dataset.version}."
            )
        size = self.fragments_per_partition
        return [
            LanceReadTask(
                dataset_name=self.path.rstrip("/").rpartition("/")[2],
                path=self.path,
                version=dataset.version,
                data=wanted[start : start + size],
            )
            for start in range(0, len(wanted), size)
        ]


@positional(
    *("_generate_ids", "_assign_ids", "fields", "read_kwargs"),
    *("include_lance_metadata", "allow_empty", "name"),
)
@dataclass(kw_only=True)
class LanceReaderStage(NumbersDocuments[LanceReadTask]):
    """Read the fragments of each task, at most about 32 MiB in a batch; blobs come as bytes.

    Rows that were deleted are not there, and neither are those that a `filter` in `read_kwargs` leaves out.

    Example:
        >>> LanceReaderStage(fields=["text"], read_kwargs={"filter": "length(text) > 80"})
    """

    name: str = "lance_reader"
    fields: list[str] | None = None
    """Columns to read; None reads all."""
    # Options of storage may be keys, which no message shows.
    read_kwargs: Options = field(default_factory=dict[str, Any], repr=False)
    """As of `LanceReader`."""
    allow_empty: bool = True
    """Take fragments without rows for a task that is dropped instead of an error."""
    include_lance_metadata: bool = True
    """Add the columns of `LANCE_COLUMNS`: the row's id, address and fragment."""

    def process(self, task: LanceReadTask) -> Iterator[Any]:
        """The documents of the task's fragments; of those that cannot be read, what stands before the damage.

        Raises:
            InputError: There are none, and `allow_empty` is not set.
            SettingsError: An option of `read_kwargs` is not known.
        """
        found = self.read(task)
        if self._state:
            # Their number must be known before the first has its id.
            whole = list(found)
            source = [f"{task.path}#{','.join(map(str, task.data))}"]
            found = [self.with_ids(_joined(whole), source)] if whole else []
        count = 0
        for batch in found:
            count += batch.num_items
            yield batch
        if not count and not self.allow_empty:
            raise InputError(
                f"{task.path} gave no documents; allow_empty=True passes over such fragments."
            )

    def read(self, task: LanceReadTask) -> Iterator[DocumentBatch]:
        """The rows of the task's fragments, some at a time."""
        about = {**task._metadata, "source_files": [task.path]}
        for table in self.tables(task, about):
            yield DocumentBatch(data=table, dataset_name=task.dataset_name, _metadata=dict(about))

    def tables(self, task: LanceReadTask, about: dict[str, Any]) -> Iterator[pa.Table]:
        """The tables of a scan, about 32 MiB each; `about` gets what is to be known of the dataset."""
        options = {**dataset_options(self.read_kwargs), "version": task.version}
        dataset = open_lance(task.path, options)
        about["lance"] = _facts(dataset, task)
        try:
            for batch in self._scan(dataset, task):
                yield self._finished(dataset, pa.Table.from_batches([batch]))
        except TypeError as error:
            raise SettingsError(f"read_kwargs of {task.path}: {error}.") from error
        except (ValueError, OSError) as error:
            if _IS_ASKED_WRONGLY in str(error).lower():
                raise SettingsError(f"{task.path} cannot be read so: {reason(error)}.") from error
            self.reject_file(task.path, UnreadableFileError(f"{task.path}: {reason(error)}"))

    def _scan(self, dataset: Any, task: LanceReadTask) -> Iterator[pa.RecordBatch]:
        options = _scan_options(self.read_kwargs)
        columns = self.fields or options.get("columns")
        has_blobs = any(columns is None or name in columns for name in blob_names(dataset.schema))
        more = {
            "columns": columns,
            "fragments": [dataset.get_fragment(number) for number in task.data],
            "with_row_id": self.include_lance_metadata,
            "with_row_address": self.include_lance_metadata or has_blobs,
            "batch_size_bytes": MAX_BLOCK_BYTES,
        }
        yield from dataset.scanner(**{**options, **more}).to_batches()

    def _finished(self, dataset: Any, table: pa.Table) -> pa.Table:
        table = materialize_lance_blob_columns(dataset, table)
        if self.include_lance_metadata:
            return add_lance_metadata_columns(table)
        return table.drop_columns([ROWADDR]) if ROWADDR in table.column_names else table


def _joined(batches: list[DocumentBatch]) -> DocumentBatch:
    batches[0].data = pa.concat_tables([each.data for each in batches])
    return batches[0]


def _facts(dataset: Any, task: LanceReadTask) -> dict[str, Any]:
    from lance.schema import schema_to_json

    return {
        "version": task.version,
        "fragment_ids": list(task.data),
        "schema": schema_to_json(dataset.schema),
        "has_stable_row_ids": bool(dataset.has_stable_row_ids),
    }


def dataset_options(given: Options | None) -> Options:
    """Of `read_kwargs`, what opens the dataset."""
    given = given or {}
    found = dict(given.get("dataset_options") or {})
    return found | {name: given[name] for name in _OF_DATASET if given.get(name) is not None}


def _scan_options(given: Options) -> Options:
    named = ("dataset_options", "scanner_options", *_OF_DATASET)
    others = {name: value for name, value in given.items() if name not in named}
    return {**(given.get("scanner_options") or {}), **others}


@dataclass(kw_only=True)
class ReadsFragments[B: TableTask](CompositeStage[EmptyTask, B]):
    """List the fragments of a dataset, then read them: what readers of Lance have in common."""

    path: str
    """Folder or URL of the dataset."""
    fragments_per_partition: int
    """Fragments of a task."""
    fields: list[str] | None = None
    """Columns to read; None reads all."""
    read_kwargs: Options | None = field(default=None, repr=False)
    """Options of `lance.dataset` (`version`, `storage_options`, others in `dataset_options`) and of its scanner."""
    include_lance_metadata: bool = True
    """Add the columns of `LANCE_COLUMNS`: the row's id, address and fragment."""
    fragment_ids: list[int] | None = None
    """Fragments that are read; all unless given."""

    def decompose(self) -> list[AnyStage]:
        """The listing and the reader."""
        options = dict(self.read_kwargs or {})
        listing = LancePartitioningStage(
            path=self.path,
            fragments_per_partition=self.fragments_per_partition,
            fragment_ids=self.fragment_ids,
            read_kwargs=options,
        )
        return [listing, self.reader(options)]

    def reader(self, options: Options) -> AnyStage:
        """The stage that reads, with options as `read_kwargs`."""
        raise NotImplementedError


@positional(
    *("path", "fragments_per_partition", "fields", "read_kwargs"),
    *("include_lance_metadata", "fragment_ids", "task_type", "name"),
)
@dataclass(kw_only=True)
class LanceReader(ReadsFragments[DocumentBatch]):
    """Read documents from a Lance dataset; needs the extra `lance`.

    Example:
        >>> LanceReader("pages.lance", fields=["id", "text"], read_kwargs={"version": 3})
    """

    name: str = "lance_reader"
    fragments_per_partition: int = 32
    task_type: Literal["document"] = "document"
    """What is read: documents."""

    def __post_init__(self) -> None:
        if self.task_type != "document":
            raise SettingsError(f"task_type={self.task_type!r} is not offered, only 'document'.")

    def reader(self, options: Options) -> AnyStage:
        """That of documents."""
        return LanceReaderStage(
            fields=self.fields,
            read_kwargs=options,
            include_lance_metadata=self.include_lance_metadata,
        )
