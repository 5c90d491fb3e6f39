"""Tasks of the files of an input: small recordings that lie side by side share one."""

from collections.abc import Sequence

from curator_engine.files.formats import AUDIO_EXTENSIONS
from curator_engine.files.listing import FileInfo
from curator_engine.stages.small_files import neighbours, task_of
from curator_engine.task import FileGroupTask

_SMALL_BYTES, _BYTES_PER_TASK, _FILES_PER_TASK = 1 << 20, 8 << 20, 16


def tasks_of(files: Sequence[FileInfo]) -> list[FileGroupTask]:
    """A task for each list, tar, video and large recording; others share tasks with their neighbours.

    Args:
        files: The input, in order.
    """
    groups = neighbours(
        enumerate(files),
        size=_joined_bytes,
        most_bytes=_BYTES_PER_TASK,
        most_files=_FILES_PER_TASK,
    )
    return [
        task_of([(each.path, each.name, each.stamp) for _, each in group], first=group[0][0])
        for group in groups
    ]


def _joined_bytes(place: tuple[int, FileInfo]) -> int | None:
    file = place[1]
    is_one = file.path.lower().endswith(AUDIO_EXTENSIONS) and file.size <= _SMALL_BYTES
    return file.size if is_one else None
