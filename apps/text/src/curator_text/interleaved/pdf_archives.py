"""The bytes of PDF files out of what collections of them are published as: zips of Common Crawl, JSON lines, folders.

Names come from lists of others: none of them leads out of the folder that is given.
"""

import base64
import binascii
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

from curator_engine.errors import CuratorError
from curator_engine.files.paths import is_remote, join
from curator_engine.files.storage import input_errors, open_read

MAX_PDF_BYTES = 512 << 20
_MAX_LINE_BYTES = 4 * MAX_PDF_BYTES // 3 + (1 << 20)
"""Of a line with a PDF file in base64."""
_NUMBERED = re.compile(r"(\d+)\.pdf")
_PER_ZIP, _PER_FOLDER = 1000, 1000


def resolve_cc_pdf_zip_path(file_name: str, zip_base_dir: str) -> tuple[str, str]:
    """The zip that a file of CC-MAIN-2021-31-PDF-UNTRUNCATED is in, and its name there.

    Raises:
        ValueError: The name is not a number and `.pdf`.

    Example:
        >>> resolve_cc_pdf_zip_path("1234567.pdf", "zips")
        ('zips/1000-1999/1234.zip', '1234567.pdf')
    """
    match = _NUMBERED.fullmatch(file_name)
    if not match:
        raise ValueError(f"{file_name!r} is not a number and .pdf")
    number = int(match[1]) // _PER_ZIP
    first = number // _PER_FOLDER * _PER_FOLDER
    folder = f"{first:04d}-{first + _PER_FOLDER - 1:04d}"
    return join(zip_base_dir, folder, f"{number:04d}.zip"), file_name


def extract_pdf_from_zip(file_name: str, zip_base_dir: str) -> bytes | None:
    """A PDF file of Common Crawl's zips; None if it is not there, damaged, or larger than 512 MiB."""
    try:
        path, member = resolve_cc_pdf_zip_path(file_name, zip_base_dir)
        with (
            input_errors(path),
            open_read(path) as raw,
            zipfile.ZipFile(raw) as archive,
            archive.open(member) as file,
        ):
            # What the head says of its size is what others wrote.
            data = file.read(MAX_PDF_BYTES + 1)
    except (CuratorError, OSError, ValueError, KeyError, RuntimeError, EOFError, zlib.error):
        return None
    except (zipfile.BadZipFile, NotImplementedError):
        return None
    return data if len(data) <= MAX_PDF_BYTES else None


def extract_pdf_from_jsonl(
    jsonl_file: str, line_idx: int | None = None, byte_offset: int | None = None
) -> bytes | None:
    """A PDF file in the field `content`, in base64, of a line; None if there is none.

    Args:
        jsonl_file: The file.
        line_idx: Which line, from 0; all before it are read.
        byte_offset: Where the line begins; it wins.
    """
    try:
        with input_errors(jsonl_file), open_read(jsonl_file) as file:
            if byte_offset is not None:
                file.seek(byte_offset)
            elif line_idx is None or line_idx < 0:
                return None
            for _ in range(0 if byte_offset is not None else line_idx or 0):
                if not file.readline(_MAX_LINE_BYTES):
                    return None
            return _pdf_in(file.readline(_MAX_LINE_BYTES))
    except (CuratorError, OSError, ValueError):
        return None


def extract_pdfs_from_jsonl_batch(
    jsonl_file: str, offsets: Iterable[int]
) -> dict[int, bytes | None]:
    """The PDF files of the lines that begin at some offsets, by these, in one go through the file."""
    found = dict.fromkeys(sorted(offsets))
    try:
        with input_errors(jsonl_file), open_read(jsonl_file) as file:
            for offset in found:
                try:
                    file.seek(offset)
                    found[offset] = _pdf_in(file.readline(_MAX_LINE_BYTES))
                except (ValueError, OSError):
                    continue
    except (CuratorError, OSError):
        pass
    return found


def _pdf_in(line: bytes) -> bytes | None:
    """The PDF file in a line; None if there is none."""
    try:
        row = json.loads(line)
        return base64.b64decode(row["content"]) if isinstance(row, dict) else None
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
        return None


def inside(folder: str, name: str) -> str:
    """The path of a file in a folder.

    Raises:
        ValueError: The name leads out of it.
    """
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or "\0" in name or "://" in name:
        raise ValueError(f"{name!r} leads out of {folder}")
    path = join(folder, name)
    if not is_remote(folder):
        root, place = (os.path.realpath(each) for each in (folder, path))
        if Path(root) not in Path(place).parents:
            raise ValueError(f"{name!r} leads out of {folder}")
    return path
