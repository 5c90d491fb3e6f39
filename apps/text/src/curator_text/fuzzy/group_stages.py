"""From buckets to the ids of documents that go: NeMo Curator's last three single steps of fuzzy deduplication."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.device import Device
from curator_engine.errors import PipelineError
from curator_engine.files.paths import join, use_options
from curator_engine.positional import positional
from curator_engine.stages.file_shuffle import FilesShuffle
from curator_engine.stages.given_options import READ_PARQUET, STORAGE, WRITE_PARQUET, options_in
from curator_engine.stages.id_generator import CURATOR_DEDUP_ID_STR
from curator_engine.stages.parquet_files import iter_row_groups, schema_of
from curator_engine.stages.table_files import write_table
from curator_engine.stages.table_writer import FolderWriter
from curator_engine.task import FileGroupTask, short_hash
from curator_text.dedup.removal_ids import removal_ids
from curator_text.dedup.step_names import (
    CURATOR_FUZZY_DUPLICATE_GROUP_FIELD,
    DUPLICATE_IDS_SUBDIR,
)
from curator_text.fuzzy.gpu_components import join_components


@dataclass(kw_only=True)
class _FilesToFile(FolderWriter[FileGroupTask]):
    """Write a Parquet file of the tasks' Parquet files, into a folder that is cleared of ours before each run."""

    path: str = field(init=False, default="")
    output_path: str
    """Where the folder with the files is made."""
    read_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of the input, which may hold secrets."""
    folder: ClassVar[str] = ""
    endings = (".parquet",)
    known_options = WRITE_PARQUET
    _read: dict[str, Any] = field(default_factory=dict[str, Any], init=False, repr=False)

    def __post_init__(self) -> None:
        self.path, self.mode = join(self.output_path, self.folder), "overwrite"
        self._read = options_in("read_kwargs", self.read_kwargs, known=READ_PARQUET, used=())
        super().__post_init__()

    @property
    def ending(self) -> str:
        """That of Parquet files."""
        return ".parquet"

    def inputs(self) -> tuple[list[str], list[str]]:
        """Files."""
        return ["data"], []

    def tables(self, task: FileGroupTask, columns: Sequence[str]) -> list[pa.Table]:
        """Columns of the files of a task, by row group.

        Raises:
            PipelineError: A file lacks a column.
            UnreadableFileError: A file is not Parquet, is damaged or cannot be read.
        """
        tables: list[pa.Table] = []
        for path in task.data:
            use_options(path, self._read.get(STORAGE))
            names = schema_of(path).names
            if missing := [name for name in columns if name not in names]:
                raise PipelineError(
                    f"{self.name}: {path} has no column {missing[0]}; there are {', '.join(names)}."
                )
            tables += [table for _, table in iter_row_groups(path, columns)]
        return tables


@positional("output_path", "document_id_field", "read_kwargs", "write_kwargs")
@dataclass(kw_only=True)
class BucketsToEdgesStage(_FilesToFile):
    """Write the pairs of neighbours in each bucket: `<id>_x` and `<id>_y`, in `<output_path>/BucketsToEdgesStage`.

    Example:
        >>> BucketsToEdgesStage("cache").process(FileGroupTask(data=["cache/LSHStage/b.parquet"]))
    """

    document_id_field: str = CURATOR_DEDUP_ID_STR
    """Column with the lists of ids."""
    name: str = "BucketsToEdgesStage"
    folder = "BucketsToEdgesStage"

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """The pairs of one task's files, in one file."""
        lefts, rights = list[Any](), list[Any]()
        for table in self.tables(task, [self.document_id_field]):
            for chunk in table.column(self.document_id_field).chunks:
                left, right = _neighbours(chunk)
                lefts.append(left)
                rights.append(right)
        x, y = (f"{self.document_id_field}_{side}" for side in "xy")
        kind = lefts[0].type if lefts else pa.int64()
        edges: dict[str, Any] = {
            x: pa.chunked_array(lefts, kind),
            y: pa.chunked_array(rights, kind),
        }
        with self.file_of(task) as path:
            write_table(path, pa.table(edges))
        name = f"{task.dataset_name}_edges"
        return FileGroupTask(data=[path], dataset_name=name, _metadata=dict(task._metadata))


def _neighbours(lists: Any) -> tuple[Any, Any]:
    """Each value of each list with the one after it."""
    values = lists.flatten()
    sizes = lists.value_lengths().fill_null(0).to_numpy()
    # Where a list ends, its last value has no neighbour.
    inside = np.ones(max(0, len(values) - 1), np.bool_)
    ends = np.cumsum(sizes)[sizes > 0][:-1]
    inside[ends - 1] = False
    mask = pa.array(inside)
    return values[:-1].filter(mask), values[1:].filter(mask)


@positional("output_path", "source_field", "destination_field", "read_kwargs", "write_kwargs")
@dataclass(kw_only=True)
class ConnectedComponentsStage(_FilesToFile):
    """Write the component of each document: `_curator_dedup_id` and `_duplicate_group_id`, in one file.

    The file is in `<output_path>/ConnectedComponentsStage`; rows are sorted by id, and a component is
    named by the place of its first document among them. On a GPU where cuGraph is installed.

    Example:
        >>> ConnectedComponentsStage("cache").process_batch(edges)
    """

    source_field: str | None = None
    """Column with the ids of one side; `_curator_dedup_id_x` unless given."""
    destination_field: str | None = None
    """Column with the ids of the other side; `_curator_dedup_id_y` unless given."""
    device: Device = "auto"
    """Where pairs are joined; the components are the same."""
    batch_size: int | None = None
    name: str = "ConnectedComponentsStage"
    folder = "ConnectedComponentsStage"
    aligned: ClassVar[bool] = False
    preload: ClassVar[tuple[str, ...]] = ("curator_text.kernels.preload",)

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """The components of one task's pairs."""
        return self.process_batch([task])[0]

    def process_batch(self, tasks: list[FileGroupTask]) -> list[FileGroupTask]:
        """The components of the pairs of all tasks; memory: about 40 bytes per pair."""
        columns = [
            self.source_field or f"{CURATOR_DEDUP_ID_STR}_x",
            self.destination_field or f"{CURATOR_DEDUP_ID_STR}_y",
        ]
        tables = [table for task in tasks for table in self.tables(task, columns)]
        sides = [[_ids(table, name) for table in tables] for name in columns]
        none = np.empty(0, np.int64)
        ids = np.unique(np.concatenate([none, *sides[0], *sides[1]]))
        edges = (
            (np.searchsorted(ids, left), np.searchsorted(ids, right))
            for left, right in zip(*sides, strict=True)
        )
        group = join_components(edges, count=len(ids), device=self.device)
        found: dict[str, Any] = {
            CURATOR_DEDUP_ID_STR: ids,
            CURATOR_FUZZY_DUPLICATE_GROUP_FIELD: group,
        }
        whole = FileGroupTask(
            data=[path for task in tasks for path in task.data],
            dataset_name=tasks[0].dataset_name,
            task_id=short_hash(*(task.task_id for task in tasks)) if tasks[0].task_id else "",
        )
        with self.file_of(whole) as path:
            write_table(path, pa.table(found))
        facts = {"num_vertices": len(ids)}
        return [FileGroupTask(data=[path], dataset_name=whole.dataset_name, _metadata=facts)]


def _ids(table: pa.Table, name: str) -> NDArray[np.int64]:
    """Ids of one side.

    Raises:
        PipelineError: They are no whole numbers.
    """
    column = table.column(name)
    if not pa.types.is_integer(column.type):
        raise PipelineError(f"column {name} is {column.type}; ids of pairs are whole numbers.")
    return column.cast(pa.int64()).to_numpy()


@positional(
    "duplicate_group_field",
    "document_id_field",
    "total_nparts",
    "output_path",
    "read_kwargs",
    "write_kwargs",
    "rmm_pool_size",
    "spill_memory_limit",
    "enable_statistics",
)
@dataclass(kw_only=True)
class IdentifyDuplicatesStage(FilesShuffle):
    """Write the ids of documents that go: all of a component but its smallest, in `<output_path>/FuzzyDuplicateIds`.

    Example:
        >>> IdentifyDuplicatesStage(output_path="out").process_batch(components)
    """

    duplicate_group_field: str = CURATOR_FUZZY_DUPLICATE_GROUP_FIELD
    """Column with the component."""
    document_id_field: str = CURATOR_DEDUP_ID_STR
    """Column with the id."""
    name: str = "identify_duplicates"

    def __post_init__(self) -> None:
        self.shuffle([self.duplicate_group_field], join(self.output_path, DUPLICATE_IDS_SUBDIR))

    def columns(self) -> list[str]:
        """The component and the id."""
        return [self.duplicate_group_field, self.document_id_field]

    def needed(self) -> Sequence[str]:
        """The component and the id."""
        return self.columns()

    def finished(self, table: pa.Table) -> tuple[pa.Table, dict[str, Any]]:
        """The ids that go, and how many they and the components are."""
        gone, groups = removal_ids(table, self.duplicate_group_field, self.document_id_field)
        return gone, {"num_groups": groups, "num_removal_ids": gone.num_rows}
