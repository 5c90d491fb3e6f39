"""The rows of a list that names files: JSON lines or CSV, in bounded memory; what they mean is the app's."""

import csv
import json
import posixpath
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from curator_engine.errors import DamagedFileError
from curator_engine.files.formats import compression_of
from curator_engine.files.paths import is_remote
from curator_engine.files.storage import input_errors, open_read
from curator_engine.files.streams import decompressed

MAX_LINE_BYTES = 16 << 20

_NO_PATH = re.compile("[\0\ud800-\udfff]")
_WEB = re.compile(r"https?://", re.IGNORECASE)


def list_rows(path: str) -> Iterator[dict[str, Any] | None]:
    """The rows as dicts: empty for an empty line, None for one that is no JSON object.

    Args:
        path: The list, compressed or not; CSV and TSV by their endings, else JSON lines.

    Raises:
        UnreadableFileError: It cannot be read.
        DamagedFileError: It is cut off, or a line is endless.
    """
    with input_errors(path), open_read(path) as file:
        yield from _csv(file, path) if is_csv(path) else _json(file, path)


def text_lines(path: str) -> Iterator[str]:
    """The lines of a text, without white space around them; bytes that are no UTF-8 are replaced.

    Raises:
        UnreadableFileError: It cannot be read.
        DamagedFileError: It is cut off, or a line is endless.
    """
    with input_errors(path), open_read(path) as file:
        for line in _lines(file, path):
            yield line.decode("utf-8-sig", "replace").strip()


def listed_place(folder: str, place: str) -> tuple[str, str]:
    """Where a file lies that a row names, and why it cannot be read, if that is known already.

    Args:
        folder: Of the list, from which paths count.
        place: As the row has it.
    """
    if _NO_PATH.search(place):
        return "", "its path has characters that no path has"
    if _WEB.match(place):
        return place, f"{place} is on the web; download it first"
    if not is_remote(place) and not place.startswith("/"):
        place = posixpath.join(folder, place)
    return place, ""


def is_csv(path: str) -> bool:
    """Whether a file is CSV, or has tabs instead of commas, as its ending says."""
    return bool(re.search(r"\.[ct]sv(\.\w+)?$", path.lower()))


def _lines(file: BinaryIO, path: str) -> Iterator[bytes]:
    """Its lines, in bounded memory.

    Raises:
        DamagedFileError: A line is endless.
    """
    if compression := compression_of(path):
        pieces = decompressed(file, path, compression)
    else:
        pieces = iter(lambda: file.read(1 << 20), b"")
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines
        if len(rest) > MAX_LINE_BYTES:
            raise DamagedFileError(f"{path} has a line of more than {MAX_LINE_BYTES:,} bytes.")
    if rest:
        yield rest


def _json(file: BinaryIO, path: str) -> Iterator[dict[str, Any] | None]:
    for line in _lines(file, path):
        if not line.strip():
            yield {}
            continue
        try:
            row = json.loads(line.decode("utf-8-sig", "replace"))
        except (ValueError, RecursionError):
            row = None
        yield row if isinstance(row, dict) and row else None


def _csv(file: BinaryIO, path: str) -> Iterator[dict[str, Any]]:
    texts = (line.decode("utf-8-sig", "replace") + "\n" for line in _lines(file, path))
    tabs = re.search(r"\.tsv(\.\w+)?$", path.lower())
    # Of the whole process; a caption may be longer than its 131,072 characters.
    csv.field_size_limit(MAX_LINE_BYTES)
    try:
        reader = csv.DictReader(texts, delimiter="\t" if tabs else ",", restkey="")
        for row in reader:
            yield {name: value for name, value in row.items() if name and value not in (None, "")}
    except csv.Error as error:
        raise DamagedFileError(f"{path} is no CSV that can be read ({error}).") from error
