"""Names of the files that writers of tables make: in the order of the input, and named after it."""

import re
from collections.abc import Collection
from pathlib import PurePosixPath
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.files.storage import open_atomic
from curator_engine.task import FileGroupTask, Task, file_safe

_PLACE = "table_place"
_STEM = 40
"""Characters of the input's name that are kept."""
_BEFORE = re.compile(r"^\d{5,}-[A-Za-z0-9_.]+-\d{12,}-")
"""What stands before a task's id in the name of its file."""


def place_of(task: FileGroupTask, position: int, offset: int) -> dict[str, Any]:
    """Metadata for a table: where in the input it comes from.

    Args:
        task: The files.
        position: Which of them it is from.
        offset: Byte or row in it at which the table begins.
    """
    index = int(task._metadata.get("file_index", 0)) + position
    return {_PLACE: [index, PurePosixPath(task.data[position]).name, offset]}


def table_file(task: Task[Any], ending: str) -> str:
    """`<file>-<name>-<place>-<task id>`, which sorts as the input does; without a place the id alone.

    A task without an id, made by hand, gets a name that no other has.
    """
    mark = file_safe(task.task_id) if task.task_id else uuid4().hex
    if _PLACE not in task._metadata:
        return mark + ending
    index, name, offset = task._metadata[_PLACE]
    stem = re.sub(r"[^A-Za-z0-9_.]+", "_", name.partition(".")[0])[:_STEM] or "_"
    return f"{index:05d}-{stem}-{offset:012d}-{mark}{ending}"


def is_of(stem: str, sources: Collection[str]) -> bool:
    """Whether a file that `table_file` named, without its ending, is of a task of one of these sources."""
    mark = _BEFORE.sub("", stem, count=1)
    return any(mark[:end] in sources for end, letter in enumerate(f"{mark}_") if letter == "_")


def write_table(path: str, table: pa.Table, *, row_group_size: int | None = None) -> None:
    """Write a Parquet file, whole or not at all.

    Raises:
        StorageError: It cannot be written.
    """
    with open_atomic(path) as file:
        pq.write_table(table, file, compression="zstd", row_group_size=row_group_size)
