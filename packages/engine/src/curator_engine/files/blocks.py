"""Cut a file of lines into blocks at line borders; decompress on the way.

Bytes in, bytes out: what a line means is `stages/jsonl.py`'s.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Protocol

import zstandard
from isal import igzip, isal_zlib

from curator_engine.errors import DamagedFileError
from curator_engine.files.storage import input_errors, open_atomic, open_read

COMPRESSIONS = (".gz", ".zst")
MAX_LINE_BYTES = 1 << 30
"""A longer line ends the reading of its file: it is not data, and would not fit into memory."""

_CHUNK_BYTES = 1 << 16
_GZIP_ERROR: Any = isal_zlib.error
_DAMAGED = (_GZIP_ERROR, zstandard.ZstdError)


class BrokenFileError(DamagedFileError):
    """A file is damaged from some point on; the blocks before it were given."""

    def __init__(self, path: str, offset: int, reason: str) -> None:
        super().__init__(f"{path} is {reason} after {offset} bytes.")
        self.path, self.offset, self.reason = path, offset, reason


def is_compressed(path: str) -> bool:
    """Whether the ending names a compression."""
    return path.endswith(COMPRESSIONS)


def iter_blocks(
    path: str, *, span: tuple[int, int] | None = None, block_bytes: int = 32 << 20
) -> Iterator[tuple[int, bytes]]:
    """Blocks of whole lines, each with its offset in the (decompressed) file.

    Args:
        path: A file of lines; .gz and .zst are decompressed.
        span: Bytes [start, end) after decompression: the lines that start in it. None: all. A
            compressed file cannot be entered in the middle, so there start is 0.
        block_bytes: Aim for the size of a block; a longer line makes a larger one.

    Yields:
        Offset of the block's first byte, and its bytes, which end with a line end or the file.

    Raises:
        BrokenFileError: The compressed stream is cut off or damaged; after all that is readable.
        UnreadableFileError: The file may not or cannot be read.
        StorageError: The environment fails.
    """
    with input_errors(path), open_read(path) as file:
        if is_compressed(path):
            yield from _until(_cut(_decompress(file, path), path, block_bytes), span)
        else:
            yield from _read_span(file, path, span or (0, 1 << 62), block_bytes)


def _until(
    blocks: Iterator[tuple[int, bytes]], span: tuple[int, int] | None
) -> Iterator[tuple[int, bytes]]:
    """The blocks up to the end of the span, which lies between two lines."""
    for offset, block in blocks:
        if span and offset + len(block) >= span[1]:
            yield offset, block[: span[1] - offset]
            return
        yield offset, block


def _read_span(
    file: BinaryIO, path: str, span: tuple[int, int], block_bytes: int
) -> Iterator[tuple[int, bytes]]:
    position, end = span
    if position:
        # A line belongs to the span in which it starts, so skip the one that began before.
        file.seek(position - 1)
        position += len(_rest_of_line(file, path, position - 1)) - 1
    while position < end:
        # Look for the line's end before reading, so that no block is copied to append to it.
        size = min(block_bytes, end - position)
        file.seek(position + size - 1)
        rest = _rest_of_line(file, path, position)
        file.seek(position)
        block = file.read(size - 1 + len(rest) if rest else size)
        if not block:
            return
        yield position, block
        position += len(block)


def _rest_of_line(file: BinaryIO, path: str, offset: int) -> bytes:
    rest = file.readline(MAX_LINE_BYTES)
    if len(rest) == MAX_LINE_BYTES:
        raise BrokenFileError(path, offset, "not a file of lines")
    return rest


def _cut(chunks: Iterator[bytes], path: str, block_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Join chunks and cut them at line ends; what is left at an error is given before it."""
    offset, pending, size = 0, list[bytes](), 0
    broken: BrokenFileError | None = None
    while True:
        try:
            chunk = next(chunks, b"")
        except BrokenFileError as error:
            broken, chunk = error, b""
        pending.append(chunk)
        size += len(chunk)
        if size - len(chunk) > MAX_LINE_BYTES:
            raise BrokenFileError(path, offset, "not a file of lines")
        if chunk and (size < block_bytes or b"\n" not in chunk):
            continue
        data = b"".join(pending)
        cut = len(data) if not chunk else data.rfind(b"\n") + 1
        if cut:
            yield offset, data[:cut]
        offset, pending, size = offset + cut, [data[cut:]], len(data) - cut
        if broken:
            raise broken
        if not chunk:
            return


class _Decompressor(Protocol):
    eof: bool
    unused_data: bytes

    def decompress(self, data: bytes, /) -> bytes: ...


def _new_decompressor(path: str) -> Callable[[], Any]:
    if path.endswith(".gz"):
        return lambda: isal_zlib.decompressobj(wbits=31)
    return lambda: zstandard.ZstdDecompressor().decompressobj()


def _decompress(file: BinaryIO, path: str) -> Generator[bytes]:
    """The stream's bytes; members and frames one after the other are one stream."""
    new = _new_decompressor(path)
    decompressor: _Decompressor = new()
    begun, done = False, 0
    while chunk := file.read(_CHUNK_BYTES):
        while chunk:
            if not begun and not chunk.strip(b"\0"):
                break  # zeros may follow the last member, as gzip's own padding
            begun = True
            try:
                data = decompressor.decompress(chunk)
            except _DAMAGED as error:
                raise BrokenFileError(path, done, f"damaged ({error})") from error
            done += len(data)
            if data:
                yield data
            chunk = b""
            if decompressor.eof:
                chunk, decompressor, begun = decompressor.unused_data, new(), False
    if begun:
        raise BrokenFileError(path, done, "cut off")


@contextmanager
def open_compressed(path: str) -> Generator[Any]:
    """Open a file for writing, atomically, compressed as its ending says.

    The same bytes give the same file on the same kind of processor: no time stamp is written.

    Raises:
        StorageError: It cannot be written, as on a full disk.
    """
    with open_atomic(path) as file:
        if path.endswith(".gz"):
            # An eighth of zlib's time at its default level, for files that are a twelfth larger.
            with igzip.IGzipFile(
                filename="", mode="wb", compresslevel=3, fileobj=file, mtime=0
            ) as packed:
                yield packed
        elif path.endswith(".zst"):
            with zstandard.ZstdCompressor(level=3).stream_writer(file, closefd=False) as packed:
                yield packed
        else:
            yield file
