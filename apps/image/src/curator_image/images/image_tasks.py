"""Tasks of the files of an input: pictures that lie side by side share one, so that each needs no files of its own."""

from collections.abc import Sequence

from curator_engine.files.formats import PICTURE_EXTENSIONS
from curator_engine.files.listing import FileInfo
from curator_engine.stages.small_files import FILES_PER_TASK, neighbours, task_of
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
    groups = neighbours(
        enumerate(files), size=_joined_bytes, most_bytes=most_bytes, most_files=most_files
    )
    return [
        task_of([(each.path, each.name, each.stamp) for _, each in group], first=group[0][0])
        for group in groups
    ]


def _joined_bytes(place: tuple[int, FileInfo]) -> int | None:
    file = place[1]
    is_one = file.path.lower().endswith(PICTURE_EXTENSIONS) and file.size <= _SMALL_BYTES
    return file.size if is_one else None
