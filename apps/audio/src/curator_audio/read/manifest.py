"""Lists of recordings: NeMo's JSON lines, lhotse's cuts, CSV; a path, a span and a text in each row."""

import math
import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from curator_engine.files.list_rows import list_rows, listed_place

PATH_FIELDS = (
    *(
        "audio_filepath",
        "audio_path",
        "audio_file",
        "audio",
        "path",
        "file",
        "file_name",
        "filename",
    ),
    *("wav", "url"),
)
"""Names under which a row has its recording's path."""
_TEXTS = ("text", "transcript", "transcription", "sentence", "caption")


@dataclass(frozen=True, kw_only=True)
class ListedAudio:
    """A row of a list."""

    number: int
    """Of the row, from 0."""
    path: str = ""
    start_s: float = 0.0
    end_s: float | None = None
    """None for the end of the recording."""
    text: str = ""
    fields: dict[str, Any] = field(default_factory=dict[str, Any])
    """The row."""
    problem: str = ""


def listed_audio(path: str, *, tally: Counter[str] | None = None) -> Iterator[ListedAudio]:
    """The rows of a list; one that names no recording here has a problem.

    Args:
        path: The list, compressed or not; paths in it count from its folder.
        tally: Counts rows without anything in them.

    Raises:
        UnreadableFileError: It cannot be read.
        DamagedFileError: It is cut off, or a line is endless.
    """
    folder = posixpath.dirname(path)
    counts = Counter[str]() if tally is None else tally
    for number, row in enumerate(list_rows(path)):
        if row == {}:
            counts["empty rows of lists"] += 1
        elif row is None:
            yield ListedAudio(number=number, problem="its line is no JSON object")
        else:
            yield listed_row(folder, number, row)


def listed_row(folder: str, number: int, row: dict[str, Any]) -> ListedAudio:
    """What a row says of its recording.

    Args:
        folder: From which its path counts.
        number: Of the row.
        row: Its fields.
    """
    place = _cut_source(row) or next(
        (row[n] for n in PATH_FIELDS if isinstance(row.get(n), str) and row[n]), ""
    )
    about: dict[str, Any] = {"number": number, "fields": row, "text": text_of(row)}
    if not place:
        return ListedAudio(problem=f"its row has none of {', '.join(PATH_FIELDS)}", **about)
    path, problem = listed_place(folder, place)
    start = _number(row, "offset", "start")
    length = _number(row, "duration") if start is not None else None
    if (start or 0.0) < 0 or (length is not None and length <= 0):
        problem = problem or f"its span of {length} s from {start} s is none"
    return ListedAudio(
        path=path,
        start_s=start or 0.0,
        end_s=None if length is None else (start or 0.0) + length,
        problem=problem,
        **about,
    )


def _cut_source(row: Mapping[str, Any]) -> str:
    """The file of a cut or a recording of lhotse; empty if the row is none."""
    recording: Any = row.get("recording", row)
    sources: Any = recording.get("sources") if isinstance(recording, dict) else None
    if isinstance(sources, list) and sources and isinstance(sources[0], dict):
        source: Any = sources[0].get("source")
        return source if isinstance(source, str) else ""
    return ""


def text_of(row: Mapping[str, Any]) -> str:
    """What a row says is said in its recording; empty if it says nothing."""
    for name in _TEXTS:
        if isinstance(row.get(name), str):
            return str(row[name])
    parts: Any = row.get("supervisions")
    if isinstance(parts, list):
        said = [each.get("text") for each in parts if isinstance(each, dict)]
        return " ".join(text for text in said if isinstance(text, str))
    return ""


def _number(row: Mapping[str, Any], *names: str) -> float | None:
    """A number of a row, also one that CSV has as text; None where it is not one."""
    for name in names:
        try:
            value = float(row[name])
        except (KeyError, TypeError, ValueError):
            continue
        if math.isfinite(value):
            return value
    return None
