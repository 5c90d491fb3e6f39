"""End an mp4 file for its players before its last packets, which others need and nobody is to see."""

import struct
from pathlib import Path

_HEAD = 1 << 26
"""Bytes in which the index of a clip's file lies, which comes first."""


def show_until(path: str, seconds: float) -> None:
    """Set the length of the first track's edit list.

    Args:
        path: An mp4 file with its index in front and the video as its first track.
        seconds: Of the picture that are shown.

    Raises:
        ValueError: It has no edit list.
    """
    with Path(path).open("r+b") as file:
        head = bytearray(file.read(_HEAD))
        moov = head.find(b"moov")
        movie, track, edits = (head.find(name, moov) for name in (b"mvhd", b"tkhd", b"elst"))
        if min(moov, movie, track, edits) < 0 or edits > head.find(b"mdia", moov):
            raise ValueError("its last frames need one after its end, which cannot be hidden")
        long = head[movie + 4] == 1
        (scale,) = struct.unpack_from(">I", head, movie + (24 if long else 16))
        length = round(seconds * scale)
        (count,) = struct.unpack_from(">I", head, edits + 8)
        wide = head[edits + 4] == 1
        # The last edit is the picture; one before it would be a pause.
        at = edits + 12 + (count - 1) * (20 if wide else 12)
        struct.pack_into(">Q" if wide else ">I", head, at, length)
        wide = head[track + 4] == 1
        struct.pack_into(">Q" if wide else ">I", head, track + (32 if wide else 24), length)
        file.seek(0)
        file.write(head)
