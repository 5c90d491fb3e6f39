"""Whether the frames of an MP3 file follow each other, without decoding them.

libmpg123, by which soundfile decodes MP3, stops at damage that others pass over, and writes of it to the
terminal, where no caller can stop it. So what is damaged is known before, and goes to FFmpeg.
"""

from functools import cache
from typing import BinaryIO

_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""Samples per second by the number of the version: 1, 2 and 2.5."""
_LAYER_1 = (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448)
_LAYER_2 = (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384)
_LAYER_3 = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_LATER_1 = (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256)
_LATER = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
"""kbit/s by their number from 1; of versions 2 and 2.5, layers 2 and 3 have the same."""
_TAGS = (b"TAG", b"APETAGEX", b"LYRICSBEGIN", b"ID3")
"""What may stand behind the last frame."""
_READ = 1 << 20
_MOST_OFF = 0.01
"""Share by which the length in a file's first frame may be wrong."""


def frames_broken(file: BinaryIO) -> bool:
    """Whether a file of MPEG audio has bytes between its frames that are none, or has lost its end.

    A file that does not begin with such a frame, behind its tags, is not looked at: False.

    Args:
        file: Open for reading, at any place; it is left at its beginning.
    """
    first = _behind_tag(file)
    file.seek(first)
    head = file.read(_READ)
    found = False
    if len(head) >= 4 and frame_size(head[:4]):
        end = _walk(file, first)
        size = file.seek(0, 2)
        file.seek(end)
        left = file.read(16)
        found = (end < size and not left.startswith(_TAGS)) or _is_cut(head[:256], size - first)
    file.seek(0)
    return found


@cache
def frame_size(header: bytes) -> int:
    """Bytes of the frame that begins with these four; 0 if none does, or its size is not said."""
    if header[0] != 0xFF or header[1] < 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    bits, rate = header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or layer == 4 or bits in (0, 15) or rate == 3:
        return 0
    if version == 3:
        table = (_LAYER_1, _LAYER_2, _LAYER_3)[layer - 1]
    else:
        table = _LATER_1 if layer == 1 else _LATER
    per_second, padding = 1000 * table[bits - 1], header[2] >> 1 & 1
    hertz = _RATES[version][rate]
    if layer == 1:
        return 4 * (12 * per_second // hertz + padding)
    samples = 576 if layer == 3 and version != 3 else 1152
    return samples // 8 * per_second // hertz + padding


def _behind_tag(file: BinaryIO) -> int:
    """Where the tag ends with which a file may begin."""
    file.seek(0)
    head = file.read(10)
    if len(head) < 10 or not head.startswith(b"ID3"):
        return 0
    size = 0
    for each in head[6:10]:
        size = size << 7 | each & 0x7F
    return size + (20 if head[5] & 0x10 else 10)


def _walk(file: BinaryIO, at: int) -> int:
    """From frame to frame: the first byte at which none begins. The last may be cut."""
    base, buffer = at, b""
    while True:
        place = at - base
        if place + 4 > len(buffer):
            file.seek(at)
            base, buffer, place = at, file.read(_READ), 0
        size = frame_size(buffer[place : place + 4]) if place + 4 <= len(buffer) else 0
        if not size:
            return at
        at += size


def _is_cut(head: bytes, size: int) -> bool:
    """Whether the first frame of a file says that it is longer, or shorter, than it is."""
    at = max(head.find(b"Xing"), head.find(b"Info"))
    if at < 0 or not head[at + 7] & 2:
        return False
    place = at + (12 if head[at + 7] & 1 else 8)
    promised = int.from_bytes(head[place : place + 4])
    return abs(promised - size) > _MOST_OFF * size
