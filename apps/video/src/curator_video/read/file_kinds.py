"""What a file is that cannot be opened as a video, as far as its bytes say."""

from pathlib import Path
from typing import BinaryIO

_HEAD = 4096
_BOXES = (b"ftyp", b"mdat", b"free", b"skip", b"wide", b"moof", b"styp", b"pnot", b"uuid")
"""What MP4 and QuickTime files begin with; a whole one has its index, moov, before or after."""
_MAX_BOXES = 10_000


def kind_of(path: str) -> str:
    """What the file is, in words that follow "it"; empty if that is not known.

    Raises:
        OSError: It cannot be read.
    """
    size = Path(path).stat().st_size
    if not size:
        return "is empty"
    with Path(path).open("rb") as file:
        head = file.read(_HEAD)
        text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
        if text.startswith((b"<!doctype html", b"<html")):
            return "is a web page (HTML), not a video"
        if text.startswith(b"version https://git-lfs"):
            return "is a pointer of Git LFS, not the video; fetch it with git lfs pull"
        if not any(head) and not _has_data(file, size):
            return "holds nothing but zeros"
        if head[4:8] in _BOXES and not _has_index(file, size):
            return "has no index (no moov box): it is cut off, or was never finished"
    return ""


def _has_data(file: BinaryIO, size: int) -> bool:
    """Whether anything but zeros is in the middle or at the end."""
    for place in (size // 2, max(0, size - _HEAD)):
        file.seek(place)
        if any(file.read(_HEAD)):
            return True
    return False


def _has_index(file: BinaryIO, size: int) -> bool:
    """Whether a box moov is at the top of the file."""
    at = 0
    for _ in range(_MAX_BOXES):
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return False
        if head[4:8] == b"moov":
            return True
        length = int.from_bytes(head[:4])
        if length == 1 and len(head) == 16:
            length = int.from_bytes(head[8:])
        if length < 8 or at + length >= size:
            return False
        at += length
    return False
