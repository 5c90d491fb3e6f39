"""Open a video file that nobody vouches for, and choose its video stream.

Reading what is in it is `probe.py`'s (packets) and `decode.py`'s (frames).
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from curator_engine.errors import InputError
from curator_video.read.file_kinds import kind_of

MAX_PIXELS = 1 << 27
"""Of a picture; four times 8K. A header can promise any size, and a decoder believes it."""
MAX_STREAMS = 64
_FIRST_PACKETS = 300
"""Packets that are counted to tell a video from a cover, where a file has several such streams."""
_STILL_SHARE = 0.1
"""Packets of a stream for each of the busiest one, below which it is pictures, not a video."""
_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,live_flv,asf,ogg,mxf,nut,rm,wtv,ivf"
)
"""Play lists and scripts are not among them: they would make us open other files and addresses."""


class VideoError(InputError):
    """A file cannot be used as a video; the message is the reason, in a few words."""


class NotVideoError(VideoError):
    """The file is no video, cannot be read, or is beyond the limits."""


class NoFramesError(VideoError):
    """The file is a media file, but no picture can be got out of it."""


class UnknownCodecError(NoFramesError):
    """No decoder here knows the codec of its video."""


@contextmanager
def open_video(path: str, *, stream: int | None = None) -> Generator[tuple[Any, Any]]:
    """Open a local file with PyAV: the container and its best video stream, or the one asked for.

    Raises:
        NotVideoError: Not a file, not a video, too large a picture, or too many streams.
        NoFramesError: There is no video stream, or no decoder for any.
    """
    from av.error import FFmpegError
    from av.logging import set_level

    # A Python callback for FFmpeg's messages can deadlock with decoder threads.
    set_level(None)
    if not Path(path).is_file():
        raise NotVideoError("is not a file")
    try:
        # An absolute path cannot be taken for a protocol, as a name with a colon can.
        container = _open(str(Path(path).absolute()))
    except (FFmpegError, OSError, ValueError, MemoryError) as error:
        raise NotVideoError(_why_not(path, error)) from error
    with container:
        if len(container.streams) > MAX_STREAMS:
            raise NotVideoError(f"has {len(container.streams)} streams; at most {MAX_STREAMS}")
        chosen: Any = best_stream(container) if stream is None else container.streams[stream]
        check_size(chosen.width, chosen.height)
        chosen.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
        yield container, chosen


def _open(path: str) -> Any:
    import av

    options = {"format_whitelist": _FORMATS, "protocol_whitelist": "file"}
    return av.open(path, container_options=options)


def _why_not(path: str, error: BaseException) -> str:
    """Why a file cannot be opened: what it is, where its bytes say so."""
    try:
        kind = kind_of(path)
    except OSError:
        kind = ""
    return kind or f"is not a video that can be read: {reason_of(error)}"


def best_stream(container: Any) -> Any:
    """The video stream with the largest picture; of equals the default one, then the first.

    A cover or a strip of thumbnails is not taken for a video, whether or not it is marked as one.

    Raises:
        NoFramesError: There is none that can be decoded.
    """
    streams = [each for each in container.streams.video if not is_picture(each)]
    if not streams:
        kinds = ", ".join(sorted({each.type for each in container.streams})) or "nothing"
        raise NoFramesError(f"has no video stream (only {kinds})")
    streams = [each for each in streams if each.codec_context is not None]
    if not streams:
        raise UnknownCodecError("has a video stream of an unknown codec")
    if len(streams) > 1:
        streams = _moving(container, streams)
    return max(streams, key=lambda each: (each.width * each.height, is_default(each), -each.index))


def _moving(container: Any, streams: list[Any]) -> list[Any]:
    """Those of the streams that have as many frames as a video, as the first packets show."""
    from av.error import FFmpegError

    counts = dict.fromkeys((each.index for each in streams), 0)
    try:
        # Opened once more, since not every file can be sought back to its beginning.
        with _open(container.name) as again:
            wanted = [again.streams[each.index] for each in streams]
            for packet in islice(again.demux(*wanted), _FIRST_PACKETS):
                counts[packet.stream_index] += bool(packet.size)
    except (FFmpegError, OSError):
        return streams
    enough = _STILL_SHARE * max(counts.values())
    return [each for each in streams if counts[each.index] >= enough]


def is_picture(stream: Any) -> bool:
    """Whether the stream is a cover or a preview picture."""
    from av.stream import Disposition

    still = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
    return bool(stream.disposition & still)


def is_default(stream: Any) -> bool:
    """Whether the file marks the stream as the one to show."""
    from av.stream import Disposition

    return bool(stream.disposition & Disposition.default)


def check_size(width: int, height: int) -> None:
    """Refuse pictures that are empty or larger than `MAX_PIXELS`.

    Raises:
        NotVideoError: So it is.
    """
    if width < 1 or height < 1:
        raise NotVideoError(f"has pictures of {width}x{height} pixels")
    if width * height > MAX_PIXELS:
        raise NotVideoError(f"has pictures of {width}x{height} pixels; at most {MAX_PIXELS}")


def reason_of(error: BaseException) -> str:
    """What FFmpeg says, without error number and path."""
    return str(getattr(error, "strerror", None) or error or type(error).__name__)


@dataclass(frozen=True, kw_only=True)
class Orientation:
    """What a player does with a stored picture."""

    mirrored: bool
    """Whether left and right are swapped, before it is turned."""
    turn: int
    """Degrees clockwise: 0, 90, 180 or 270."""


UPRIGHT = Orientation(mirrored=False, turn=0)


def orientation_of(frame: Any) -> Orientation:
    """How a decoded frame is to be shown, as its display matrix says."""
    data = frame.side_data.get("DISPLAYMATRIX")
    if data is None:
        return UPRIGHT
    across, down, _, other_across, other_down = np.frombuffer(data, np.int32)[:5].tolist()
    mirrored = across * other_down - down * other_across < 0
    if mirrored:
        across, down = -across, -down
    turn = round(float(np.degrees(np.arctan2(down, across))) / 90) % 4 * 90
    return Orientation(mirrored=mirrored, turn=turn)


def shown_shape(width: int, height: int, *, aspect: float, rotation: int) -> tuple[int, int]:
    """Width and height in square pixels as a player shows a stored picture, at least 1.

    Args:
        width: Of the stored picture, in pixels.
        height: Likewise.
        aspect: Width of a pixel divided by its height.
        rotation: Degrees clockwise.
    """
    wide = (width * aspect, float(height)) if aspect >= 1 else (float(width), height / aspect)
    turned = wide if rotation % 180 == 0 else (wide[1], wide[0])
    return max(1, round(turned[0])), max(1, round(turned[1]))


def pixel_aspect(stream: Any) -> float:
    """Width of a pixel divided by its height; 1 where the file says none or nonsense."""
    ratio = stream.sample_aspect_ratio
    value = float(ratio.numerator) / ratio.denominator if ratio and ratio.denominator else 1.0
    return value if 0.1 < value < 10 else 1.0
