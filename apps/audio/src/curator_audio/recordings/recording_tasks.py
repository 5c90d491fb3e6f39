"""Tasks of the files of an input: small recordings that lie side by side share one."""

from collections.abc import Sequence

from curator_engine.files.formats import AUDIO_EXTENSIONS
from curator_engine.files.listing import FileInfo
from curator_engine.stages.small_files import joined_tasks
from curator_engine.task import FileGroupTask

_SMALL_BYTES, _BYTES_PER_TASK, _FILES_PER_TASK = 1 << 20, 8 << 20, 16


def tasks_of(files: Sequence[FileInfo]) -> list[FileGroupTask]:
    """A task for each list, tar, video and large recording; others share tasks with their neighbours.

    Args:
        files: The input, in order.
    """
    return joined_tasks(
        files,
        endings=AUDIO_EXTENSIONS,
        small_bytes=_SMALL_BYTES,
        most_bytes=_BYTES_PER_TASK,
        most_files=_FILES_PER_TASK,
    )
