"""Records of WARC files, as Common Crawl publishes web pages: what servers answered, without packages for it."""

import gzip
import logging
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import PurePosixPath
from typing import Any, BinaryIO, cast

from curator_engine.files.paths import use_options
from curator_engine.files.storage import open_read
from curator_text.download.records import DocumentIterator, Record

MAX_RECORD_BYTES = 64 << 20
"""A larger answer is passed over: pages are a thousand times smaller."""
_MAX_LINE_BYTES = 1 << 20
_GZIP = b"\x1f\x8b"
_log = logging.getLogger(__name__)

type Headers = Mapping[str, str]
"""By name, in lower case."""


class CommonCrawlWarcIterator(DocumentIterator):
    """Read the answers in a WARC file, also packed: `url`, `warc_id`, `source_id` and `content`, the body's bytes.

    Args:
        storage_options: Of the file system of URLs.

    Example:
        >>> next(CommonCrawlWarcIterator().iterate("CC-MAIN-0.warc.gz"))["url"]
    """

    def __init__(self, storage_options: dict[str, Any] | None = None) -> None:
        self._storage_options = storage_options or {}

    def iterate(self, file_path: str) -> Iterator[Record]:
        """The answers of servers, one at a time.

        Raises:
            ValueError: The file is no WARC file, or ends within a record.
        """
        path = str(file_path)
        use_options(path, self._storage_options)
        with open_read(path) as raw, closing(_unpacked(raw)) as file:
            for headers, data in _records(file, path):
                if headers.get("warc-type") != "response":
                    continue
                yield {
                    "url": headers.get("warc-target-uri", "").strip("<>"),
                    "warc_id": headers.get("warc-record-id", "")
                    .strip("<>")
                    .removeprefix("urn:uuid:"),
                    "source_id": PurePosixPath(path).name,
                    "content": _body(data),
                }

    def output_columns(self) -> list[str]:
        """The names in a record."""
        return ["url", "warc_id", "source_id", "content"]


def _unpacked(raw: BinaryIO) -> BinaryIO:
    """The file without its packing; records are often packed one by one."""
    start = raw.read(len(_GZIP))
    raw.seek(0)
    return cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if start == _GZIP else raw


def _records(file: BinaryIO, path: str) -> Iterator[tuple[Headers, bytes]]:
    """Headers and content of each record."""
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
            _log.warning("%s: a record of %s bytes is passed over.", path, length)
            _skip(file, int(length), path)
            continue
        data = file.read(int(length))
        if len(data) < int(length):
            raise ValueError(f"{path} ends within a record")
        yield headers, data


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


def _body(data: bytes) -> bytes:
    """What an answer carries: without its head, put together and unpacked as the head says.

    One that cannot be unpacked stays as it is.
    """
    head, gap, body = data.partition(b"\r\n\r\n")
    if not gap or not head.startswith(b"HTTP/"):
        return data
    headers = _headers(iter(head.split(b"\r\n")[1:]))
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _joined(body)
    if headers.get("content-encoding", "").lower() in ("gzip", "x-gzip", "deflate"):
        body = _inflated(body)
    return body


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
