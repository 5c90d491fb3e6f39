"""Recordings in a webdataset tar: a recording, its text and its facts have one key and stand together.

000001.flac  000001.txt  000001.json     one sample with the key 000001
"""

import itertools
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from curator_engine.errors import UnreadableFileError
from curator_engine.files.formats import AUDIO_EXTENSIONS, format_of_bytes
from curator_engine.files.tar_members import Member, tar_members

_MAX_BYTES = 1 << 30
"""Of a member, which is in memory as a whole, and of those of a sample together."""
_MAX_TEXT_BYTES = 1 << 20
_TEXTS = ("txt", "text", "transcript", "lab")


@dataclass(kw_only=True)
class TarRecording:
    """A recording in a tar."""

    name: str
    """Of its member."""
    number: int
    """Which of the members of this name it is, from 1."""
    data: bytes
    text: str = ""
    fields: dict[str, Any] = field(default_factory=dict[str, Any])
    problem: str = ""


def tar_recordings(path: str, *, tally: Counter[str] | None = None) -> Iterator[TarRecording]:
    """The recordings of a tar, in its order.

    Args:
        path: The tar, compressed or not.
        tally: Counts what is passed over.

    Raises:
        UnreadableFileError: It cannot be read.
        DamagedFileError: It is damaged; after all that is whole.
    """
    counts, seen = Counter[str]() if tally is None else tally, Counter[str]()
    for members in _samples(path, counts):
        found = [each for each in members if _is_audio(each)]
        if not found:
            counts["samples without a recording"] += 1
        for each in found:
            seen[each.name] += 1
            yield TarRecording(
                name=each.name,
                number=seen[each.name],
                data=each.data,
                text=_text(members),
                fields=_facts(members),
                problem=each.problem or ("" if each.data else "it is empty"),
            )


def _samples(path: str, counts: Counter[str]) -> Iterator[list[Member]]:
    """Members with one key; what was whole before the tar is damaged comes too."""
    waiting: list[Member] = []
    damage: UnreadableFileError | None = None
    with closing(tar_members(path, max_bytes=_MAX_BYTES, tally=counts)) as members:
        while True:
            try:
                member = next(members, None)
            except UnreadableFileError as error:
                damage, member = error, None
            if member is None:
                break
            size = sum(len(each.data) for each in waiting)
            if waiting and (_key(waiting[0]) != _key(member) or size > _MAX_BYTES):
                yield waiting
                waiting = []
            waiting.append(member)
    if waiting:
        yield waiting
    if damage:
        raise damage


def _key(member: Member) -> str:
    folder, slash, last = member.name.rpartition("/")
    return f"{folder}{slash}{last.partition('.')[0]}"


def _extension(member: Member) -> str:
    return member.name.rpartition("/")[2].rpartition(".")[2].lower()


def _is_audio(member: Member) -> bool:
    named = f".{_extension(member)}" in AUDIO_EXTENSIONS
    return named or format_of_bytes(member.data[:512]) == "audio"


def _text(members: Sequence[Member]) -> str:
    for ending, each in itertools.product(_TEXTS, members):
        if _extension(each) == ending and len(each.data) <= _MAX_TEXT_BYTES:
            return each.data.decode("utf-8-sig", "replace").strip()
    said = _facts(members).get("text")
    return said if isinstance(said, str) else ""


def _facts(members: Sequence[Member]) -> dict[str, Any]:
    for each in members:
        if _extension(each) == "json" and len(each.data) <= _MAX_TEXT_BYTES:
            try:
                found = json.loads(each.data)
            except (ValueError, RecursionError):
                return {}
            return found if isinstance(found, dict) else {}
    return {}
