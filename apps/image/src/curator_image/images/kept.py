"""Which pictures of a file are kept: read from a table of marks, and found again in the file."""

from collections.abc import Iterator
from dataclasses import dataclass

from curator_engine.items.marks import kept_marks
from curator_engine.stages.small_files import name_of
from curator_engine.task import FileGroupTask

COLUMNS = ("source", "position", "member", "keep", "uuid")
"""Of a table of marks: the name of the input file, and of a picture its number in the file from 0, its
name or row there, whether it is kept, and its id."""
SPAN_SHIFT = 32
"""The number of a picture in a span of row groups follows the span's first, shifted by so many bits."""


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A kept picture, and where it lies in the result."""

    uuid: str
    path: str
    """From the folder of the run: "data/a.jpg", "data/shard.tar/000001.jpg", "data/part.parquet#17"."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The kept pictures of a file."""

    ids: dict[int, str]
    """By their number in the file."""
    members: dict[int, str]
    """By the same."""


def read_marks(path: str, files: list[FileGroupTask]) -> list[Kept]:
    """The kept pictures of each of some files, or of the span of it that the task is of.

    Args:
        path: A Parquet file with the columns of `COLUMNS`.
        files: A task for each.

    Raises:
        StorageError: The table cannot be read.
    """
    kept = {(name_of(file), _span(file)): Kept(ids={}, members={}) for file in files}
    for row in kept_marks(path, [name_of(file) for file in files], columns=COLUMNS):
        if found := kept.get((row["source"], row["position"] >> SPAN_SHIFT)):
            found.ids[row["position"]] = row["uuid"]
            found.members[row["position"]] = row["member"]
    return [kept[name_of(file), _span(file)] for file in files]


def _span(file: FileGroupTask) -> int:
    return file.span[0] if file.span else 0


def positions(file: FileGroupTask) -> Iterator[int]:
    """The numbers of a file's pictures, or of those in a span of it, in order."""
    position = _span(file) << SPAN_SHIFT
    while True:
        yield position
        position += 1
