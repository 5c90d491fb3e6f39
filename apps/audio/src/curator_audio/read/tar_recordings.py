"""Recordings in a webdataset tar: a recording, its text and its facts have one key and stand together.

000001.flac  000001.txt  000001.json     one sample with the key 000001
"""

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from curator_engine.files.formats import AUDIO_EXTENSIONS, format_of_bytes
from curator_engine.files.tar_members import Member
from curator_engine.files.tar_samples import (
    MAX_SAMPLE_BYTES,
    MAX_TEXT_BYTES,
    TarSample,
    ending_of,
    facts_of,
    read_samples,
    text_of,
)

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
    for sample in read_samples(_Sample, path, max_bytes=MAX_SAMPLE_BYTES, tally=counts):
        found = sample.recordings
        if not found:
            counts["samples without a recording"] += 1
        for each in found:
            seen[each.name] += 1
            yield TarRecording(
                name=each.name,
                number=seen[each.name],
                data=each.data,
                text=sample.text,
                fields=dict(sample.facts),
                problem=each.problem or ("" if each.data else "it is empty"),
            )


@dataclass(kw_only=True)
class _Sample(TarSample):
    """Members with one key."""

    @property
    def recordings(self) -> list[Member]:
        """Those that are called one, or are one by their bytes."""
        return [
            each
            for each in self.members
            if f".{ending_of(each.name)[1]}" in AUDIO_EXTENSIONS
            or format_of_bytes(each.data[:512]) == "audio"
        ]

    @cached_property
    def text(self) -> str:
        """What is said, in a file or among the facts."""
        for ending, each in itertools.product(_TEXTS, self.members):
            if ending_of(each.name)[1] == ending and len(each.data) <= MAX_TEXT_BYTES:
                return text_of(each.data)
        said = self.facts.get("text")
        return said if isinstance(said, str) else ""

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What its JSON member says."""
        found = (e.data for e in self.members if ending_of(e.name)[1] == "json")
        return facts_of(next(found, b""))
