"""The samples of a webdataset tar: a picture, its caption, its facts, and what else has the same key.

000001.jpg  000001.txt  000001.json     one sample with the key 000001
"""

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from curator_engine.errors import UnreadableFileError
from curator_engine.files.formats import PICTURE_EXTENSIONS, format_of_bytes
from curator_engine.files.tar_members import MAX_MEMBER_BYTES, Member, tar_members

MAX_SAMPLE_BYTES = 1 << 30
"""Of all the members of a sample, at most."""
MAX_MEMBERS = 1000
"""Of a sample."""
MAX_TEXT_BYTES = 1 << 20
"""Of a caption or of facts that are read, at most; a longer one stays with its picture unread."""

_PICTURES = frozenset(each.removeprefix(".") for each in PICTURE_EXTENSIONS) | {"img", "image"}
_DRAWINGS = frozenset({"svg", "svgz"})
"""What is told to be drawn, if there is nothing else."""
_CAPTIONS = ("txt", "caption", "text", "cap")


@dataclass(kw_only=True)
class Sample:
    """Members of a tar with one key that stand together."""

    key: str
    members: list[Member] = field(default_factory=list[Member])
    number: int = 1
    """Which of the groups in the tar with this key it is, from 1."""

    @property
    def picture(self) -> Member | None:
        """The first member that is called one, rather without a second ending as in seg.png, else by its bytes."""
        found = [each for each in self.members if ending_of(each.name)[1] in _PICTURES]
        plain = [each for each in found if not ending_of(each.name)[0]]
        unnamed = (each for each in self.members if format_of_bytes(each.data[:512]) == "image")
        drawn = (each for each in self.members if extension_of(each.name) in _DRAWINGS)
        return next(itertools.chain(plain, found, unnamed, drawn), None)

    @property
    def caption(self) -> str:
        """The text beside the picture, else the caption in its facts; empty if there is none."""
        found = self._caption
        return text_of(found.data) if found else caption_in(self.facts)

    @property
    def facts(self) -> dict[str, Any]:
        """What its JSON member says."""
        found = self._facts
        return facts_of(found.data) if found else {}

    @property
    def others(self) -> tuple[str, ...]:
        """The extensions of members that are neither picture nor caption nor facts."""
        read = [self.picture, self._caption, self._facts if self.facts else None]
        return tuple(
            extension_of(each.name)
            for each in self.members
            if not any(each is other for other in read)
        )

    @property
    def _caption(self) -> Member | None:
        named = {extension_of(each.name): each for each in reversed(self.members)}
        found = (named[ending] for ending in _CAPTIONS if ending in named)
        return next((each for each in found if len(each.data) <= MAX_TEXT_BYTES), None)

    @property
    def _facts(self) -> Member | None:
        return next((each for each in self.members if extension_of(each.name) == "json"), None)

    def has_room_for(self, member: Member) -> bool:
        """Whether a member can be in it: there is none of its name, and all are not too many or too large."""
        if len(self.members) >= MAX_MEMBERS or any(m.name == member.name for m in self.members):
            return False
        return sum(len(each.data) for each in self.members) + len(member.data) <= MAX_SAMPLE_BYTES


def tar_samples(
    path: str, *, max_bytes: int = MAX_MEMBER_BYTES, tally: Counter[str] | None = None
) -> Iterator[Sample]:
    """The samples of a tar, in its order; those without a picture too.

    Args:
        path: The tar.
        max_bytes: Of a member that is read.
        tally: Counts what is passed over.

    Raises:
        UnreadableFileError: It cannot be read.
        DamagedFileError: It is damaged; after all samples that are whole.
    """
    seen = Counter[str]()
    sample: Sample | None = None
    try:
        with closing(tar_members(path, max_bytes=max_bytes, tally=tally)) as members:
            for member in members:
                key = key_of(member.name)
                if sample and (sample.key != key or not sample.has_room_for(member)):
                    yield sample
                    sample = None
                if sample is None:
                    seen[key] += 1
                    sample = Sample(key=key, number=seen[key])
                sample.members.append(member)
    except UnreadableFileError:
        if sample:
            yield sample
        raise
    if sample:
        yield sample


def key_of(name: str) -> str:
    """A member's key: its name up to the first dot behind the last slash."""
    folder, slash, last = name.rpartition("/")
    return f"{folder}{slash}{last.partition('.')[0]}"


def extension_of(name: str) -> str:
    """What stands behind the key, in small letters: jpg, seg.png."""
    return name.rpartition("/")[2].partition(".")[2].lower()


def ending_of(name: str) -> tuple[str, str]:
    """The extension cut before its last part: ("", "jpg"), ("seg", "png")."""
    head, _, last = extension_of(name).rpartition(".")
    return head, last


def text_of(data: bytes) -> str:
    """The text of a caption's file, without white space around it; bytes that are no UTF-8 are replaced."""
    return data.decode("utf-8-sig", "replace").strip()


def facts_of(data: bytes) -> dict[str, Any]:
    """The object in a JSON file; empty if it is none."""
    if len(data) > MAX_TEXT_BYTES:
        return {}
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def caption_in(facts: dict[str, Any]) -> str:
    """The caption among facts, if there is one."""
    for name in ("caption", "text", "TEXT", "alt"):
        value = facts.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""
