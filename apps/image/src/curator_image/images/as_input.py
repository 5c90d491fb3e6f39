"""Write the kept pictures of a file as the file is: a copy of a picture, a tar of a tar, a table of a table.

All bytes are those of the input: nothing is decoded, and members of a tar keep their headers.
"""

import bz2
import lzma
import posixpath
import tarfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
import zstandard

from curator_engine.errors import DamagedFileError
from curator_engine.files.formats import compression_of
from curator_engine.files.listing import SIDECARS
from curator_engine.files.paths import is_remote, join
from curator_engine.files.storage import (
    exists,
    input_errors,
    open_atomic,
    open_read,
    read_bytes,
    write_atomic,
)
from curator_engine.stages.parquet_copy import copy_rows
from curator_engine.stages.parquet_files import group_rows, open_parquet
from curator_engine.stages.small_files import name_of
from curator_engine.task import FileGroupTask
from curator_image.images.kept import Kept, Placed, positions
from curator_image.images.reencode import Reencode
from curator_image.read.tar_samples import tar_samples

_END = bytes(1024)
_RECORD_BYTES = 10_240
"""Tars are filled up to a multiple of it, as tar itself does."""


def copy_picture(file: FileGroupTask, kept: Kept, folder: str) -> Iterator[Placed]:
    """Copy a loose picture and what lies beside it.

    Raises:
        UnreadableFileError: It cannot be read.
        StorageError: It cannot be written.
    """
    uuid = kept.ids.get(0)
    if uuid is None:
        return
    source, target = file.data[0], join(folder, name_of(file))
    with input_errors(source), open_read(source) as data:
        write_atomic(target, data.read())
    if not is_remote(source):
        old, new = (posixpath.splitext(path)[0] for path in (source, target))
        for ending in SIDECARS:
            if old + ending != source and exists(old + ending):
                write_atomic(new + ending, read_bytes(old + ending))
    yield Placed(uuid=uuid, path=target)


def copy_samples(file: FileGroupTask, kept: Kept, folder: str) -> Iterator[Placed]:
    """Copy the kept samples of a tar with all their members, into a tar that is compressed likewise.

    A tar that is damaged is copied up to there. One of which nothing is kept has no copy.

    Raises:
        UnreadableFileError: It cannot be read.
        StorageError: It cannot be written.
    """
    target = join(folder, name_of(file))
    if not kept.ids:
        return
    with open_tar(target, compression_of(file.data[0])) as write:
        for uuid, name, blocks in kept_samples(file, kept):
            write(blocks)
            yield Placed(uuid=uuid, path=join(target, name))


def kept_samples(
    file: FileGroupTask, kept: Kept, reencode: Reencode | None = None
) -> Iterator[tuple[str, str, bytes]]:
    """Of each sample of a tar whose picture is kept: its id, the picture's name, all members as they stand.

    Args:
        file: The tar.
        kept: What of it is kept.
        reencode: How the pictures are written anew; None keeps their bytes.

    Raises:
        UnreadableFileError: It cannot be read; damage only ends it, as that was told when it was measured.
    """
    place = positions(file)
    with suppress(DamagedFileError):
        for sample in tar_samples(file.data[0]):
            picture = sample.picture
            if picture is not None and (uuid := kept.ids.get(next(place))):
                whole = [each for each in sample.members if not each.problem]
                name, blocks = picture.name, picture.blocks
                if reencode:
                    name = reencode.named(name)
                    if any(each.name == name for each in whole if each is not picture):
                        name = picture.name + reencode.ending
                    blocks = member_of(name, reencode.encode(picture.data))
                members = (blocks if each is picture else each.blocks for each in whole)
                yield uuid, name, b"".join(members)


def copy_table(file: FileGroupTask, kept: Kept, folder: str) -> Iterator[Placed]:
    """Copy the kept rows of a table; types, row groups and compression stay. Of Arrow the copy is Parquet.

    Raises:
        UnreadableFileError: It cannot be read.
        StorageError: It cannot be written.
    """
    if not kept.ids:
        return
    target = join(folder, _table_name(file))
    with open_parquet(file.data[0]) as table:
        edges = np.cumsum([0, *group_rows(table)])
    groups = list(range(*file.span)) if file.span else None
    first, end = file.span or (0, len(edges) - 1)
    rows = np.arange(edges[first], edges[end], dtype=np.int64)
    place = {int(kept.members[at]): uuid for at, uuid in kept.ids.items()}
    drop = np.setdiff1d(rows, np.fromiter(place, np.int64, len(place)), assume_unique=True)
    written, _ = copy_rows(file.data[0], target, drop, groups=groups, reject=_pass_by)
    if written != len(place):
        raise DamagedFileError(
            f"{file.data[0]} is damaged: {len(place) - written:,} of its kept pictures cannot be copied."
        )
    for number, row in enumerate(sorted(place)):
        yield Placed(uuid=place[row], path=f"{target}#{number}")


def _pass_by(row: int, rows: int, reason: str) -> None:
    """What is damaged was told when it was measured, and nothing of it is kept."""


def _table_name(file: FileGroupTask) -> str:
    """The name of the copy: of a part of a table, with the part's first row group."""
    stem, ending = posixpath.splitext(name_of(file))
    part = f"-{file.span[0]:05d}" if file.span and file.span[0] else ""
    return f"{stem}{part}{'.parquet' if ending.lower() == '.arrow' else ending}"


@contextmanager
def open_tar(path: str, compression: str) -> Generator[Callable[[bytes], None]]:
    """Write a tar from members as they stand in one; it takes its place when the block ends.

    Args:
        path: The tar.
        compression: As `files/formats.py` names it; empty for none.

    Raises:
        StorageError: It cannot be written.
    """
    packer = _PACKERS[compression]() if compression else None
    size = 0
    with open_atomic(path) as file:

        def write(blocks: bytes) -> None:
            nonlocal size
            size += len(blocks)
            file.write(packer.compress(blocks) if packer else blocks)

        yield write
        write(_END)
        write(bytes(-size % _RECORD_BYTES))
        if packer:
            file.write(packer.flush())


def member_of(name: str, data: bytes) -> bytes:
    """A member as it stands in a tar; owner and time stay at 0."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    head = info.tobuf(tarfile.PAX_FORMAT)
    return head + data + bytes(-len(data) % 512)


_PACKERS: dict[str, Callable[[], Any]] = {
    # Its header has neither a name nor a time, so that the same pictures give the same bytes.
    "gzip": lambda: zlib.compressobj(6, zlib.DEFLATED, 31),
    "bz2": bz2.BZ2Compressor,
    "xz": lzma.LZMACompressor,
    "zstd": lambda: zstandard.ZstdCompressor().compressobj(),
}
