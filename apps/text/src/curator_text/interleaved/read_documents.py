"""Documents of texts and pictures out of files: tars in the form of MINT-1T, JSON lines, Parquet, PDF.

Pictures that a file only names, as by an address, are not fetched.
"""

import json
import mimetypes
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby
from typing import Any

from curator_engine.errors import DamagedFileError, UnreadableFileError
from curator_engine.files.list_rows import list_rows
from curator_engine.files.storage import input_errors, open_read, read_bytes
from curator_engine.files.table_batches import table_batches
from curator_engine.files.tar_members import Member, tar_members
from curator_engine.files.tar_samples import key_of
from curator_text.interleaved.documents import Document, from_lists, from_rows

TAR_ENDINGS = (".tar", ".tar.gz", ".tgz")
LINE_ENDINGS = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".ndjson")
ENDINGS = (*TAR_ENDINGS, *LINE_ENDINGS, ".parquet", ".pdf")
"""Of files that count in a folder."""
MAX_SAMPLE_BYTES = 1 << 30
"""Of all members of a sample of a tar."""
_MAX_MEMBERS = 10_000
_MAX_PDF_BYTES = 512 << 20
_HEAD_BYTES = 1 << 12
_PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ\0")
"""How gzip, zstd, bzip2 and xz begin."""
_TIFF = (".tif", ".tiff")


@dataclass(frozen=True, kw_only=True)
class SampleFields:
    """How samples of a tar are laid out."""

    id: str = "id"
    """Field with the document's id; the key unless it is there."""
    texts: str = "texts"
    images: str = "images"
    member: str | None = None
    """Field that names the one file with all pictures."""
    json_endings: tuple[str, ...] = (".json",)
    picture_endings: tuple[str, ...] | None = None
    """Of members that are pictures; all others unless given."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """A document, or why there is none."""

    record: int
    """Which one of its file, from 0."""
    document: Document | None = None
    reason: str = ""


type PdfReader = Callable[[bytes, str], Document]
"""The document in a PDF file, by its bytes and its id; a ValueError says why there is none."""


def documents_of(
    path: str, name: str, read_pdf: PdfReader, fields: SampleFields | None = None
) -> Iterator[Found]:
    """The documents of a file, in its order.

    Args:
        path: The file.
        name: How it is called in ids.
        read_pdf: Reads a PDF file.
        fields: How samples of a tar are laid out; as those of MINT-1T unless given.

    Raises:
        UnreadableFileError: It cannot be read, or breaks off; after all that is whole.
    """
    lower = path.lower()
    if lower.endswith(TAR_ENDINGS):
        yield from _of_tar(path, fields or SampleFields())
    elif lower.endswith(".parquet"):
        yield from _of_parquet(path, name)
    elif lower.endswith(".pdf"):
        yield _made(0, lambda: read_pdf(_all_of(path), name))
    else:
        _check_lines(path)
        for number, row in enumerate(list_rows(path)):
            if row is None:
                yield Found(record=number, reason="it is no JSON object")
            elif row:
                yield _of_row(number, row, name)


def _check_lines(path: str) -> None:
    """Make sure that a file may be JSON lines, whose ending does not say what it is.

    Raises:
        DamagedFileError: It does not begin as they do.
    """
    if path.lower().endswith(LINE_ENDINGS):
        return
    with input_errors(path), open_read(path) as file:
        head = file.read(_HEAD_BYTES)
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", *_PACKED)):
        known = ", ".join(ENDINGS)
        raise DamagedFileError(f"{path} is neither JSON lines nor a file ending in {known}.")


def _made(number: int, make: Callable[[], Document]) -> Found:
    try:
        return Found(record=number, document=make())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        text = " ".join(str(error).split()) or type(error).__name__
        return Found(record=number, reason=text)


def _all_of(path: str) -> bytes:
    data = read_bytes(path)
    if len(data) > _MAX_PDF_BYTES:
        raise ValueError(f"its {len(data):,} bytes are more than {_MAX_PDF_BYTES:,}")
    return data


def _of_row(number: int, row: dict[str, Any], name: str) -> Found:
    known = row.get("sample_id", row.get("id"))
    id = str(known) if isinstance(known, str | int) else f"{name}:{number}"
    return _made(number, lambda: from_lists(id, row))


def _of_parquet(path: str, name: str) -> Iterator[Found]:
    batches = table_batches(path, lambda schema: list(schema.names), rows=64)
    rows = (row for batch in batches for row in batch.rows.to_pylist())
    first = next(rows, None)
    if first is None:
        return
    rows = chain([first], rows)
    if {"sample_id", "position", "modality"} <= set(first):
        for number, (_, group) in enumerate(groupby(rows, lambda row: row["sample_id"])):
            yield _made(number, partial(_of_rows, list(group)))
    else:
        for number, row in enumerate(rows):
            yield _of_row(number, row, name)


def _of_rows(rows: list[dict[str, Any]]) -> Document:
    return next(from_rows(rows))


def _of_tar(path: str, fields: SampleFields) -> Iterator[Found]:
    for number, (key, members, problem) in enumerate(_samples(path)):
        if problem:
            yield Found(record=number, reason=problem)
        else:
            yield _made(number, partial(_of_sample, key, members, fields))


def _samples(path: str) -> Iterator[tuple[str, list[Member], str]]:
    """Keys, members and problems of samples; members of a sample stand together."""
    key, members, problem, size = "", list[Member](), "", 0
    try:
        with closing(tar_members(path)) as all_members:
            for member in all_members:
                if member.problem:
                    yield member.name, [], f"{member.name}: {member.problem}"
                    continue
                if members and not _is_of(member.name, key, members):
                    yield key, members, problem
                    members, problem, size = [], "", 0
                key = key_of(member.name) if not members else key
                size += len(member.data)
                if size > MAX_SAMPLE_BYTES or len(members) >= _MAX_MEMBERS:
                    # The bytes are let go, so that an endless sample needs no memory.
                    problem = (
                        f"it has more than {MAX_SAMPLE_BYTES:,} bytes or {_MAX_MEMBERS:,} members"
                    )
                    members, size = members[:1], 0
                else:
                    members.append(member)
    except UnreadableFileError:
        if members:
            yield key, members, problem or "the tar breaks off in it"
        raise
    if members:
        yield key, members, problem


def _is_of(name: str, key: str, members: list[Member]) -> bool:
    """Whether a member belongs to the sample so far; a second JSON of the key begins another one."""
    return key_of(name) == key and all(member.name != name for member in members)


def _of_sample(key: str, members: list[Member], fields: SampleFields) -> Document:
    facts = next(
        (each for each in members if each.name.lower().endswith(fields.json_endings)), None
    )
    if facts is None:
        raise ValueError(f"sample {key} has no {' or '.join(fields.json_endings)}")
    try:
        row = json.loads(facts.data)
    except ValueError as error:
        raise ValueError(f"{facts.name} is no JSON ({error})") from error
    if not isinstance(row, dict):
        raise ValueError(f"{facts.name} holds no object")
    frames, names = row.pop("frames", None), row.pop("image_names", None)
    for ours, theirs in (("texts", fields.texts), ("images", fields.images)):
        if ours != theirs and theirs in row:
            row[ours] = row.pop(theirs)
    id = row.get(fields.id)
    document = from_lists(id if isinstance(id, str) and id else key, row)
    _give_bytes(document, list(_files_of(members, facts, row, fields)), key)
    for values, attribute in ((frames, "frame"), (names, "name")):
        if isinstance(values, list) and len(values) == len(document.parts):
            for part, value in zip(document.parts, values, strict=True):
                if value is not None:
                    setattr(part, attribute, value)
    return document


def _files_of(
    members: list[Member], facts: Member, row: dict[str, Any], fields: SampleFields
) -> Iterator[Member]:
    """The members that may be pictures of a sample."""
    named = row.get(fields.member) if fields.member else None
    endings = fields.picture_endings
    for member in members:
        if member is facts or (isinstance(named, str) and not member.name.endswith(named)):
            continue
        if endings is None or member.name.lower().endswith(endings):
            yield member


def _give_bytes(document: Document, files: list[Member], key: str) -> None:
    """Each picture gets its file: that of its name; else the next frame of the one TIFF; else, if there are as many, in order."""
    pictures = [part for part in document.parts if part.kind == "image"]
    named = {spelling: file for file in files for spelling in _spellings(file.name, key)}
    found = [named.get(part.name) for part in pictures]
    frames: list[int | None] = [None] * len(pictures)
    if pictures and not any(found):
        if len(files) == 1 and files[0].name.lower().endswith(_TIFF):
            found = files * len(pictures)
            frames = list[int | None](range(len(pictures)))
        elif len(files) == len(pictures):
            found = list(files)
    for part, file, frame in zip(pictures, found, frames, strict=True):
        if file is not None:
            part.data, part.frame = file.data, frame
            if not part.name:
                part.name = file.name
            part.content_type = mimetypes.guess_type(file.name)[0] or ""


def _spellings(name: str, key: str) -> set[str]:
    """How a picture may be called: with and without folder, key and ending."""
    behind = name.removeprefix(key).lstrip(".")
    last = name.rpartition("/")[2]
    return {name, last, behind, last.rpartition(".")[0], behind.rpartition(".")[0]} - {""}
