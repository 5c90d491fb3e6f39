"""The samples of a webdataset tar: members with one key that stand together.

000001.jpg  000001.txt  000001.json     one sample with the key 000001
"""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from curator_engine.errors import UnreadableFileError
from curator_engine.files.tar_members import MAX_MEMBER_BYTES, Member, tar_members

MAX_SAMPLE_BYTES = 1 << 30
"""Of all the members of a sample, at most."""
MAX_MEMBERS = 1000
"""Of a sample."""
MAX_TEXT_BYTES = 1 << 20
"""Of a text or of facts that are read, at most."""


@dataclass(kw_only=True)
class TarSample:
    """Members of a tar with one key that stand together; an app's own class says which of them is what."""

    key: str
    members: list[Member] = field(default_factory=list[Member])
    number: int = 1
    """Which of the groups in the tar with this key it is, from 1."""

    def has_room_for(self, member: Member) -> bool:
        """Whether a member can be in it: there is none of its name, and all are not too many or too large."""
        if len(self.members) >= MAX_MEMBERS or any(m.name == member.name for m in self.members):
            return False
        return sum(len(each.data) for each in self.members) + len(member.data) <= MAX_SAMPLE_BYTES


def read_samples[S: TarSample](
    kind: type[S],
    path: str,
    *,
    max_bytes: int = MAX_MEMBER_BYTES,
    tally: Counter[str] | None = None,
) -> Iterator[S]:
    """The samples of a tar, in its order; a group that is too long is several.

    Args:
        kind: The class of the samples.
        path: The tar, compressed or not.
        max_bytes: Of a member that is read.
        tally: Counts what is passed over.

    Raises:
        UnreadableFileError: It cannot be read.
        DamagedFileError: It is damaged; after all samples that are whole.

    Example:
        >>> [sample.key for sample in read_samples(TarSample, "shard.tar")]
        ['000000', '000001']
    """
    seen = Counter[str]()
    sample: S | None = None
    try:
        with closing(tar_members(path, max_bytes=max_bytes, tally=tally)) as members:
            for member in members:
                key = key_of(member.name)
                if sample and (sample.key != key or not sample.has_room_for(member)):
                    yield sample
                    sample = None
                if sample is None:
                    seen[key] += 1
                    sample = kind(key=key, number=seen[key])
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
    """The text of a file, without white space around it; bytes that are no UTF-8 are replaced."""
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
