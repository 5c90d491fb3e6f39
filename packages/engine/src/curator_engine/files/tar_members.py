"""The members of a tar one after the other, as they are: nothing is unpacked, nothing believed.

Plain and compressed tars, also several in one file. What is damaged ends the reading with an error,
after all that is whole was given. Members that belong together are `tar_samples.py`'s.
"""

import re
import tarfile
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from curator_engine.counted import counted
from curator_engine.errors import DamagedFileError
from curator_engine.files.formats import compression_of
from curator_engine.files.storage import input_errors, open_read
from curator_engine.files.streams import decompressed

MAX_MEMBER_BYTES = 256 << 20
"""Of a member that is read, at most; a larger one is told and passed by."""

_BLOCK = 512
_PIECE_BYTES = 1 << 20
_MAX_HEAD_BYTES = 1 << 20
"""Of what stands before a member, such as a long name."""
_MAX_ZEROS = 64 << 20
"""Bytes of zeros after the end of a tar, at most."""
_REGULAR = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_PAX = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE)
_WINDOWS = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, kw_only=True)
class Member:
    """A file in a tar."""

    name: str
    head: bytes
    """What stands before the data, in blocks of 512 bytes, as it is in the tar."""
    size: int
    """Bytes of the data."""
    data: bytes = b""
    """Empty if it was not read."""
    problem: str = ""
    """Why it cannot be used; empty if it can."""

    @property
    def blocks(self) -> bytes:
        """The member as it stands in a tar."""
        return self.head + self.data + b"\0" * (-len(self.data) % _BLOCK)


class _Source(Protocol):
    def read(self, size: int) -> bytes: ...
    def skip(self, size: int) -> bool: ...


def tar_members(
    path: str, *, max_bytes: int = MAX_MEMBER_BYTES, tally: Counter[str] | None = None
) -> Generator[Member]:
    """The files in a tar, in its order; folders are none, links and devices are only counted.

    Args:
        path: The tar, local or remote; compressed or not, as its ending or its first bytes say.
        max_bytes: Of a member that is read; a larger one is given without data, with a problem.
        tally: Counts what is passed over.

    Raises:
        UnreadableFileError: It cannot be read.
        DamagedFileError: It is no tar, cut off or damaged; after all that is whole.
    """
    tally = Counter[str]() if tally is None else tally
    with input_errors(path), open_read(path) as file:
        if compression := compression_of(path):
            with closing(decompressed(file, path, compression)) as pieces:
                yield from _members(_Packed(pieces), path, max_bytes, tally)
        else:
            yield from _members(_Plain(file), path, max_bytes, tally)


def _members(source: _Source, path: str, max_bytes: int, tally: Counter[str]) -> Generator[Member]:
    """See `tar_members`."""
    count, zeros, before, named = 0, 0, b"", _Named()
    while block := source.read(_BLOCK):
        if not block.strip(b"\0"):
            zeros += len(block)
            if zeros > _MAX_ZEROS:
                break
            continue
        info = _parse(block, path, count=count, after_end=zeros > 0)
        zeros, before = 0, before + block
        if len(before) > _MAX_HEAD_BYTES or (named.reads(info) and info.size > _MAX_HEAD_BYTES):
            raise DamagedFileError(f"{path} is damaged after {count:,} members: an endless header.")
        if named.reads(info):
            text = _whole(source, info.size, path, count)
            before += text + b"\0" * (-len(text) % _BLOCK)
            named.take(info, text)
            continue
        name, size = named.name or info.name, info.size if named.size is None else named.size
        problem = _problem(name, size, max_bytes, sparse=named.sparse)
        if info.type not in _REGULAR:
            if info.type != tarfile.DIRTYPE:
                tally["links and devices in tars"] += 1
            _pass(source, 0 if info.type in _WITHOUT_DATA else size, path, count)
        elif problem:
            _pass(source, size, path, count)
            yield Member(name=name, head=before, size=size, problem=problem)
        else:
            data = _whole(source, size, path, count)
            yield Member(name=name, head=before, size=size, data=data)
        count, before, named = count + 1, b"", _Named()
    if not zeros:
        what = "has no end mark" if count else "is empty"
        raise DamagedFileError(f"{path} {what} after {count:,} members: it may be cut off.")


_WITHOUT_DATA = (
    tarfile.LNKTYPE,
    tarfile.SYMTYPE,
    tarfile.DIRTYPE,
    tarfile.CHRTYPE,
    tarfile.BLKTYPE,
    tarfile.FIFOTYPE,
)


@dataclass(kw_only=True)
class _Named:
    """What headers before that of a member say of it."""

    name: str = ""
    size: int | None = None
    sparse: bool = False

    def reads(self, info: tarfile.TarInfo) -> bool:
        """Whether a header is one that has something to say of the next."""
        kinds = (*_PAX, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
        return info.type in kinds

    def take(self, info: tarfile.TarInfo, text: bytes) -> None:
        """Read what it says; a global header's names are no one's."""
        if info.type == tarfile.GNUTYPE_LONGNAME:
            self.name = text.rstrip(b"\0").decode("utf-8", "surrogateescape")
        if info.type not in _PAX:
            return
        for key, value in _records(text):
            if key == "path":
                self.name = value
            elif key == "size" and value.isascii() and value.isdigit() and len(value) < 20:
                self.size = int(value)
            elif key.startswith("GNU.sparse"):
                self.sparse = True


def _records(text: bytes) -> Iterator[tuple[str, str]]:
    """Keys and values of a pax header: "LENGTH KEY=VALUE" and a newline each."""
    position = 0
    while match := re.compile(rb"(\d{1,7}) ([^=]+)=").match(text, position):
        end = position + int(match[1])
        if end <= match.end() or end > len(text):
            return
        value = text[match.end() : end - 1]
        yield match[2].decode("utf-8", "replace"), value.decode("utf-8", "surrogateescape")
        position = end


def _parse(block: bytes, path: str, *, count: int, after_end: bool) -> tarfile.TarInfo:
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError as error:
        if after_end:
            why = f"holds something else behind its {count:,} members"
        elif count:
            cut = "cut off" if len(block) < _BLOCK else f"damaged ({error})"
            why = f"is {cut} after {count:,} members"
        else:
            why = "is not a tar that can be read"
        raise DamagedFileError(f"{path} {why}.") from None
    if info.size < 0 or info.type == tarfile.GNUTYPE_SPARSE:
        raise DamagedFileError(
            f"{path} is damaged after {count:,} members, or has a sparse one; pack it again."
        )
    return info


def _problem(name: str, size: int, max_bytes: int, *, sparse: bool) -> str:
    """Why a member cannot be used; empty if it can."""
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or not parts[0] or _WINDOWS.match(name):
        return "its name leads out of the tar's folder"
    if "\0" in name or "\n" in name:
        return "its name has control characters"
    if sparse:
        return "it is packed as a sparse file"
    return f"{size:,} bytes are more than {max_bytes:,}" if size > max_bytes else ""


def _whole(source: _Source, size: int, path: str, count: int) -> bytes:
    """The data of a member, without its padding, which may be missing at the end of a file."""
    # A size that is claimed is not set aside: what is there may be less.
    parts: list[bytes] = []
    left = size
    while left:
        data = source.read(min(left, _PIECE_BYTES))
        if not data:
            raise DamagedFileError(f"{path} is cut off after {counted(count, 'members')}.")
        parts.append(data)
        left -= len(data)
    source.read(-size % _BLOCK)
    return b"".join(parts)


def _pass(source: _Source, size: int, path: str, count: int) -> None:
    if size and not source.skip(size + -size % _BLOCK):
        raise DamagedFileError(f"{path} is cut off after {counted(count, 'members')}.")


@dataclass
class _Plain:
    """A file."""

    file: BinaryIO

    def read(self, size: int) -> bytes:
        return self.file.read(size) if size else b""

    def skip(self, size: int) -> bool:
        # The last byte is read, as a file can be left behind its end.
        self.file.seek(size - 1, 1)
        return bool(self.file.read(1))


class _Packed:
    """A stream of pieces of any size."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces, self.rest, self.at = pieces, b"", 0

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        parts: list[bytes] = []
        while size:
            if self.at == len(self.rest):
                self.rest, self.at = next(self.pieces, b""), 0
                if not self.rest:
                    break
            part = self.rest[self.at : self.at + size]
            parts.append(part)
            self.at += len(part)
            size -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def skip(self, size: int) -> bool:
        while size:
            data = self.read(min(size, _PIECE_BYTES))
            if not data:
                return False
            size -= len(data)
        return True
