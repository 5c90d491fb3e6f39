"""Recordings as they are stored: loose files, the sound of videos, rows of lists and tables, members of tars.

Nothing is decoded here (`decode.py`), and nothing raised for one recording or one damaged file: what is
amiss comes as an item with a problem.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from curator_audio.read.manifest import ListedAudio, listed_audio
from curator_audio.read.table_recordings import table_recordings
from curator_audio.read.tar_recordings import tar_recordings
from curator_engine.errors import UnreadableFileError
from curator_engine.files.formats import TAR_EXTENSIONS, format_by_ending, look
from curator_engine.files.storage import input_errors, open_read

_BLOCK = 1 << 20
_TABLES = ("parquet", "arrow")


@dataclass(kw_only=True)
class StoredAudio:
    """A recording, or a span of one, as it is stored, with what is said of it."""

    path: str
    """The file of the input: itself, a list, a table, a tar."""
    place: str
    """Where it lies, unique in a run: "a.wav", "list.jsonl#17", "shard.tar/000001.flac"."""
    member: str = ""
    """Its name in the tar, or its row in the list or table from 0; empty for a loose file."""
    source: str | bytes = b""
    """What `open_audio` takes."""
    start_s: float = 0.0
    end_s: float | None = None
    """None for the end of the recording."""
    text: str = ""
    fields: dict[str, Any] = field(default_factory=dict[str, Any])
    """Facts that are stored with it, by name."""
    problem: str = ""
    """Why it, or the rest of its file, cannot be used; empty if it can."""

    @cached_property
    def sha256(self) -> str:
        """Of the file's bytes, 64 hexadecimal digits; empty where there is a problem.

        Raises:
            UnreadableFileError: The file cannot be read.
        """
        if self.problem:
            return ""
        if isinstance(self.source, bytes):
            return hashlib.sha256(self.source).hexdigest()
        digest = hashlib.sha256()
        with input_errors(self.source), open_read(self.source) as file:
            while block := file.read(_BLOCK):
                digest.update(block)
        return digest.hexdigest()

    @property
    def is_span(self) -> bool:
        """Whether it is a part of a recording that a list names."""
        return self.start_s > 0 or self.end_s is not None


def stored_audio(path: str, *, tally: Counter[str] | None = None) -> Iterator[StoredAudio]:
    """The recordings of a file, in its order.

    A file that cannot be read on gives one item with a problem, and `place` is the file, after all
    that is whole.

    Args:
        path: A recording or video, a list (JSON lines, CSV), a table (Parquet, Arrow), or a tar. Its contents say what it is.
        tally: Counts what is passed over, by reason.

    Raises:
        StorageError: The environment fails, as a lost connection.
    """
    counts = Counter[str]() if tally is None else tally
    try:
        kind = kind_of(path)
        if kind == "list":
            yield from _of_list(path, counts)
        elif kind == "tar":
            yield from _of_tar(path, counts)
        elif kind == "table":
            yield from _of_table(path, counts)
        else:
            yield StoredAudio(path=path, place=path, source=path)
    except UnreadableFileError as error:
        yield StoredAudio(path=path, place=path, problem=str(error))


def kind_of(path: str) -> str:
    """What a file is: "list", "table", "tar" or "recording".

    Raises:
        UnreadableFileError: It cannot be looked at.
    """
    lower = path.lower()
    if lower.endswith((".csv", ".tsv")):
        return "list"
    if lower.endswith(TAR_EXTENSIONS):
        return "tar"
    with input_errors(path):
        contents = look(path).format
    if format_by_ending(path) in _TABLES or contents in _TABLES:
        return "table"
    if contents == "jsonl" or (not contents and format_by_ending(path) == "jsonl"):
        return "list"
    return "recording"


def _of_list(path: str, counts: Counter[str]) -> Iterator[StoredAudio]:
    for row in listed_audio(path, tally=counts):
        yield _listed(path, row)


def _listed(path: str, row: ListedAudio) -> StoredAudio:
    """The recording that a row of a list names."""
    return StoredAudio(
        path=path,
        place=f"{path}#{row.number}",
        member=str(row.number),
        source=row.path,
        start_s=row.start_s,
        end_s=row.end_s,
        text=row.text,
        fields=row.fields,
        problem=row.problem,
    )


def _of_table(path: str, counts: Counter[str]) -> Iterator[StoredAudio]:
    for row in table_recordings(path, tally=counts):
        if row.listed is not None:
            yield _listed(path, row.listed)
            continue
        yield StoredAudio(
            path=path,
            place=f"{path}#{row.number}",
            member=str(row.number),
            source=row.data,
            text=row.text,
            fields=row.fields,
            problem=row.problem,
        )


def _of_tar(path: str, counts: Counter[str]) -> Iterator[StoredAudio]:
    for sample in tar_recordings(path, tally=counts):
        number = f"#{sample.number}" if sample.number > 1 else ""
        yield StoredAudio(
            path=path,
            place=f"{path}/{sample.name}{number}",
            member=sample.name,
            source=sample.data,
            text=sample.text,
            fields=sample.fields,
            problem=sample.problem,
        )
