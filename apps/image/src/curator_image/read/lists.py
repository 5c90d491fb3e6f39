"""Lists of pictures: JSON lines or CSV with a path in each row, from the list's folder, and a caption."""

import csv
import json
import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from curator_engine.errors import DamagedFileError
from curator_engine.files.formats import compression_of
from curator_engine.files.paths import is_remote
from curator_engine.files.storage import input_errors, open_read
from curator_engine.files.streams import decompressed
from curator_image.read.tar_samples import caption_in

PATH_FIELDS = ("path", "file_name", "image", "image_path", "file", "filename", "url", "URL")
"""Names under which a row has its picture's path or address."""
MAX_LINE_BYTES = 16 << 20

_NO_PATH = re.compile("[\0\ud800-\udfff]")
_WEB = re.compile(r"https?://", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A row of a list."""

    number: int
    """Of the row, from 0."""
    path: str = ""
    """The picture's file; of one on the web its address."""
    caption: str = ""
    fields: dict[str, Any] = field(default_factory=dict[str, Any])
    problem: str = ""


def listed(path: str, *, tally: Counter[str] | None = None) -> Iterator[Listed]:
    """The rows of a list; one that names no picture here has a problem.

    Args:
        path: The list, compressed or not.
        tally: Counts rows without anything in them.

    Raises:
        UnreadableFileError: It cannot be read.
        DamagedFileError: It is cut off, or a line is endless.
    """
    folder = posixpath.dirname(path)
    for number, row in enumerate(list_rows(path)):
        if row == {}:
            (tally if tally is not None else Counter[str]())["empty rows of lists"] += 1
            continue
        yield _row(folder, number, row)


def list_rows(path: str) -> Iterator[dict[str, Any] | None]:
    """The rows of JSON lines or CSV: {} for one without anything in it, None for a line that is no JSON object.

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


def _row(folder: str, number: int, row: dict[str, Any] | None) -> Listed:
    if row is None:
        return Listed(number=number, problem="its line is no JSON object")
    named = [str(row[name]) for name in PATH_FIELDS if isinstance(row.get(name), str) and row[name]]
    facts = {name: value for name, value in row.items() if name}
    if not named:
        return Listed(
            number=number, fields=facts, problem=f"its row has none of {', '.join(PATH_FIELDS)}"
        )
    place = named[0]
    about: dict[str, Any] = {"number": number, "fields": facts, "caption": caption_in(facts)}
    if _NO_PATH.search(place):
        return Listed(problem="its path has characters that no path has", **about)
    if _WEB.match(place):
        problem = f"{place} is on the web; download it first"
        return Listed(path=place, problem=problem, **about)
    if not is_remote(place) and not place.startswith("/"):
        place = posixpath.join(folder, place)
    return Listed(path=place, **about)


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
    try:
        reader = csv.DictReader(texts, delimiter="\t" if tabs else ",", restkey="")
        for row in reader:
            yield {name: value for name, value in row.items() if name and value not in (None, "")}
    except csv.Error as error:
        raise DamagedFileError(f"{path} is no CSV that can be read ({error}).") from error
