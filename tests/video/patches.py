"""Videos whose bytes are changed, or that are put together of others: what no encoder here makes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

MATRICES = [
    ((1, 0, 0, 1), False, 0),
    ((0, 1, -1, 0), False, 90),
    ((-1, 0, 0, -1), False, 180),
    ((0, -1, 1, 0), False, 270),
    ((-1, 0, 0, 1), True, 0),
    ((1, 0, 0, -1), True, 180),
    ((0, 1, 1, 0), True, 270),
    ((0, -1, -1, 0), True, 90),
]
"""Display matrices, (a, b, c, d): a stored point (x, y) is shown at (a x + c y, b x + d y), down the
page; whether that mirrors, and by how many degrees it then turns clockwise."""
_MATRIX = 44
"""Bytes from the name of the box tkhd to its matrix."""


def patch_matrix(path: Path, matrix: Sequence[int]) -> Path:
    """Write a display matrix into an MP4; returns the path."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + _MATRIX
    a, b, c, d = (value << 16 for value in matrix)
    rows = (a, b, 0, c, d, 0, 0, 0, 1 << 30)
    data[at : at + 36] = b"".join(value.to_bytes(4, signed=True) for value in rows)
    path.write_bytes(data)
    return path


def shown_as(picture: np.ndarray, matrix: Sequence[int]) -> np.ndarray:
    """A stored picture as a player shows it with a display matrix."""
    a, b, c, d = matrix
    height, width = picture.shape[:2]
    rows, columns = np.mgrid[:height, :width]
    across, down = a * columns + c * rows, b * columns + d * rows
    shape = (height, width) if a else (width, height)
    shown = np.zeros((*shape, picture.shape[2]), picture.dtype)
    shown[down - down.min(), across - across.min()] = picture
    return shown


def add_cover(source: Path, target: Path, *, size: tuple[int, int]) -> Path:
    """Write the video of a file with a single picture as another stream, which nothing marks."""
    import av

    with av.open(str(source)) as file, av.open(str(target), "w") as made:
        video = file.streams.video[0]
        copied: Any = made.add_stream_from_template(video)
        cover = made.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = *size, "yuvj420p"
        picture = np.full((size[1], size[0], 3), 128, np.uint8)
        made.mux(cover.encode(av.VideoFrame.from_ndarray(picture).reformat(format="yuvj420p")))
        made.mux(cover.encode(None))
        for packet in file.demux(video):
            if packet.dts is not None:
                packet.stream = copied
                made.mux(packet)
    return target
