"""What a file is: by its ending, and by its first bytes where the ending does not say.

Endings count in any case. Nothing is read beyond the beginning; what is in the file is the readers'.
"""

import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from curator_engine.errors import InputError
from curator_engine.files.lance_datasets import LANCE_ENDING, is_lance
from curator_engine.files.paths import is_remote
from curator_engine.files.storage import open_read
from curator_engine.files.streams import BrokenFileError, Compression, decompressed

LINE_EXTENSIONS = (".jsonl", ".json", ".ndjson", ".jsonlines")
COMPRESSIONS: dict[str, Compression] = {
    ".gz": "gzip",
    ".zst": "zstd",
    ".zstd": "zstd",
    ".xz": "xz",
    ".bz2": "bz2",
}
EXTENSIONS: dict[str, tuple[str, ...]] = {
    "jsonl": tuple(e + c for e in LINE_EXTENSIONS for c in ("", *COMPRESSIONS)),
    "parquet": (".parquet", ".pq"),
}
"""File endings by format, of rows that are read as they stand."""
CONVERTED: dict[str, tuple[str, ...]] = {
    "arrow": (".arrow", ".feather"),
    "lance": (LANCE_ENDING,),
    "csv": tuple(e + c for e in (".csv", ".tsv") for c in ("", *COMPRESSIONS)),
}
"""File endings by format, of rows that are read as if they stood in Parquet or JSON lines."""
_PROSE = (".txt", ".text", ".md", ".markdown", ".rst")
_SOURCES = (
    *(".tex", ".html", ".htm", ".xml", ".css", ".yaml", ".yml", ".toml", ".sql", ".sh"),
    *(".py", ".js", ".jsx", ".tsx", ".java", ".kt", ".scala", ".c", ".h", ".cc", ".cpp", ".hpp"),
    *(".cs", ".go", ".rs", ".rb", ".php", ".pl", ".r", ".jl", ".lua", ".swift", ".hs", ".ml"),
)
PROSE_EXTENSIONS = tuple(e + c for e in _PROSE for c in ("", *COMPRESSIONS))
"""File endings of plain text, a document per file."""
TEXT_EXTENSIONS = (*PROSE_EXTENSIONS, *(e + c for e in _SOURCES for c in ("", *COMPRESSIONS)))
"""The same, and those of source code and the like, which count where they are asked for."""
ROWS = (*EXTENSIONS, *CONVERTED, "text")
"""Formats that a reader gives rows of."""
VIDEO_EXTENSIONS = (
    *(".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts"),
    *(".flv", ".wmv", ".asf", ".ogv", ".3gp", ".mxf"),
)
PICTURE_EXTENSIONS = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".avif", ".gif", ".tif", ".tiff"),
    *(".bmp", ".dib", ".heic", ".heif", ".jp2", ".ppm", ".pgm", ".pnm"),
)
AUDIO_EXTENSIONS = (
    *(
        ".wav",
        ".flac",
        ".mp3",
        ".ogg",
        ".oga",
        ".opus",
        ".m4a",
        ".m4b",
        ".aac",
        ".aif",
        ".aiff",
        ".aifc",
    ),
    *(
        ".wma",
        ".w64",
        ".rf64",
        ".caf",
        ".au",
        ".snd",
        ".amr",
        ".ac3",
        ".mka",
        ".weba",
        ".mp2",
        ".ape",
    ),
    *(".wv", ".tta", ".sph", ".nist", ".voc", ".gsm", ".spx"),
)
TAR_EXTENSIONS = (".tar", ".tgz", *(f".tar{ending}" for ending in COMPRESSIONS))
FORMATS: dict[str, tuple[str, ...]] = {
    **EXTENSIONS,
    **CONVERTED,
    "video": VIDEO_EXTENSIONS,
    "image": (*PICTURE_EXTENSIONS, *TAR_EXTENSIONS),
    "audio": AUDIO_EXTENSIONS,
}
"""File endings of all formats that are known by them; text is what else begins like nothing known."""

_HEAD_BYTES = 4096
_MAGIC: dict[bytes, Compression] = {
    b"\x1f\x8b\x08": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\xfd7zXZ\0": "xz",
    **{b"BZh%d1AY&SY" % level: "bz2" for level in range(1, 10)},
}
_JSON_OBJECT = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{\s*[\"}]")
_JSON_ARRAY = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[\s*\{")
_AN_ARRAY = (
    "is one JSON array, not JSON lines; write an object per line, as by jq -c '.[]' IN > OUT.jsonl."
)
_WIDE = re.compile(rb"\xff\xfe|\xfe\xff|\0\0\xfe\xff|[{\s]\0|\0[{\s]")
_IS_WIDE = (
    "is UTF-16 or UTF-32, not UTF-8; convert it, as by iconv -f UTF-16 -t UTF-8 IN > OUT.jsonl."
)
_IS_BINARY = "is no text: it holds NUL bytes."
_VIDEO = re.compile(
    rb"....ftyp|\x1a\x45\xdf\xa3|RIFF....AVI |FLV\x01|\x30\x26\xb2\x75\x8e\x66\xcf\x11|\0\0\x01\xba"
    rb"|\x06\x0e\x2b\x34\x02\x05\x01\x01|(?:\x47.{187}){3}|(?:....\x47.{187}){3}",
    re.DOTALL,
)


_IMAGE = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|RIFF....WEBP|II\x2a\0|MM\0\x2a|\0\0\0\x0cjP  "
    rb"|BM.{4}\0\0\0\0|....ftyp(?:avi[fs]|he[iv][cxms]|m[is]f1)|P[1-6]\s+\d+\s+\d|.{257}ustar",
    re.DOTALL,
)
"""Pictures, and tars of them."""
_AUDIO = re.compile(
    rb"RIFF....WAVE|RF64....WAVE|riff\x2e\x91\xcf\x11|fLaC|OggS|ID3[\x02-\x04]|FORM....AIF[FC]|caff\x00\x01|\.snd\0\0"
    rb"|#!AMR|NIST_1A|\xff[\xf0-\xf3\xf8-\xfb][^\0\xff]",
    re.DOTALL,
)


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a file's first bytes say."""

    compression: Compression = ""
    format: str = ""
    """jsonl, parquet, arrow, lance, image, audio or video; empty if they do not say."""
    amiss: str = ""
    """What a file of lines is instead, and what to do; empty if nothing speaks against it."""


def ending_of(path: str) -> str:
    """The ending of a file's name in small letters, with that of a compression: ".txt.gz"; "" if none."""
    name = re.split(r"[/\\]", path)[-1].lower()
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem:
        return ""
    inner = stem.rpartition(".")
    if f".{ending}" in COMPRESSIONS and inner[0]:
        return f".{inner[2]}.{ending}"
    return f".{ending}"


def format_by_ending(path: str) -> str:
    """The format that a file's ending names; empty if it names none."""
    lower = path.lower()
    return next((name for name, endings in FORMATS.items() if lower.endswith(endings)), "")


def format_of(path: str) -> str:
    """How a file of rows is read: "parquet", as tables, or "jsonl", as lines.

    Arrow and Lance are read as tables too; CSV and text become lines on the way. A file that neither its ending
    nor its first bytes tell is one of lines, so that a reader looks at it and says what is amiss.

    Raises:
        InputError: The ending does not tell, and the file cannot be looked at.
    """
    return "parquet" if kind_of(path) in ("parquet", "arrow", "lance") else "jsonl"


def kind_of(path: str) -> str:
    """The format of a file of rows, of `ROWS`, by its ending, else by its first bytes.

    Raises:
        InputError: The ending does not tell, and the file cannot be looked at.
    """
    named = format_by_ending(path)
    if named in ROWS:
        return named
    try:
        found = look(path).format
    except OSError:
        known = ", ".join(ending for endings in EXTENSIONS.values() for ending in endings)
        raise InputError(
            f"{path}: the format is not known by its ending; known are {known}. Use --format."
        ) from None
    if found in ROWS:
        return found
    return "text" if is_named_text(path) and not found else "jsonl"


def is_named_text(path: str) -> bool:
    """Whether a file's ending is one of plain text; what is in it may be rows all the same."""
    return path.lower().endswith(TEXT_EXTENSIONS)


def is_stream(path: str) -> bool:
    """Whether lines cannot be read where they lie, as they come of bytes that are unpacked or converted.

    Raises:
        OSError: The file cannot be looked at.
    """
    return bool(compression_of(path)) or kind_of(path) in ("csv", "text")


def compression_by_ending(path: str) -> Compression:
    """The compression that a file's ending names; empty if it names none."""
    ending = path[path.rfind(".") :].lower()
    return COMPRESSIONS.get(ending, "")


def compression_of(path: str) -> Compression:
    """How a file is compressed, by its ending, else by its first bytes, if it is there.

    Raises:
        OSError: It cannot be looked at.
    """
    try:
        return compression_by_ending(path) or look(path).compression
    except FileNotFoundError:
        return ""


def look(path: str) -> Contents:
    """What a file's first bytes say; they are read once as long as the file stays the same.

    Raises:
        OSError: It cannot be read.
    """
    if is_lance(path):
        return Contents(format="lance")
    if is_remote(path):
        return _look(path)
    stat = Path(path).stat()
    return _look(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=1 << 14)
def _look(path: str, *mark: int) -> Contents:
    """`mark` tells the file from an earlier one at that place."""
    del mark
    with open_read(path) as file:
        head = file.read(_HEAD_BYTES)
        compression = compression_by_ending(path) or _compression(head)
        if compression:
            file.seek(0)
            head = _first_piece(file, path, compression)
        known = format_of_bytes(head)
        if path.lower().endswith(CONVERTED["csv"]) or (not known and is_named_text(path)):
            amiss = _amiss_in_text(head)
        else:
            amiss = "" if known else _amiss(head, file, is_plain=not compression)
    return Contents(compression=compression, format=known, amiss=amiss)


def _compression(head: bytes) -> Compression:
    if head[1:4] == b"\x2a\x4d\x18" and head[0] >> 4 == 5:
        return "zstd"
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    return ""


def _first_piece(file: BinaryIO, path: str, compression: Compression) -> bytes:
    try:
        return next(decompressed(file, path, compression), b"")[:_HEAD_BYTES]
    except BrokenFileError:
        return b""


def _amiss(head: bytes, file: BinaryIO, *, is_plain: bool) -> str:
    """Why no line of such a file is a row, if its beginning and its end show that."""
    if _WIDE.match(head) and head[2:18].count(0) >= 6:
        return _IS_WIDE
    if not _JSON_ARRAY.match(head):
        return ""
    first, newline, _ = head.partition(b"\n")
    # A first line that is an array of its own is one bad row among others.
    if newline and first.rstrip().endswith(b"]"):
        return ""
    return _AN_ARRAY if not is_plain or _ends_with(file, b"]") else ""


def _amiss_in_text(head: bytes) -> str:
    """Why a file is no text in UTF-8, if its beginning shows that."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        return _IS_WIDE.replace("OUT.jsonl", "OUT")
    return _IS_BINARY if b"\0" in head else ""


def _ends_with(file: BinaryIO, end: bytes) -> bool:
    """Whether this is the last of the file but white space."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _HEAD_BYTES))
    return file.read().rstrip().endswith(end)


def format_of_bytes(head: bytes) -> str:
    """The format that a file's first bytes tell, decompressed if it is; empty if none."""
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"ARROW1\0\0"):
        return "arrow"
    if _JSON_OBJECT.match(head):
        return "jsonl"
    # Newer pictures are kept in what films are kept in.
    if _IMAGE.match(head):
        return "image"
    if _VIDEO.match(head):
        return "video"
    return "audio" if _AUDIO.match(head) else ""
