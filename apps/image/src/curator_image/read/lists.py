"""Lists of pictures: JSON lines or CSV with a path in each row, from the list's folder, and a caption."""

import posixpath
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from curator_engine.files.list_rows import list_rows, listed_place
from curator_image.read.tar_samples import caption_in

PATH_FIELDS = ("path", "file_name", "image", "image_path", "file", "filename", "url", "URL")
"""Names under which a row has its picture's path or address."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A row of a list."""

    number: int
    """Of the row, from 0."""
    path: str = ""
    """The picture's file; of one on the web its address."""
    caption: str = ""
    fields: dict[str, Any] = field(default_factory=dict[str, Any])
    problem: str = ""


def listed(path: str, *, tally: Counter[str] | None = None) -> Iterator[Listed]:
    """The rows of a list; one that names no picture here has a problem.

    Args:
        path: The list, compressed or not.
        tally: Counts rows without anything in them.

    Raises:
        UnreadableFileError: It cannot be read.
        DamagedFileError: It is cut off, or a line is endless.
    """
    folder = posixpath.dirname(path)
    for number, row in enumerate(list_rows(path)):
        if row == {}:
            (tally if tally is not None else Counter[str]())["empty rows of lists"] += 1
            continue
        yield _row(folder, number, row)


def _row(folder: str, number: int, row: dict[str, Any] | None) -> Listed:
    if row is None:
        return Listed(number=number, problem="its line is no JSON object")
    named = [str(row[name]) for name in PATH_FIELDS if isinstance(row.get(name), str) and row[name]]
    facts = {name: value for name, value in row.items() if name}
    if not named:
        return Listed(
            number=number, fields=facts, problem=f"its row has none of {', '.join(PATH_FIELDS)}"
        )
    place = named[0]
    about: dict[str, Any] = {"number": number, "fields": facts, "caption": caption_in(facts)}
    path, problem = listed_place(folder, place)
    return Listed(path=path, problem=problem, **about)
