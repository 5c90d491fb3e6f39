"""The bytes of pictures that a row only refers to: in a tar, in a part of a file, or a file of their own."""

import json
from collections.abc import Iterable
from typing import Any

from curator_engine.errors import CuratorError
from curator_engine.files.storage import open_read
from curator_engine.files.tar_members import MAX_MEMBER_BYTES, tar_members

_STARTS = (
    b"\xff\xd8\xff",
    b"\x89PNG",
    b"GIF8",
    b"RIFF",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"\0\0\0\x0cjP",
)
"""Of JPEG, PNG, GIF, WebP, BMP, TIFF and JPEG 2000."""

type Given = tuple[bytes | None, str]
"""The bytes of a picture, or why there are none."""


def bytes_of_rows(rows: Iterable[dict[str, Any]]) -> list[Given]:
    """The bytes of each row's picture: its own, or those that `source_ref` refers to.

    What is no picture is not given: a table of others could refer to any file of yours.
    """
    tars = dict[str, dict[str, bytes]]()
    return [_of_row(row, tars) for row in rows]


def _of_row(row: dict[str, Any], tars: dict[str, dict[str, bytes]]) -> Given:
    data = row.get("binary_content")
    if data is not None:
        return data, ""
    try:
        ref = json.loads(row.get("source_ref") or "{}")
        if not isinstance(ref, dict) or not isinstance(ref.get("path"), str):
            return None, "picture is only named"
        data = _read(ref, tars)
    except (CuratorError, OSError, ValueError, TypeError, KeyError) as error:
        return None, " ".join(str(error).split()) or type(error).__name__
    if not data.startswith(_STARTS) and data[4:8] != b"ftyp":
        return None, "it is no picture"
    return data, ""


def _read(ref: dict[str, Any], tars: dict[str, dict[str, bytes]]) -> bytes:
    path, member = ref["path"], ref.get("member")
    start, size = ref.get("byte_offset"), ref.get("byte_size")
    if isinstance(start, int) and isinstance(size, int):
        with open_read(path) as file:
            file.seek(max(0, start))
            return file.read(min(size, MAX_MEMBER_BYTES))
    if isinstance(member, str) and member:
        if path not in tars:
            tars.clear()
            tars[path] = {each.name: each.data for each in tar_members(path)}
        return tars[path][member]
    with open_read(path) as file:
        return file.read(MAX_MEMBER_BYTES)
