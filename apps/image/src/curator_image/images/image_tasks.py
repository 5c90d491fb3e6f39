"""Tasks of the files of an input: pictures that lie side by side share one, so that each needs no files of its own."""

from collections.abc import Sequence

from curator_engine.files.formats import PICTURE_EXTENSIONS
from curator_engine.files.listing import FileInfo
from curator_engine.stages.small_files import FILES_PER_TASK, joined_tasks
from curator_engine.task import FileGroupTask

_SMALL_BYTES, _BYTES_PER_TASK = 4 << 20, 32 << 20
PACKED_BYTES = 512 << 20
"""Of the pictures that are packed into files together, at most."""


def tasks_of(
    files: Sequence[FileInfo],
    *,
    most_files: int = FILES_PER_TASK,
    most_bytes: int = _BYTES_PER_TASK,
) -> list[FileGroupTask]:
    """A task for each tar, table, list and large picture; others share tasks with their neighbours.

    Args:
        files: The input, in order.
        most_files: In a task.
        most_bytes: In a task of several files.
    """
    return joined_tasks(
        files,
        endings=PICTURE_EXTENSIONS,
        small_bytes=_SMALL_BYTES,
        most_bytes=most_bytes,
        most_files=most_files,
    )
