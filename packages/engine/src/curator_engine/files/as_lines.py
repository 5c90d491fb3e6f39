"""Give files of other formats as JSON lines: bytes in, bytes out, as a decompressor does.

So all that reads lines reads these, and a row's place is the place of its line in what comes out. CSV is
`csv_rows.py`'s. What is no row stands there as a line of its own, so that it is counted and named.
"""

import base64
import re
from collections.abc import Iterator
from json.encoder import encode_basestring

_MARK = b"\0no row:"
"""No line of JSON begins so."""
_BOM = b"\xef\xbb\xbf"
_MOST_AT_ONCE = 64 << 20
"""Bytes of a text that is looked at as a whole, to say what is amiss in it."""
_ESCAPED = {byte: f"\\u{byte:04x}".encode() for byte in range(1, 32) if byte not in b"\n\r\t"} | {
    ord("\n"): b"\\n",
    ord("\r"): b"\\r",
    ord("\t"): b"\\t",
}


def bad_row(reason: str, raw: bytes) -> bytes:
    """The line that stands for what is no row.

    Args:
        reason: Why; one line.
        raw: What stood in the file; of very much, nothing is kept.
    """
    raw = raw if len(raw) <= _MOST_AT_ONCE else b""
    return _MARK + reason.encode() + b"\0" + base64.b64encode(raw) + b"\n"


def bad_row_of(line: bytes) -> tuple[str, bytes] | None:
    """Reason and bytes of a line that `bad_row` has made; None of any other."""
    if not line.startswith(_MARK):
        return None
    reason, _, raw = line.removeprefix(_MARK).partition(b"\0")
    try:
        return reason.decode(), base64.b64decode(raw)
    except ValueError:
        return None


def text_as_line(chunks: Iterator[bytes], path: str) -> Iterator[bytes]:
    """A file of plain text as one line: an object with its `path` and its `text`.

    Args:
        chunks: The bytes of the file, unpacked.
        path: What it is called in the line.
    """
    data = b""
    for chunk in chunks:
        data += chunk
        if len(data) > _MOST_AT_ONCE:
            yield from _long_line(data, chunks, path)
            return
    try:
        text = data.removeprefix(_BOM).decode()
    except UnicodeDecodeError as error:
        yield bad_row(f"not valid UTF-8 at byte {error.start} of the file", data)
        return
    if "\0" in text:
        yield bad_row(f"a NUL byte at byte {data.index(0)} of the file, which is no text", data)
        return
    yield f'{{"path": {_name(path)}, "text": {encode_basestring(text)}}}\n'.encode()


def _long_line(first: bytes, chunks: Iterator[bytes], path: str) -> Iterator[bytes]:
    """The same piece by piece; bytes that are no text stay in the line, which then is no row."""
    yield f'{{"path": {_name(path)}, "text": "'.encode()
    yield _escaped(first.removeprefix(_BOM))
    for chunk in chunks:
        yield _escaped(chunk)
    yield b'"}\n'


def _escaped(data: bytes) -> bytes:
    data = data.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    for byte, text in _ESCAPED.items():
        data = data.replace(bytes((byte,)), text)
    return data


def _name(path: str) -> str:
    # An address may hold a password or a signature.
    shown = re.sub(r"//[^/@]*@", "//", path.partition("?")[0]) if "://" in path else path
    return encode_basestring(shown.encode("utf-8", "replace").decode())
