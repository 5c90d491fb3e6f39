"""Cut a file of lines into blocks at line borders; decompress and convert on the way.

Bytes in, bytes out: what a line means is `stages/jsonl.py`'s.
"""

import bz2
import lzma
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, BinaryIO, Self

import zstandard
from isal import igzip

from curator_engine.errors import OtherFormatError
from curator_engine.files.as_lines import text_as_line
from curator_engine.files.csv_rows import csv_as_lines
from curator_engine.files.formats import (
    compression_by_ending,
    compression_of,
    is_stream,
    kind_of,
    look,
)
from curator_engine.files.storage import input_errors, open_atomic, open_read
from curator_engine.files.streams import BrokenFileError, decompressed

__all__ = [
    "MAX_ROW_BYTES",
    "BrokenFileError",
    "LongRow",
    "is_compressed",
    "is_read_in_order",
    "iter_blocks",
    "open_compressed",
]

_SKIP_BYTES = _CHUNK_BYTES = 1 << 20
MAX_ROW_BYTES = 64_000_000
"""A longer line is not held in memory, unless more is asked for."""


class LongRow(bytes):
    """Stands in a file of lines for one that is too long to be held: a blank line at its place."""

    length: int
    """Bytes of the line."""

    @classmethod
    def of(cls, length: int) -> Self:
        """A row of so many bytes."""
        row = cls(b"\n")
        row.length = length
        return row


def is_compressed(path: str) -> bool:
    """Whether the file is compressed, by its ending or its first bytes.

    Raises:
        UnreadableFileError: It may not or cannot be read.
        StorageError: The environment fails.
    """
    with input_errors(path):
        return bool(compression_of(path))


def is_read_in_order(path: str) -> bool:
    """Whether a file of lines can only be read from its beginning: it is compressed, or CSV or text.

    Raises:
        UnreadableFileError: It may not or cannot be read.
        StorageError: The environment fails.
    """
    with input_errors(path):
        return is_stream(path)


def iter_blocks(
    path: str,
    *,
    span: tuple[int, int] | None = None,
    block_bytes: int = 32 << 20,
    max_row: int = MAX_ROW_BYTES,
    as_is: bool = False,
) -> Iterator[tuple[int, bytes]]:
    """Blocks of whole lines, each with its offset in the (decompressed, converted) file.

    Memory is bounded by a block and a row, however long lines are and however far they unpack.

    Args:
        path: A file of lines; a compressed one is decompressed, CSV and text become JSON lines.
        span: Bytes [start, end) after that: the lines that start in it. None: all. Such a file
            cannot be entered in the middle, so there start is 0.
        block_bytes: Aim for the size of a block; a longer line makes a larger one.
        max_row: Bytes of the longest line that is given; a `LongRow` stands for a longer one.
        as_is: Convert nothing.

    Yields:
        Offset of the block's first byte, and its bytes, which end with a line end or the file.

    Raises:
        BrokenFileError: The compressed stream is cut off or damaged; after all that is readable.
        OtherFormatError: It is a JSON array, or not UTF-8.
        UnreadableFileError: The file may not or cannot be read.
        StorageError: The environment fails.
    """
    with input_errors(path):
        known, kind = look(path), "" if as_is else kind_of(path)
        if known.amiss:
            raise OtherFormatError(f"{path} {known.amiss}")
        convert = _CONVERT.get(kind)
        with open_read(path) as file:
            if known.compression:
                chunks = decompressed(file, path, known.compression)
            elif convert:
                chunks = iter(partial(file.read, _CHUNK_BYTES), b"")
            else:
                yield from _read_span(file, span or (0, 1 << 62), block_bytes, max_row)
                return
            if convert:
                chunks = convert(chunks, path)
            yield from _until(_cut(chunks, block_bytes, max_row), span)


_CONVERT: dict[str, Callable[[Iterator[bytes], str], Iterator[bytes]]] = {
    "csv": csv_as_lines,
    "text": text_as_line,
}


def _until(
    blocks: Iterator[tuple[int, bytes]], span: tuple[int, int] | None
) -> Iterator[tuple[int, bytes]]:
    """The blocks up to the end of the span, which lies between two lines."""
    for offset, block in blocks:
        if span and offset >= span[1]:
            return
        if span and offset + len(block) > span[1]:
            yield offset, block[: span[1] - offset]
            return
        yield offset, block


def _read_span(
    file: BinaryIO, span: tuple[int, int], block_bytes: int, max_row: int
) -> Iterator[tuple[int, bytes]]:
    position, end = span
    if position:
        # A line belongs to the span in which it starts, so skip the one that began before.
        file.seek(position - 1)
        position += _skip_line(file) - 1
    while position < end:
        # Look for the line's end before reading, so that no block is copied to append to it.
        size = min(block_bytes, end - position)
        file.seek(position + size - 1)
        rest = file.readline(max_row + 1)
        begun = len(rest) > max_row
        file.seek(position)
        block = file.read(size - 1 + len(rest) if rest and not begun else size)
        if not block:
            return
        cut = block.rfind(b"\n") + 1 if begun else len(block)
        yield from _without_long(position, block[:cut], max_row)
        position += cut
        if begun:
            file.seek(position)
            length = _skip_line(file)
            yield position, LongRow.of(length)
            position += length


def _skip_line(file: BinaryIO) -> int:
    """Go to behind the next line end, or to the end; returns the bytes passed."""
    passed = 0
    while piece := file.readline(_SKIP_BYTES):
        passed += len(piece)
        if piece.endswith(b"\n"):
            break
    return passed


def _cut(chunks: Iterator[bytes], block_bytes: int, max_row: int) -> Iterator[tuple[int, bytes]]:
    """Join chunks and cut them at line ends; what is left at an error is given before it."""
    offset, pending, size, tail, passed = 0, list[bytes](), 0, 0, 0
    broken: BrokenFileError | None = None
    while True:
        try:
            chunk = next(chunks, b"")
        except BrokenFileError as error:
            broken, chunk = error, b""
        last = not chunk
        if passed:
            end = chunk.find(b"\n") + 1
            passed += end or len(chunk)
            if not end and not last:
                continue
            yield offset, LongRow.of(passed)
            offset, passed, chunk = offset + passed, 0, chunk[end:]
        pending.append(chunk)
        size += len(chunk)
        newline = chunk.rfind(b"\n")
        tail = tail + len(chunk) if newline < 0 else len(chunk) - newline - 1
        if not last and tail <= max_row and (size < block_bytes or newline < 0):
            continue
        data = b"".join(pending)
        cut = size if last else size - tail
        yield from _without_long(offset, data[:cut], max_row)
        offset, pending, size = offset + cut, [data[cut:]], size - cut
        if tail > max_row and not last:
            pending, size, tail, passed = [], 0, 0, tail
        if broken:
            raise broken
        if last:
            return


def _without_long(offset: int, data: bytes, max_row: int) -> Iterator[tuple[int, bytes]]:
    """The lines of a block, cut at those that are too long, which a `LongRow` stands for."""
    start = at = 0
    while len(data) - at > max_row:
        # All lines up to the last line end within the limit are within it.
        end = data.rfind(b"\n", at, at + max_row) + 1
        if not end:
            end = data.find(b"\n", at) + 1 or len(data)
            if start < at:
                yield offset + start, data[start:at]
            yield offset + at, LongRow.of(end - at)
            start = end
        at = end
    if start < len(data):
        yield offset + start, data[start:]


@contextmanager
def open_compressed(path: str) -> Generator[Any]:
    """Open a file for writing, atomically, compressed as its ending says.

    The same bytes give the same file on the same kind of processor: no time stamp is written.

    Raises:
        StorageError: It cannot be written, as on a full disk.
    """
    compression = compression_by_ending(path)
    with open_atomic(path) as file:
        if compression == "gzip":
            # An eighth of zlib's time at its default level, for files that are a twelfth larger.
            with igzip.IGzipFile(
                filename="", mode="wb", compresslevel=3, fileobj=file, mtime=0
            ) as packed:
                yield packed
        elif compression == "zstd":
            with zstandard.ZstdCompressor(level=3).stream_writer(file, closefd=False) as packed:
                yield packed
        elif compression == "xz":
            with lzma.LZMAFile(file, "wb", preset=1) as packed:
                yield packed
        elif compression == "bz2":
            with bz2.BZ2File(file, "wb") as packed:
                yield packed
        else:
            yield file
