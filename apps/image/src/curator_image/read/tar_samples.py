"""The samples of a webdataset tar: a picture, its caption, its facts, and what else has the same key.

000001.jpg  000001.txt  000001.json     one sample with the key 000001
"""

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from curator_engine.files.formats import PICTURE_EXTENSIONS, format_of_bytes
from curator_engine.files.tar_members import MAX_MEMBER_BYTES, Member
from curator_engine.files.tar_samples import (
    MAX_TEXT_BYTES,
    TarSample,
    ending_of,
    extension_of,
    facts_of,
    read_samples,
    text_of,
)

_PICTURES = frozenset(each.removeprefix(".") for each in PICTURE_EXTENSIONS) | {"img", "image"}
_DRAWINGS = frozenset({"svg", "svgz"})
"""What is told to be drawn, if there is nothing else."""
_CAPTIONS = ("txt", "caption", "text", "cap")


@dataclass(kw_only=True)
class Sample(TarSample):
    """Members of a tar with one key that stand together."""

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
    return read_samples(Sample, path, max_bytes=max_bytes, tally=tally)


def caption_in(facts: dict[str, Any]) -> str:
    """The caption among facts, if there is one."""
    for name in ("caption", "text", "TEXT", "alt"):
        value = facts.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""
