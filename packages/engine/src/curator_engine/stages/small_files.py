"""Many small files: some of them make one task, so that each does not need files of its own between the steps.

What comes out is the same, and `data/` has a file per file of the input.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from curator_engine.files.formats import compression_by_ending
from curator_engine.files.listing import FileInfo
from curator_engine.stages.files import cut_file, parse_size
from curator_engine.task import FileGroupTask

MANY = 100
"""Up to so many files, each is a task."""
SMALL_BYTES = 64 << 10
FILES_PER_TASK = 64
_BYTES_PER_TASK = 4 << 20


def tasks_of(
    files: Sequence[FileInfo], *, blocksize: int | str, limit: int | None = None
) -> list[FileGroupTask] | None:
    """Tasks of which some have several small files each; None unless there are many small ones.

    Args:
        files: The input, in order.
        blocksize: Bytes per task of a large file.
        limit: With one, files are cut where it is reached, which is not done here.
    """
    if limit is not None or sum(map(_is_small, files)) <= MANY:
        return None
    tasks: list[FileGroupTask] = []
    for group in neighbours(enumerate(files), size=_joined_bytes):
        first, file = group[0]
        # Parquet must be opened to be cut, which is not for a small file.
        spans = [None] if _is_small(file) else cut_file(file, parse_size(blocksize))
        places = [(each.path, each.name, each.stamp) for _, each in group]
        tasks += [replace(task_of(places, first=first), span=span) for span in spans]
    return tasks


def joined_tasks(
    files: Sequence[FileInfo],
    *,
    endings: Sequence[str],
    small_bytes: int,
    most_bytes: int,
    most_files: int,
) -> list[FileGroupTask]:
    """Tasks of which some have several small files that lie side by side; others have one file each.

    Args:
        files: The input, in order.
        endings: Of files that may share a task, such as .png.
        small_bytes: Of such a file, at most.
        most_bytes: In a task of several files.
        most_files: In a task.
    """

    def size(place: tuple[int, FileInfo]) -> int | None:
        file = place[1]
        is_small = file.path.lower().endswith(tuple(endings)) and file.size <= small_bytes
        return file.size if is_small else None

    groups = neighbours(enumerate(files), size=size, most_bytes=most_bytes, most_files=most_files)
    return [
        task_of([(each.path, each.name, each.stamp) for _, each in group], first=group[0][0])
        for group in groups
    ]


def task_of(places: Sequence[tuple[str, str, str]], *, first: int = 0) -> FileGroupTask:
    """One task for some files.

    Args:
        places: Path, name in the output and stamp of each.
        first: Number of the first one among all files.
    """
    paths, names, stamps = map(list, zip(*places, strict=True))
    metadata = {"file_index": first, "name": names[0]}
    several = {"names": names, "stamps": stamps} if len(paths) > 1 else {}
    return FileGroupTask(data=paths, stamp="|".join(stamps), _metadata={**metadata, **several})


def files_of(task: FileGroupTask) -> list[FileGroupTask]:
    """A task for each file of a task of `tasks_of`, with its id; itself if it is of one file."""
    if len(task.data) == 1:
        return [task]
    named = zip(task.data, task._metadata["names"], task._metadata["stamps"], strict=True)
    first = task._metadata["file_index"]
    return [
        FileGroupTask(
            data=[path],
            task_id=task.task_id,
            stamp=stamp,
            reader_config=task.reader_config,
            _metadata={"file_index": first + i, "name": name},
        )
        for i, (path, name, stamp) in enumerate(named)
    ]


def name_of(file: FileGroupTask) -> str:
    """The name of a file in the output: that below the folder of the input, or its path."""
    return str(file._metadata.get("name") or file.data[0])


def neighbours[X](
    each: Iterable[X],
    *,
    size: Callable[[X], int | None],
    most_bytes: int = _BYTES_PER_TASK,
    most_files: int = FILES_PER_TASK,
) -> Iterator[list[X]]:
    """Runs of small things that lie side by side, together not too large; None is the size of a large one."""
    group, total = list[X](), 0
    for one in each:
        more = size(one)
        is_full = len(group) == most_files or total + (more or 0) > most_bytes
        if group and (more is None or is_full):
            yield group
            group, total = [], 0
        if more is None:
            yield [one]
        else:
            group.append(one)
            total += more
    if group:
        yield group


def _is_small(file: FileInfo) -> bool:
    # How much a compressed file unpacks to is not known.
    return file.size <= SMALL_BYTES and not compression_by_ending(file.path)


def _joined_bytes(place: tuple[int, FileInfo]) -> int | None:
    return place[1].size if _is_small(place[1]) else None
