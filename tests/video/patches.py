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


def join_sizes(target: Path, *parts: Path) -> Path:
    """Put MPEG-TS files one after the other as one stream whose stamps go on; returns the path."""
    import av

    end = 0
    with av.open(str(target), "w") as made:
        stream: Any = None
        for part in parts:
            with av.open(str(part)) as file:
                video = file.streams.video[0]
                stream = stream or made.add_stream_from_template(video)
                packets = [each for each in file.demux(video) if each.dts is not None]
                stamps = sorted(each.pts or 0 for each in packets)
                shift = end - stamps[0]
                for packet in packets:
                    packet.pts, packet.dts = (packet.pts or 0) + shift, (packet.dts or 0) + shift
                    packet.stream = stream
                    made.mux(packet)
                end = stamps[-1] + shift + stamps[1] - stamps[0]
    return target


def weave(pictures: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Interlaced pictures, each with the even rows of one and the odd rows of the next."""
    return [_woven(a, b) for a, b in zip(pictures[::2], pictures[1::2], strict=False)]


def telecine(pictures: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Five pictures of each four, two of them woven: a film on television of thirty pictures."""
    made: list[np.ndarray] = []
    for k in range(0, len(pictures) - 3, 4):
        a, b, c, d = pictures[k : k + 4]
        made += [a, b, _woven(b, c), _woven(c, d), d]
    return made


def _woven(even: np.ndarray, odd: np.ndarray) -> np.ndarray:
    picture = even.copy()
    picture[1::2] = odd[1::2]
    return picture


def write_pictures(path: Path, pictures: Sequence[np.ndarray], *, fps: int = 25) -> Path:
    """Write pictures as H.264, without a word on how they were taken; returns the path."""
    import av

    height, width = pictures[0].shape[:2]
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"threads": "1", "crf": "12", "preset": "ultrafast"}
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            file.mux(stream.encode(frame.reformat(format="yuv420p")))
        file.mux(stream.encode(None))
    return path


def overwrite_packet(path: Path, number: int, *, whole: bool = False) -> Path:
    """Damage the video packet of this number: its middle third, or all of it; returns the path."""
    import av

    with av.open(str(path)) as file:
        packets = [each for each in file.demux(file.streams.video[0]) if each.size]
    old = bytes(packets[number])
    data = path.read_bytes()
    at = data.index(old)
    start, end = (0, len(old)) if whole else (len(old) // 3, len(old) * 2 // 3)
    noise = np.random.default_rng(0).integers(1, 255, end - start, dtype=np.uint8).tobytes()
    path.write_bytes(data[: at + start] + noise + data[at + end :])
    return path
