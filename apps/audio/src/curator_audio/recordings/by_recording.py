"""The rows of `segments.parquet` by recording, and a short name for each recording."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa

type Row = dict[str, Any]
_LONGEST = 80
"""Characters of a name."""


def by_recording(table: pa.Table) -> list[list[Row]]:
    """The rows of each recording that could be read, in the order of the table.

    Args:
        table: Rows of `segments.parquet`.
    """
    found: dict[str, list[Row]] = defaultdict(list)
    for row in table.to_pylist():
        if row["recording"]:
            found[row["recording"]].append(row)
    return list(found.values())


def names_of(recordings: Sequence[list[Row]]) -> list[str]:
    """A name for each recording that can name a file: that of its file without ending, where no other has it.

    Example:
        >>> names_of(
        ...     [
        ...         [
        ...             {
        ...                 "member": "",
        ...                 "audio": "in/my talk.wav",
        ...                 "file": "in/my talk.wav",
        ...                 "recording": "0a1b",
        ...             }
        ...         ]
        ...     ]
        ... )
        ['my_talk']
    """
    names = [_stem(rows[0]) for rows in recordings]
    counts = Counter(name.lower() for name in names)
    return [
        name if counts[name.lower()] == 1 else f"{name}-{rows[0]['recording'][:8]}"
        for name, rows in zip(names, recordings, strict=True)
    ]


def place_of(row: Row) -> str:
    """Where the recording of a row lies: the file that decoders take, or the member of a tar in words."""
    path = str(row["audio"] or row["file"])
    return str(row["place"]) if row["member"] and path == row["file"] else path


def kept(rows: Iterable[Row]) -> list[Row]:
    """The rows of kept segments."""
    return [row for row in rows if row["keep"]]


def _stem(row: Row) -> str:
    stem = PurePosixPath(place_of(row)).stem
    return re.sub(r"[^\w.-]+", "_", stem)[:_LONGEST].strip(".") or "recording"
