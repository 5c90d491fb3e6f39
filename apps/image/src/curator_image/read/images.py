"""Pictures as they are stored: loose files, webdataset tars, tables with bytes, and lists of files.

Bytes are read, not decoded (`picture.py`), one picture at a time, each with its caption and facts.
Nothing is raised for one picture or one damaged file: what is amiss comes as an item with a problem.
"""

import hashlib
import posixpath
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from curator_engine.errors import InputError, UnreadableFileError
from curator_engine.files.formats import TAR_EXTENSIONS, format_by_ending, look
from curator_engine.files.listing import SIDECARS
from curator_engine.files.paths import is_remote
from curator_engine.files.storage import exists, input_errors, open_read
from curator_engine.files.tar_members import MAX_MEMBER_BYTES
from curator_engine.files.tar_samples import MAX_TEXT_BYTES, facts_of, text_of
from curator_image.read.lists import listed
from curator_image.read.picture_tables import picture_rows
from curator_image.read.tar_samples import Sample, caption_in, tar_samples


@dataclass(kw_only=True)
class StoredImage:
    """A picture as it is stored, with what is said of it."""

    path: str
    """The file that it is in: itself, a tar, a table; for one of a list its own."""
    member: str = ""
    """Its name in the tar, or its row in the table from 0; empty for a loose file."""
    key: str = ""
    """What it has in common with its caption: a member's name up to its first dot."""
    place: str = ""
    """Where it lies, unique in a run: "shard.tar/000001.jpg", "part.parquet#17"."""
    data: bytes = b""
    """Its bytes; empty where there is a problem."""
    caption: str = ""
    fields: dict[str, Any] = field(default_factory=dict[str, Any])
    """Facts that are stored with it, by name."""
    others: tuple[str, ...] = ()
    """What else is stored with it and is not read: extensions of members of a tar, columns of a table."""
    problem: str = ""
    """Why it, or the rest of its file, cannot be used; empty if it can."""

    @cached_property
    def sha256(self) -> str:
        """Of its bytes, 64 hexadecimal digits."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def image_id(self) -> str:
        """24 hexadecimal digits of its place and bytes."""
        text = f"{self.place}\0{self.sha256}".encode("utf-8", "surrogateescape")
        return hashlib.sha256(text).hexdigest()[:24]


def read_images(
    path: str,
    *,
    span: tuple[int, int] | None = None,
    max_bytes: int = MAX_MEMBER_BYTES,
    tally: Counter[str] | None = None,
) -> Iterator[StoredImage]:
    """The pictures of a file, in its order; each in memory only until the next.

    A file that cannot be read on gives one item with a problem, and `place` is the file, after all
    that is whole.

    Args:
        path: A picture, a webdataset tar (compressed or not), Parquet or Arrow with pictures as
            bytes, or a list: JSON lines or CSV with paths. Its contents say what it is.
        span: Row groups of Parquet [first, end).
        max_bytes: Of a picture that is read.
        tally: Counts what is passed over, by reason.

    Raises:
        StorageError: The environment fails, as a lost connection.
    """
    counts = Counter[str]() if tally is None else tally
    try:
        kind = kind_of(path)
        if kind == "tar":
            yield from _of_tar(path, max_bytes, counts)
        elif kind == "table":
            yield from _of_table(path, span, max_bytes)
        elif kind == "list":
            yield from _of_list(path, max_bytes, counts)
        else:
            yield _loose(path, max_bytes)
    except UnreadableFileError as error:
        yield StoredImage(path=path, place=path, problem=str(error))


def kind_of(path: str) -> str:
    """What a file is: "tar", "table", "list" or "picture".

    Raises:
        UnreadableFileError: It cannot be looked at.
    """
    lower = path.lower()
    if lower.endswith(".arrow"):
        return "table"
    if lower.endswith((".csv", ".tsv")):
        return "list"
    with input_errors(path):
        found = look(path)
        if found.format == "parquet":
            return "table"
        if found.format == "jsonl":
            return "list"
        if found.format == "image":
            with open_read(path) as file:
                is_tar = bool(found.compression) or file.read(262)[257:] == b"ustar"
            return "tar" if is_tar else "picture"
    # Its contents say nothing: an empty or damaged one, or a very old tar.
    if lower.endswith(TAR_EXTENSIONS):
        return "tar"
    return {"parquet": "table", "jsonl": "list"}.get(format_by_ending(path), "picture")


def place_of(path: str, sample: Sample) -> str:
    """The place of a sample's picture in a tar; a key that is there again has its number behind it."""
    name = sample.picture.name if sample.picture else sample.key
    return f"{path}/{name}" + (f"#{sample.number}" if sample.number > 1 else "")


def _of_tar(path: str, max_bytes: int, tally: Counter[str]) -> Iterator[StoredImage]:
    for sample in tar_samples(path, max_bytes=max_bytes, tally=tally):
        picture = sample.picture
        if picture is None:
            tally["samples without a picture"] += 1
            continue
        tally["keys that are given twice"] += sample.number > 1
        facts = sample.facts
        yield StoredImage(
            path=path,
            member=picture.name,
            key=sample.key,
            place=place_of(path, sample),
            data=picture.data,
            caption=sample.caption,
            fields=facts,
            others=sample.others,
            problem=picture.problem or _problem(picture.data, max_bytes),
        )


def _of_table(path: str, span: tuple[int, int] | None, max_bytes: int) -> Iterator[StoredImage]:
    for row in picture_rows(path, span=span):
        data = row.data or b""
        problem = _problem(data, max_bytes)
        if row.data is None:
            problem = f"no bytes, only the path {row.path}" if row.path else "no bytes"
        yield StoredImage(
            path=path,
            member=str(row.number),
            key=str(row.number),
            place=f"{path}#{row.number}",
            data=b"" if problem else data,
            caption=row.caption,
            fields=row.fields,
            others=row.others,
            problem=problem,
        )


def _of_list(path: str, max_bytes: int, tally: Counter[str]) -> Iterator[StoredImage]:
    for row in listed(path, tally=tally):
        found = StoredImage(path=path, problem=row.problem)
        if not row.problem:
            try:
                found = _loose(row.path, max_bytes)
            except (UnreadableFileError, InputError) as error:
                found.problem = str(error)
        found.path, found.member = path, str(row.number)
        found.place = f"{path}#{row.number}"
        found.key = found.key or str(row.number)
        found.caption = row.caption or found.caption
        found.fields = {**found.fields, **row.fields}
        yield found


def _loose(path: str, max_bytes: int) -> StoredImage:
    """A picture that is a file, with what lies beside it.

    Raises:
        UnreadableFileError: It cannot be read.
    """
    stem = posixpath.splitext(path)[0]
    with input_errors(path), open_read(path) as file:
        data = file.read(max_bytes + 1)
    found = StoredImage(path=path, key=stem.rpartition("/")[2], place=path, data=data)
    if problem := _problem(data, max_bytes):
        found.data, found.problem = b"", problem
    if is_remote(path):
        # A look for each of three files would cost more than the picture.
        return found
    beside = {ending: _beside(stem + ending) for ending in SIDECARS if stem + ending != path}
    found.fields = facts_of(beside.get(".json", b""))
    texts = (text_of(beside.get(ending, b"")) for ending in (".txt", ".caption"))
    found.caption = next(filter(None, texts), "") or caption_in(found.fields)
    return found


def _beside(path: str) -> bytes:
    """A small file beside a picture; empty if there is none, or none that can be read."""
    if not exists(path):
        return b""
    try:
        with open_read(path) as file:
            data = file.read(MAX_TEXT_BYTES + 1)
    except OSError:
        return b""
    return data if len(data) <= MAX_TEXT_BYTES else b""


def _problem(data: bytes, max_bytes: int) -> str:
    """Why bytes are not looked at."""
    if not data:
        return "it is empty"
    return f"it is larger than {max_bytes:,} bytes" if len(data) > max_bytes else ""
