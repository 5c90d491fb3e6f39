"""Decompress streams in bounded memory, whatever their ratio.

Bytes in, bytes out, a few megabytes at a time; which compression a file has is `formats.py`'s.
"""

import bz2
import lzma
from collections.abc import Callable, Generator, Iterator
from typing import Any, BinaryIO, Literal

import zstandard
from isal import igzip_lib

from curator_engine.errors import DamagedFileError

type Compression = Literal["", "gzip", "zstd", "xz", "bz2"]

_CHUNK_BYTES = 1 << 16
_PIECE_BYTES = 4 << 20
_MAX_WINDOW = 1 << 31
"""Bytes that a stream may look back; the most that zstd and xz write."""
_ZSTD_MAGIC, _ZSTD_SKIPPABLE = b"\x28\xb5\x2f\xfd", b"\x2a\x4d\x18"
_BLOCKS_AT_A_TIME = 32
"""Of zstd, which unpack to at most 128 KiB each."""
_DAMAGED: Any = (igzip_lib.error, zstandard.ZstdError, lzma.LZMAError, OSError)


class BrokenFileError(DamagedFileError):
    """A file is damaged from some point on; the blocks before it were given."""

    def __init__(self, path: str, offset: int, reason: str) -> None:
        super().__init__(f"{path} is {reason} after {offset} bytes.")
        self.path, self.offset, self.reason = path, offset, reason


def decompressed(file: BinaryIO, path: str, compression: Compression) -> Generator[bytes]:
    """The bytes of a compressed file; members and frames one after the other are one stream.

    Args:
        file: The file.
        path: Its name, for errors.
        compression: How it is compressed.

    Raises:
        BrokenFileError: It is cut off or damaged; after all that is readable.
    """
    pieces = _zstd(file) if compression == "zstd" else _members(file, _NEW[compression])
    done = 0
    while True:
        try:
            data = next(pieces, None)
        except EOFError as error:
            raise BrokenFileError(path, done, "cut off") from error
        except _DAMAGED as error:
            # Errors of the operating system have a number, those of bz2 have none.
            if isinstance(error, OSError) and error.errno:
                raise
            raise BrokenFileError(path, done, f"damaged ({error})") from error
        if data is None:
            return
        done += len(data)
        yield data


def _new_gzip() -> Any:
    return igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)


_NEW: dict[str, Callable[[], Any]] = {
    "gzip": _new_gzip,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MAX_WINDOW),
    "bz2": bz2.BZ2Decompressor,
}


def _members(file: BinaryIO, new: Callable[[], Any]) -> Iterator[bytes]:
    """What gzip, xz or bz2 has packed.

    Raises:
        EOFError: It is cut off.
    """
    decompressor, begun = new(), False
    while chunk := file.read(_CHUNK_BYTES):
        while chunk or (begun and not decompressor.needs_input):
            if not begun and not chunk.strip(b"\0"):
                break  # zeros may follow the last member, as padding
            begun = True
            data = decompressor.decompress(chunk, _PIECE_BYTES)
            if data:
                yield data
            chunk = b""
            if decompressor.eof:
                chunk, decompressor, begun = decompressor.unused_data, new(), False
    if begun:
        raise EOFError


def _zstd(file: BinaryIO) -> Iterator[bytes]:
    """What zstd has packed, some blocks at a time: it has no way to ask for less than all of a piece.

    Raises:
        EOFError: It is cut off.
    """
    while head := file.read(4):
        if head[1:] == _ZSTD_SKIPPABLE and head[0] >> 4 == 5:
            left = int.from_bytes(_read(file, 4), "little")
            while left:
                left -= len(_read(file, min(left, _CHUNK_BYTES)))
            continue
        if head != _ZSTD_MAGIC:
            raise zstandard.ZstdError("no zstd frame")
        decompressor = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW).decompressobj()
        for piece in _zstd_pieces(file, head):
            if data := decompressor.decompress(piece):
                yield data
        if not decompressor.eof:
            raise EOFError


def _zstd_pieces(file: BinaryIO, head: bytes) -> Iterator[bytes]:
    """A frame in pieces of some blocks; what there is of one that is cut off.

    RFC 8878: a header; blocks, each with three bytes that say whether it is the last, its kind and
    its size; maybe a checksum.
    """
    descriptor = file.read(1)
    flags = descriptor[0] if descriptor else 0
    single, checksum = flags >> 5 & 1, 4 * (flags >> 2 & 1)
    size_bytes = (single, 2, 4, 8)[flags >> 6]
    parts = [head, descriptor, file.read(1 - single + (0, 1, 2, 4)[flags & 3] + size_bytes)]
    count, last = 0, False
    while not last:
        mark = file.read(3)
        value = int.from_bytes(mark, "little")
        size = 1 if value >> 1 & 3 == 1 else value >> 3
        body = file.read(size)
        parts += [mark, body]
        last = bool(value & 1) or len(mark) < 3 or len(body) < size
        count += 1
        if count % _BLOCKS_AT_A_TIME == 0:
            yield b"".join(parts)
            parts = []
    if rest := b"".join([*parts, file.read(checksum)]):
        yield rest


def _read(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise EOFError
    return data
