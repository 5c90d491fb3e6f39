"""Tasks of files that a user made by hand: they get what `FilePartitioner` knows of its own.

Workflows name their output after the input and number its files; a task made by hand says neither.
"""

from collections.abc import Sequence
from dataclasses import replace
from os import fspath

from curator_engine.errors import InputError
from curator_engine.files.listing import FileInfo
from curator_engine.stages.files import Format, find_inputs
from curator_engine.task import FileGroupTask


def placed(tasks: Sequence[FileGroupTask], *, file_format: Format = "auto") -> list[FileGroupTask]:
    """The tasks with the place of their files among all, their names in the output and stamps.

    A task that has them, as those of `FilePartitioner`, stays as it is if all have.

    Args:
        tasks: Files, or spans of one file, in order.
        file_format: What the files are, whatever their endings say.

    Raises:
        InputError: A file is missing, is in two tasks, or a task has none.
    """
    if all(_is_placed(task) for task in tasks):
        return list(tasks)
    for i, task in enumerate(tasks):
        if not task.data:
            raise InputError(f"task {i + 1} of {len(tasks)} has no files; give it some in data=.")
    given = [fspath(path) for task in tasks for path in task.data]
    whole = [fspath(path) for task in tasks if task.span is None for path in task.data]
    paths = list(dict.fromkeys(given))
    files = find_inputs(paths, file_format=file_format).files
    if twice := [path for path in paths if path in whole and given.count(path) > 1]:
        raise InputError(f"{twice[0]} is in two tasks; give each file once.")
    if len(files) != len(paths):
        raise InputError(
            f"the tasks name {len(paths)} paths, which are {len(files)} files; name files, each once."
        )
    known = dict(zip(paths, enumerate(files), strict=True))
    return [_placed(task, [known[fspath(path)] for path in task.data]) for task in tasks]


def _is_placed(task: FileGroupTask) -> bool:
    wanted = ("file_index", "name") if len(task.data) == 1 else ("file_index", "names", "stamps")
    return all(key in task._metadata for key in wanted)


def _placed(task: FileGroupTask, found: list[tuple[int, FileInfo]]) -> FileGroupTask:
    files = [file for _, file in found]
    names, stamps = [file.name for file in files], [file.stamp for file in files]
    several = {"names": names, "stamps": stamps} if len(files) > 1 else {}
    return replace(
        task,
        data=[file.path for file in files],
        stamp=task.stamp or "|".join(stamps),
        _metadata={"name": names[0], **task._metadata, **several, "file_index": found[0][0]},
    )
