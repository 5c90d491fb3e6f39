"""How many pictures a file holds, without decoding them."""

import struct

from PIL import Image

MAX_FRAMES = 100_000
"""That are counted."""
_MAX_BLOCKS = 2_000_000
"""Of a GIF that are looked at."""


def count_frames(image: Image.Image, data: bytes) -> int:
    """Pictures of an animation, or pages; of a damaged file those up to the damage, at least 1.

    Args:
        image: The picture as Pillow opened it.
        data: Its file.
    """
    if image.format == "GIF":
        return max(1, _of_gif(data))
    if image.format == "TIFF":
        return max(1, _of_tiff(data))
    # Of the others, the header says it.
    return max(1, min(MAX_FRAMES, int(getattr(image, "n_frames", 1))))


def _of_gif(data: bytes) -> int:
    """GIF89a: a header and palette; then extensions (0x21), pictures (0x2C) and the end (0x3B)."""
    if len(data) < 13:
        return 0
    at, frames, blocks = 13 + _palette(data[10]), 0, 0
    while at + 10 < len(data) and frames < MAX_FRAMES:
        if data[at] == 0x21:
            at += 2
        elif data[at] == 0x2C:
            frames += 1
            at += 11 + _palette(data[at + 9])
        else:
            break
        while at < len(data) and data[at] and blocks < _MAX_BLOCKS:
            at += data[at] + 1
            blocks += 1
        at += 1
    return frames


def _palette(flags: int) -> int:
    """Bytes of the palette that flags speak of."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _of_tiff(data: bytes) -> int:
    """TIFF 6: each directory has its entries, and where the next one is; in BigTIFF all is wider."""
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"\x2b\0", b"\0\x2b")
    first, count, wide, entry = (8, "Q", "Q", 20) if big else (4, "H", "I", 12)
    seen: set[int] = set()
    try:
        (at,) = struct.unpack_from(order + wide, data, first)
        while at and at not in seen and len(seen) < MAX_FRAMES:
            (entries,) = struct.unpack_from(order + count, data, at)
            seen.add(at)
            (at,) = struct.unpack_from(
                order + wide, data, at + struct.calcsize(count) + entries * entry
            )
    except (struct.error, OverflowError):
        pass
    return len(seen)
