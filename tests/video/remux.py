"""Files with odd time stamps: the packets of a drawn video, stamped anew."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from video.media import draw_video

SIZE = (160, 90)
B_FRAMES = {"bf": "3", "b-adapt": "0"}


def restamp(source: Path, target: Path, change: Callable[[Any], Any]) -> Path:
    """Move the packets of the video stream; `change` gives False for one that is left out."""
    import av

    options = {"avoid_negative_ts": "disabled"}
    with av.open(str(source)) as file, av.open(str(target), "w", options=options) as copy:
        stream = copy.add_stream_from_template(file.streams.video[0], opaque=True)
        for packet in file.demux(file.streams.video[0]):
            if packet.dts is not None and change(packet) is not False:
                packet.stream = stream
                copy.mux(packet)
    source.unlink()
    return target


def pts_as_dts(folder: Path, *, frames: int = 96) -> Path:
    """B-frames whose pts are their dts, as of some old tools."""

    def change(packet: Any) -> None:
        packet.dts += round(1 / packet.time_base)
        packet.pts = packet.dts

    return restamp(_drawn(folder, frames), folder / "pts_as_dts.mp4", change)


def edit_list(folder: Path, *, frames: int = 96) -> Path:
    """As `ffmpeg -ss 1.5 -c copy` makes it: from the key frame at 1 s, the first half second hidden."""

    def change(packet: Any) -> bool:
        keep = packet.pts * packet.time_base >= 1
        shift = round(1.5 / packet.time_base)
        packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
        return keep

    return restamp(_drawn(folder, frames), folder / "edit_list.mp4", change)


def untimed(folder: Path, *, frames: int = 96) -> Path:
    """Matroska that begins below zero, whose packets FFmpeg then gives no time at all."""

    def change(packet: Any) -> None:
        shift = round(100 / packet.time_base)
        packet.pts, packet.dts = packet.pts - shift, packet.dts - shift

    return restamp(_drawn(folder, frames), folder / "untimed.mkv", change)


def joined(folder: Path, *, second: float, frames: int = 60) -> Path:
    """Two recordings in one transport stream, of which the second begins at that time."""
    times = [second + i / 24 for i in range(frames)]
    parts = [
        draw_video(folder / f"part{k}.ts", [(k, frames)], size=SIZE, numbered=True, times=each)
        for k, each in enumerate([None, times])
    ]
    path = folder / f"joined_{second:.0f}.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    for part in parts:
        part.unlink()
    return path


def long_last(folder: Path, *, seconds: float = 0.5, frames: int = 48) -> Path:
    """A video whose last frame is shown for a while."""
    drawn = draw_video(
        folder / "drawn.mp4", [(1, frames)], size=SIZE, numbered=True, options={"bf": "0"}
    )

    def change(packet: Any) -> None:
        if packet.pts * packet.time_base * 24 >= frames - 1.5:
            packet.duration = round(seconds / packet.time_base)

    return restamp(drawn, folder / "long_last.mp4", change)


def paused(path: Path, *, seconds: float = 60.0, frames: int = 96) -> Path:
    """A recording in which the middle frame stays for a while."""
    times = [i / 24 + (seconds if i >= frames // 2 else 0) for i in range(frames)]
    return draw_video(path, [(1, frames)], size=SIZE, numbered=True, times=times)


def two_headers(folder: Path, *, frames: int = 48) -> Path:
    """FLV of two recordings whose decoder needs another header from the middle on."""
    kinds = [{"profile": "baseline", "x264-params": "bframes=0"}, {"x264-params": "bframes=0"}]
    parts = [
        draw_video(
            folder / f"part{k}.flv", [(k, frames)], size=SIZE, numbered=True, options=options
        )
        for k, options in enumerate(kinds)
    ]
    first, second = (part.read_bytes() for part in parts)
    tags, at = bytearray(first), 13
    while at < len(second):
        tag = bytearray(second[at : at + int.from_bytes(second[at + 1 : at + 4]) + 15])
        at += len(tag)
        tag[4:7] = (int.from_bytes(tag[4:7]) + round(frames * 1000 / 24)).to_bytes(3)
        if tag[0] == 9:
            tags += tag
    path = folder / "two_headers.flv"
    path.write_bytes(tags)
    for part in parts:
        part.unlink()
    return path


def _drawn(folder: Path, frames: int) -> Path:
    path = folder / "drawn.mp4"
    return draw_video(path, [(1, frames)], size=SIZE, numbered=True, options=B_FRAMES)
