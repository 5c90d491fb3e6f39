"""Records of WARC files, as crawls keep what servers answered; packed one by one, so that each can be read alone."""

import gzip
import hashlib
import os
import time
import uuid
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime

from curator_engine.files.storage import open_read

_PIECE_BYTES = 1 << 16


def warc_record(url: str, body: bytes, *, content_type: str, date: str) -> bytes:
    """The record of an answer, packed.

    Its id follows from the address and the body, so the same page gives the same record.

    Args:
        url: Where the answer came from.
        body: What it held.
        content_type: As the server says, with the encoding.
        date: When, as `now` gives it.

    Example:
        >>> file.write(
        ...     warc_record("https://example.org/", page, content_type="text/html", date=now())
        ... )
    """
    clean = "".join(content_type.split("\n")).strip()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {clean}\r\nContent-Length: {len(body)}\r\n\r\n"
    content = head.encode("latin-1", "replace") + body
    mark = uuid.uuid5(uuid.NAMESPACE_URL, f"{url} {hashlib.sha256(body).hexdigest()}")
    lines = (
        "WARC/1.0",
        "WARC-Type: response",
        f"WARC-Target-URI: {''.join(url.split())}",
        f"WARC-Date: {date}",
        f"WARC-Record-ID: <urn:uuid:{mark}>",
        "Content-Type: application/http; msgtype=response",
        f"Content-Length: {len(content)}",
    )
    record = "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n\r\n" + content + b"\r\n\r\n"
    return gzip.compress(record, mtime=0)


def packed_records(path: str) -> Iterator[bytes]:
    """The records of a file, each as it is packed.

    Raises:
        zlib.error: The file is damaged.
        EOFError: It ends within a record.
    """
    with open_read(path) as file:
        data = file.read(_PIECE_BYTES)
        while data:
            packed, unpacking = bytearray(), zlib.decompressobj(zlib.MAX_WBITS | 16)
            while not unpacking.eof:
                if not data:
                    raise EOFError(path)
                unpacking.decompress(data)
                packed += data[: len(data) - len(unpacking.unused_data)]
                data = unpacking.unused_data or file.read(_PIECE_BYTES)
            yield bytes(packed)


def now() -> str:
    """The time, or that of SOURCE_DATE_EPOCH, by which outputs of a run are made to be the same again."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    seconds = int(given) if given.isdecimal() else int(time.time())
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
