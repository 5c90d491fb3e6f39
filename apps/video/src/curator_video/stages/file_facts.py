"""What NeMo Curator's scripts ask of a video file: its size, rate and codec, by its names."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from curator_engine.errors import InputError
from curator_engine.positional import positional
from curator_video.read.container import UnknownCodecError
from curator_video.read.probe import probe_video


class SoftwareCodecMissingError(RuntimeError):
    """No decoder here knows the codec of a file.

    Args:
        message: What is said.
        codec: Name of the codec, if it is known.
    """

    def __init__(self, message: str, codec: str | None = None) -> None:
        super().__init__(message)
        self.codec = codec


@positional(
    *("height", "width", "fps", "num_frames", "video_codec", "pixel_format", "video_duration"),
    *("audio_codec", "bit_rate_k"),
)
@dataclass(kw_only=True)
class VideoMetadata:
    """Facts of a video."""

    height: int | None = None
    """Pixels, as it is shown."""
    width: int | None = None
    fps: float | None = None
    """Mean frames per second."""
    num_frames: int | None = None
    video_codec: str | None = None
    pixel_format: str | None = None
    video_duration: float | None = None
    """Seconds."""
    audio_codec: str | None = None
    """None without sound."""
    bit_rate_k: int | None = None
    """Kilobits per second of the video stream."""


def extract_video_metadata(video: str | Path | bytes) -> VideoMetadata:
    """The facts of a video; its packets are read, and one frame is decoded.

    Args:
        video: A file's path, or its bytes.

    Raises:
        InputError: The file is not there.
        NotVideoError: It is no video.
        NoFramesError: It holds no picture that can be decoded.
        SoftwareCodecMissingError: It holds one, and no decoder here knows its codec.

    Example:
        extract_video_metadata("a.mp4").fps
    """
    if isinstance(video, bytes):
        with tempfile.TemporaryDirectory(prefix="curator-video-") as folder:
            path = Path(folder) / "video"
            path.write_bytes(video)
            return extract_video_metadata(path)
    if not Path(video).is_file():
        raise InputError(f"{video} does not exist; check the path.")
    try:
        about = probe_video(str(video)).metadata
    except UnknownCodecError as error:
        raise SoftwareCodecMissingError(f"{video} {error}; convert it.") from error
    return VideoMetadata(
        height=about.height,
        width=about.width,
        fps=about.framerate,
        num_frames=about.num_frames,
        video_codec=about.video_codec,
        pixel_format=about.pixel_format,
        video_duration=about.duration,
        audio_codec=about.audio_codec or None,
        bit_rate_k=about.bit_rate_k,
    )
