"""Records of WARC files, as crawls keep web pages in them, and what servers answered; without packages for it."""

import gzip
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import BinaryIO, cast

from curator_engine.files.storage import open_read

MAX_RECORD_BYTES = 64 << 20
"""A larger record is passed over: pages are a thousand times smaller."""
_MAX_LINE_BYTES = 1 << 20
_GZIP = b"\x1f\x8b"

type Headers = Mapping[str, str]
"""By name, in lower case."""


@dataclass(frozen=True, kw_only=True)
class WarcRecord:
    """A record."""

    headers: Headers
    data: bytes | None = field(repr=False)
    """What it holds; None if it is too large."""

    @property
    def kind(self) -> str:
        """response, request, conversion, ..."""
        return self.headers.get("warc-type", "")

    @property
    def url(self) -> str:
        """Of what it holds."""
        return self.headers.get("warc-target-uri", "").strip("<>")

    @property
    def id(self) -> str:
        """Its UUID."""
        return self.headers.get("warc-record-id", "").strip("<>").removeprefix("urn:uuid:")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a server answered."""

    status: int
    """0 if what was recorded is no answer of HTTP."""
    content_type: str
    body: bytes = field(repr=False)


def warc_records(path: str) -> Iterator[WarcRecord]:
    """The records of a file, also packed, one at a time.

    Raises:
        ValueError: It is no WARC file, or ends within a record.
        OSError: It cannot be read, or is damaged.
        EOFError: It is cut off.

    Example:
        >>> next(warc_records("CC-MAIN-0.warc.gz")).kind
        'warcinfo'
    """
    with open_read(path) as raw:
        yield from records_in(raw, path)


def records_in(raw: BinaryIO, path: str) -> Iterator[WarcRecord]:
    """The records of an open file; `path` is what it is called in messages.

    Raises:
        ValueError: It is no WARC file, or ends within a record.
    """
    with closing(_unpacked(raw)) as file:
        yield from _records(file, path)


def answer_of(data: bytes) -> Answer:
    """An answer without its head, put together and unpacked as the head says.

    What cannot be unpacked stays as it is.
    """
    head, gap, body = data.partition(b"\r\n\r\n")
    if not gap or not head.startswith(b"HTTP/"):
        return Answer(status=0, content_type="", body=data)
    first, *lines = head.split(b"\r\n")
    headers = _headers(iter(lines))
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _joined(body)
    if headers.get("content-encoding", "").lower() in ("gzip", "x-gzip", "deflate"):
        body = _inflated(body)
    status = first.split(b" ")[1:2]
    code = int(status[0]) if status and status[0].isdigit() else 0
    return Answer(status=code, content_type=headers.get("content-type", ""), body=body)


def _unpacked(raw: BinaryIO) -> BinaryIO:
    """The file without its packing; records are often packed one by one."""
    start = raw.read(len(_GZIP))
    raw.seek(0)
    return cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if start == _GZIP else raw


def _records(file: BinaryIO, path: str) -> Iterator[WarcRecord]:
    while line := file.readline(_MAX_LINE_BYTES):
        if not line.strip():
            continue
        if not line.startswith(b"WARC/"):
            raise ValueError(f"{path}: no WARC record where one should begin")
        headers = _headers(iter(lambda: file.readline(_MAX_LINE_BYTES), b""))
        length = headers.get("content-length", "")
        if not length.isdecimal():
            raise ValueError(f"{path}: a record does not say its length")
        if int(length) > MAX_RECORD_BYTES:
            _skip(file, int(length), path)
            yield WarcRecord(headers=headers, data=None)
            continue
        data = file.read(int(length))
        if len(data) < int(length):
            raise ValueError(f"{path} ends within a record")
        yield WarcRecord(headers=headers, data=data)


def _skip(file: BinaryIO, length: int, path: str) -> None:
    while length:
        some = len(file.read(min(length, _MAX_LINE_BYTES)))
        if not some:
            raise ValueError(f"{path} ends within a record")
        length -= some


def _headers(lines: Iterator[bytes]) -> Headers:
    """The headers up to the first blank line; a line that goes on belongs to the one before."""
    found: dict[str, str] = {}
    name = ""
    for line in lines:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if not text:
            break
        if text[0] in " \t" and name:
            found[name] = f"{found[name]} {text.strip()}".strip()
            continue
        name, _, value = text.partition(":")
        name = name.strip().lower()
        found[name] = value.strip()
    return found


def _joined(body: bytes) -> bytes:
    """Chunks put together; what is not in chunks stays as it is."""
    parts, at = list[bytes](), 0
    while True:
        end = body.find(b"\r\n", at)
        size = body[at:end].partition(b";")[0].strip() if end >= 0 else b""
        try:
            length = int(size, 16)
        except ValueError:
            return b"".join(parts) or body
        if length <= 0:
            return b"".join(parts)
        parts.append(body[end + 2 : end + 2 + length])
        at = end + 2 + length + 2


def _inflated(body: bytes) -> bytes:
    """Unpacked, up to the size of a record; what is not packed stays as it is."""
    for width in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
        try:
            return zlib.decompressobj(width).decompress(body, MAX_RECORD_BYTES)
        except zlib.error:
            continue
    return body
