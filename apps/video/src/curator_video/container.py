"""Open a video file that nobody vouches for, and choose its video stream.

Reading what is in it is `probe.py`'s (packets) and `decode.py`'s (frames).
"""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from curator_engine.errors import InputError

MAX_PIXELS = 1 << 27
"""Of a picture; four times 8K. A header can promise any size, and a decoder believes it."""
MAX_STREAMS = 64
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


@contextmanager
def open_video(path: str, *, stream: int | None = None) -> Generator[tuple[Any, Any]]:
    """Open a local file with PyAV: the container and its best video stream, or the one asked for.

    Raises:
        NotVideoError: Not a file, not a video, too large a picture, or too many streams.
        NoFramesError: There is no video stream, or no decoder for any.
    """
    import av
    from av.error import FFmpegError
    from av.logging import set_level

    # A Python callback for FFmpeg's messages can deadlock with decoder threads.
    set_level(None)
    if not Path(path).is_file():
        raise NotVideoError("is not a file")
    try:
        # An absolute path cannot be taken for a protocol, as a name with a colon can.
        container = av.open(
            str(Path(path).absolute()),
            container_options={"format_whitelist": _FORMATS, "protocol_whitelist": "file"},
        )
    except (FFmpegError, OSError, ValueError, MemoryError) as error:
        raise NotVideoError(f"is not a video that can be read: {reason_of(error)}") from error
    with container:
        if len(container.streams) > MAX_STREAMS:
            raise NotVideoError(f"has {len(container.streams)} streams; at most {MAX_STREAMS}")
        chosen: Any = best_stream(container) if stream is None else container.streams[stream]
        check_size(chosen.width, chosen.height)
        chosen.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
        yield container, chosen


def best_stream(container: Any) -> Any:
    """The video stream with the largest picture; of equals the default one, then the first.

    Raises:
        NoFramesError: There is none that can be decoded.
    """
    streams = [each for each in container.streams.video if not is_picture(each)]
    if not streams:
        kinds = ", ".join(sorted({each.type for each in container.streams})) or "nothing"
        raise NoFramesError(f"has no video stream (only {kinds})")
    streams = [each for each in streams if each.codec_context is not None]
    if not streams:
        raise NoFramesError("has a video stream of an unknown codec")
    return max(streams, key=lambda each: (each.width * each.height, is_default(each), -each.index))


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


def clockwise(degrees: int) -> int:
    """A frame's rotation as PyAV gives it, counter-clockwise, as 0, 90, 180 or 270 clockwise."""
    return round(-degrees / 90) % 4 * 90


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
