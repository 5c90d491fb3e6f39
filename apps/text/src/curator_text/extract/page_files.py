"""The files of the input as tasks: large ones one by one, files of one page many at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from curator_engine.errors import UnreadableFileError
from curator_engine.files.listing import FileInfo, Listing
from curator_engine.files.sharding import Shard
from curator_engine.stages.files import FilePartitioner
from curator_engine.task import EmptyTask, FileGroupTask
from curator_text.extract.page_sources import SMALL_ENDINGS, RowFields, pages_of

_GROUP_BYTES, _GROUP_FILES = 16 << 20, 500
"""Of small files in a task, at most."""


@dataclass(kw_only=True)
class PageFiles(FilePartitioner):
    """List the files and make tasks of them; with a limit, count pages until it is reached."""

    name = "file_partitioner"
    shard: str | None = None
    """As 3/16."""
    rows: RowFields | None = None
    """Where rows have their pages."""

    def listed(self) -> Listing:
        """The files, or those of the shard."""
        found = super().listed()
        return Shard.parse(self.shard).part_of(found) if self.shard else found

    def process(self, task: EmptyTask) -> list[FileGroupTask]:
        """The tasks, in the order of files.

        Raises:
            InputError: A path is missing or nothing matches.
        """
        left = self.limit
        made: list[FileGroupTask] = []
        for group in grouped(self.listed().files):
            if left is not None and left <= 0:
                break
            pages = None if left is None else self._count(group, left)
            made.append(_task(len(made), group, pages))
            left = None if left is None or pages is None else left - pages
        return made

    def _count(self, group: list[FileInfo], left: int) -> int:
        """The pages of some files, up to a number."""
        count = 0
        for file in group:
            pages = pages_of(file.path, file.name, rows=self.rows)
            try:
                while count < left and next(pages, None) is not None:
                    count += 1
            except (ValueError, OSError, EOFError, UnreadableFileError):
                # What is amiss, the stage that reads it says.
                continue
        return count


def grouped(files: list[FileInfo]) -> Iterator[list[FileInfo]]:
    """Files that are read in one task, in order."""
    group: list[FileInfo] = []
    size = 0
    for file in files:
        is_small = file.path.lower().endswith(SMALL_ENDINGS)
        is_full = len(group) == _GROUP_FILES or size + file.size > _GROUP_BYTES
        if group and (not is_small or is_full):
            yield group
            group, size = [], 0
        if not is_small:
            yield [file]
            continue
        group.append(file)
        size += file.size
    if group:
        yield group


def _task(number: int, group: list[FileInfo], pages: int | None) -> FileGroupTask:
    about: dict[str, Any] = {
        "file_index": number,
        "name": group[0].name,
        "names": [file.name for file in group],
    }
    task = FileGroupTask(
        data=[file.path for file in group],
        stamp="|".join(file.stamp for file in group),
        _metadata=about,
    )
    if pages is not None:
        task.reader_config["max_pages"] = pages
    return task
