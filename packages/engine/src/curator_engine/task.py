"""Tasks: the units of work that travel between stages, and their ids.

A task carries a batch (an Arrow table) or a reference (paths and a span), never a whole media
file. What a task means to one modality is in that app's `task.py`.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from curator_engine.errors import PipelineError
from curator_engine.perf import StagePerfStats
from curator_engine.positional import positional

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

type ArrowArray = pa.Array[Any]
type ArrowColumn = pa.ChunkedArray[Any]

LINE_COLUMN = "\0line"
"""Name of the column in which a line reader keeps each item's bytes as they were read; no file has
a field of this name."""
MIXED = {b"curator": b"mixed"}
"""Metadata of a column whose values are of several kinds: texts as they are, others as JSON text."""


@positional("dataset_name", "data", "_stage_perf", "_metadata")
@dataclass(kw_only=True)
class Task[T]:
    """One unit of work.

    The engine sets `task_id`: it follows from the source and the positions on the way, so it is the
    same on every executor and for every number of workers.
    """

    data: T
    dataset_name: str = ""
    task_id: str = ""
    _metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    _stage_perf: list[StagePerfStats] = field(default_factory=list[StagePerfStats])
    _sources: frozenset[str] = field(default=frozenset(), init=False, repr=False)

    def __post_init__(self) -> None:
        """Let a class of a user's look at its data; what `validate` returns is the caller's to ask for."""
        self.validate()

    @property
    def num_items(self) -> int:
        """Items in this task: rows, clips, files; 1 where a task is one thing."""
        return 1

    def validate(self) -> bool:
        """Whether the data is of the form that the class promises."""
        return True

    def source_key(self) -> str | None:
        """What identifies this task among its siblings if not its position: stable across runs."""
        return self.get_deterministic_id()

    def get_deterministic_id(self) -> str | None:
        """NeMo Curator's name for `source_key`, which a class of a user's may override."""
        return None

    def add_stage_perf(self, perf_stats: StagePerfStats) -> None:
        """Keep a record of a stage's time; the engine keeps those of its runs itself."""
        self._stage_perf.append(perf_stats)

    def content_stamp(self) -> str:
        """Changes when the content that a source refers to changes; empty where there is none."""
        return ""

    def items(self) -> Iterable[Any]:
        """The items one by one, for filters.

        Raises:
            TypeError: This kind of task is not a batch.
        """
        raise TypeError(f"{type(self).__name__} is not a batch; a filter cannot look into it.")

    def select(self, keep: NDArray[np.bool_]) -> Self:
        """A copy with only the items where `keep`, shape (items,), is true.

        Raises:
            TypeError: This kind of task is not a batch.
        """
        raise TypeError(f"{type(self).__name__} is not a batch; a filter cannot drop from it.")

    def fork(self) -> Self:
        """A shallow copy, so that a stage that fails half-way leaves its input as it was."""
        twin = copy.copy(self)
        twin._metadata = dict(self._metadata)
        twin._stage_perf = list(self._stage_perf)
        return twin


@positional("dataset_name", "data", "_stage_perf", "_metadata")
@dataclass(kw_only=True)
class EmptyTask(Task[None]):
    """What a pipeline starts from when its first stage finds the work itself."""

    data: None = None
    dataset_name: str = "empty"
    task_id: str = "0"

    @property
    def num_items(self) -> int:
        """Nothing is in it."""
        return 0


@positional("dataset_name", "data", "_stage_perf", "_metadata", "reader_config")
@dataclass(kw_only=True)
class FileGroupTask(Task[list[str]]):
    """A reference to files, or to one span of one file."""

    data: list[str] = field(default_factory=list[str])
    reader_config: dict[str, Any] = field(default_factory=dict[str, Any])
    span: tuple[int, int] | None = None
    """Bytes [start, end) of the single file for line formats, row groups for Parquet; None: all."""
    stamp: str = ""
    """Sizes and modification times (or etags) of the files as they were listed."""

    @property
    def num_items(self) -> int:
        """The number of files."""
        return len(self.data)

    def validate(self) -> bool:
        """Whether it names files."""
        return self.num_items > 0

    def source_key(self) -> str:
        """12 hexadecimal digits of the paths and the span."""
        return short_hash("|".join(self.data), str(self.span))

    def content_stamp(self) -> str:
        """The stamp taken when the files were listed."""
        return self.stamp


@positional("dataset_name", "data", "_stage_perf", "_metadata")
@dataclass(kw_only=True)
class TableTask(Task["pa.Table"]):
    """A batch of items as an Arrow table, one row per item.

    A column of JSON values of several kinds is one of text, marked as `MIXED`; `items` gives the
    values themselves. A line reader keeps each line's bytes in the column `LINE_COLUMN` and calls `mark_read`; a
    writer of the same format copies those bytes for every column that is still what was read.
    A pandas DataFrame that is given as `data`, as NeMo Curator's users do, becomes a table at once.
    """

    _read: dict[str, ArrowColumn | None] = field(
        default_factory=dict[str, "ArrowColumn | None"], init=False, repr=False
    )
    """The columns as they were read; None for one that is known to have changed."""
    _whole: bool = field(default=True, init=False, repr=False)
    """Whether they are all that the lines have."""

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; a DataFrame that becomes the data is converted, without its index.

        Raises:
            PipelineError: A column of it cannot be one of a table.
        """
        if name == "data" and type(value).__module__.partition(".")[0] == "pandas":
            value = _table_of(value)
        super().__setattr__(name, value)

    @property
    def num_items(self) -> int:
        """Rows."""
        return self.data.num_rows

    def validate(self) -> bool:
        """Whether there are rows and columns."""
        return self.num_items > 0 and bool(self.get_columns())

    def get_columns(self) -> list[str]:
        """Column names, without that of the lines as they were read."""
        return [name for name in self.data.column_names if name != LINE_COLUMN]

    def to_pyarrow(self) -> pa.Table:
        """The table itself."""
        return self.data

    def to_pandas(self) -> Any:
        """The columns as a pandas DataFrame (needs pandas), values of several kinds as they are.

        Whole numbers among which some are missing stay whole: pandas would make fractions of them.
        """
        frame = self.data.select(self.get_columns()).to_pandas()
        for name in self.get_columns():
            kind, column = str(self.data.schema.field(name).type), self.data.column(name)
            if column.null_count and kind.lstrip("u") in ("int8", "int16", "int32", "int64"):
                nullable = kind.replace("uint", "UInt").replace("int", "Int")
                exact = self.data.select([name]).to_pandas(integer_object_nulls=True)
                frame[name] = exact[name].astype(nullable)
        for name in self.mixed_columns():
            frame[name] = self.mixed_values(name)
        return frame

    def items(self) -> Iterable[dict[str, Any]]:
        """Rows as dicts, each value of its own type whatever else is in its column."""
        rows = self.data.select(self.get_columns()).to_pylist()
        for name in self.mixed_columns():
            for row, value in zip(rows, self.mixed_values(name), strict=True):
                row[name] = value
        return rows

    def mixed_columns(self) -> list[str]:
        """Columns as they were read whose values are of several kinds."""
        if LINE_COLUMN not in self.data.column_names:
            return []
        read = self.unchanged_columns() if any(f.metadata for f in self.data.schema) else ()
        return [f.name for f in self.data.schema if f.metadata == MIXED and f.name in read]

    def mixed_values(self, name: str) -> list[Any]:
        """The values of such a column as its lines have them."""
        lines: list[Any] = self.data.column(LINE_COLUMN).to_pylist()
        return [json.loads(line.decode("utf-8-sig")).get(name) for line in lines]

    def select(self, keep: NDArray[np.bool_]) -> Self:
        """A copy with the rows where `keep` is true; columns count as unchanged if they did before."""
        unchanged = self.unchanged_columns()
        twin = self.fork()
        twin.data = select_rows(self.data, keep)
        twin._read = {
            name: twin.data.column(name) if name in unchanged else None for name in self._read
        }
        return twin

    def mark_read(self, *, whole: bool = True) -> Self:
        """Declare the present columns to be what the file says: all that it says, if it is `whole`."""
        self._whole = whole
        # Holding the columns themselves keeps their buffers alive, so an address is never reused.
        self._read = {name: self.data.column(name) for name in self.data.column_names}
        return self

    def unchanged_columns(self) -> frozenset[str]:
        """Columns that are still, buffer for buffer, the ones that were read."""
        return frozenset(
            name
            for name, column in self._read.items()
            if column is not None
            and name in self.data.column_names
            and _addresses(column) == _addresses(self.data.column(name))
        )

    @property
    def is_whole(self) -> bool:
        """Whether every field of the lines was read as a column."""
        return self._whole

    def columns_read(self) -> frozenset[str]:
        """Columns that the file had when it was read, gone or changed since or not."""
        return frozenset(self._read)

    def __getstate__(self) -> dict[str, Any]:
        """Addresses mean nothing in another process, so send the names: True for an unchanged one."""
        unchanged = self.unchanged_columns()
        return {**self.__dict__, "_read": {name: name in unchanged for name in self._read}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the columns by the names that were sent."""
        self.__dict__.update(state)
        self._read = {
            name: self.data.column(name) if same else None for name, same in state["_read"].items()
        }


def _table_of(frame: Any) -> pa.Table:
    """A pandas DataFrame as a table.

    Raises:
        PipelineError: It is none, or a column holds values of several kinds.
    """
    import pyarrow as pa

    if type(frame).__name__ != "DataFrame":
        raise PipelineError(
            f"the data of a task is a table, not a {type(frame).__name__} of pandas."
        )
    try:
        table = pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowException, ValueError, TypeError) as error:
        why = ": ".join(str(part).splitlines()[0] for part in reversed(error.args))
        raise PipelineError(
            f"a DataFrame cannot become a table: {why}. Give each column values of one kind, or leave it out."
        ) from error
    return table.replace_schema_metadata(None)


def select_rows(table: pa.Table, keep: NDArray[np.bool_]) -> pa.Table:
    """The rows of a table where `keep`, shape (rows,), is true, whatever its types."""
    import numpy as np
    import pyarrow as pa

    try:
        return table.filter(pa.array(keep))
    except pa.ArrowNotImplementedError:
        # Views, and what holds them, can be sliced only.
        edges = np.flatnonzero(np.diff(np.concatenate(([False], keep, [False])).astype(np.int8)))
        runs = [table.slice(start, end - start) for start, end in edges.reshape(-1, 2).tolist()]
        return pa.concat_tables([table.slice(0, 0), *runs])


def short_hash(*parts: str) -> str:
    """12 hexadecimal digits that identify the parts, their order and their borders."""
    # Names of files need not be UTF-8.
    data = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=6).hexdigest()


def id_key(task_id: str) -> list[tuple[int, str]]:
    """A sort key by which position 10 comes after position 9."""
    return [(len(part), part) for part in task_id.split("_")]


def file_safe(name: str) -> str:
    """The id as it is if it can name a file, else a hash of it."""
    return name if re.fullmatch(r"[\w.-]{1,100}", name, re.ASCII) else short_hash(name)


def _addresses(column: ArrowColumn) -> list[tuple[int, int, tuple[int | None, ...]]]:
    return [
        (chunk.offset, len(chunk), tuple(b.address if b else None for b in chunk.buffers()))
        for chunk in column.chunks
    ]
