"""Tasks of the video app: a video, its clips, and where they lie in the file.

Tasks carry paths, spans and numbers, never a file's bytes or frames; frames small enough to look at
are in the video's track (`track.py`), which is on disk. Times are seconds from the first frame.
"""

from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5

import numpy as np
from numpy.typing import NDArray

from curator_engine.files.paths import utf8_name
from curator_engine.items.item import Item
from curator_engine.task import Task

type Stamps = Literal["pts", "dts", "rate"]
"""What says when a frame is shown; `rate` is the number of the frame and the frame rate."""


@dataclass(frozen=True, kw_only=True)
class VideoMetadata:
    """What a file says of its best video stream, as it is shown: after rotation."""

    size: int = 0
    """Bytes of the file."""
    width: int = 0
    height: int = 0
    framerate: float = 0.0
    """Mean frames per second."""
    num_frames: int = 0
    """As the container says; 0 where it does not. A track has the true number."""
    duration: float = 0.0
    """Seconds."""
    start_time: float = 0.0
    """Time stamp of the first frame in the file, in seconds."""
    video_codec: str = ""
    pixel_format: str = ""
    audio_codec: str = ""
    """Of the track that is taken; empty if there is no sound."""
    audio_stream: int = -1
    """Number of that track's stream in the file; -1 without sound."""
    audio_is_steady: bool = True
    """Whether it keeps its rate and channels, and its time stamps rise; see `sound.py`."""
    stamps: Stamps = "pts"
    """Which time stamps are believed: those of showing unless they are wrong."""
    headless: int = 0
    """Frames before the first key frame, which cannot be decoded; `num_frames` is without them."""
    bit_rate_k: int = 0
    """Kilobits per second of the video stream."""
    rotation: int = 0
    """Degrees clockwise by which a decoded frame is turned to be shown: 0, 90, 180 or 270."""
    mirrored: bool = False
    """Whether left and right of a decoded frame are swapped, before it is turned."""
    pixel_aspect: float = 1.0
    """Width of a pixel divided by its height, as it is shown."""
    hdr: str = ""
    """The curve of high dynamic range, pq or hlg; empty for a common one."""
    stream: int = 0
    """Number of the stream in the file."""
    container: str = ""

    @property
    def is_10_bit_color(self) -> bool:
        """Whether a sample has ten bits."""
        return "10le" in self.pixel_format or "10be" in self.pixel_format


@dataclass(kw_only=True)
class Window:
    """A span of a clip that is described by itself; frames are numbers within the clip, [start, end)."""

    start_frame: int
    end_frame: int
    prompt: str = ""
    """What is asked about it, instead of what the stage asks about all."""
    fps: float = 0.0
    """Pictures of a second that a model is shown; 0 for as many as the stage says."""
    caption: dict[str, str] = field(default_factory=dict[str, str])
    """By the model's name."""
    enhanced_caption: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(kw_only=True)
class Clip(Item):
    """A part of a video; a dropped one stays in its task and is written to `filtered_clips/`."""

    source_video: str
    span: tuple[float, float]
    """Seconds [start, end) from the first frame of the video."""
    frames: tuple[int, int]
    """Numbers [start, end) of its frames in the video, in the order in which they are shown."""
    encoded: "Encoded | None" = None
    preview: str = ""
    """Path of the preview, from the output folder."""
    embeddings: dict[str, NDArray[np.float32]] = field(
        default_factory=dict[str, NDArray[np.float32]]
    )
    """By the model's name; shape (dimensions,), of length 1."""
    windows: list[Window] = field(default_factory=list[Window])
    damaged_frames: int = 0
    """Frames that the decoder says are damaged, or made up from others."""
    missing_frames: int = 0
    """Frames that the file has within the clip, but that could not be decoded."""
    transcript: dict[str, Any] = field(default_factory=dict[str, Any])
    """What the audio app heard: text, language, segments."""

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.span[1] - self.span[0]


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """A clip's file."""

    path: str
    """Where it lies until the writer moves it, then its path from the output folder."""
    width: int
    height: int
    framerate: float
    num_frames: int
    video_codec: str
    audio_codec: str
    num_bytes: int
    start: float
    """Seconds from the video's first frame at which it really starts: earlier where key frames bind."""


@dataclass(kw_only=True)
class ClipStats:
    """How many clips of a video came how far; durations are in seconds."""

    num_filtered_by_motion: int = 0
    num_filtered_by_aesthetic: int = 0
    num_passed: int = 0
    num_transcoded: int = 0
    num_with_embeddings: int = 0
    num_with_caption: int = 0
    num_with_webp: int = 0
    total_clip_duration: float = 0.0
    max_clip_duration: float = 0.0

    def combine(self, other: "ClipStats") -> None:
        """Add those of further clips."""
        longest = max(self.max_clip_duration, other.max_clip_duration)
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)
        self.max_clip_duration = longest


@dataclass(kw_only=True)
class Video:
    """A video file, and what is known about it so far."""

    path: str
    local_path: str = ""
    """Of the copy on this machine, where the video is a remote one; see `read.local_file`."""
    relative_path: str = ""
    """Below the input folder; the name of the file for a single one."""
    stamp: str = ""
    """Changes with the file."""
    metadata: VideoMetadata = field(default_factory=VideoMetadata)
    track: str = ""
    """Folder of the track; empty until the video has been decoded."""
    num_frames: int = 0
    """Counted while decoding."""
    clips: list[Clip] = field(default_factory=list[Clip])
    clip_chunk_index: int = 0
    num_clip_chunks: int = 1
    num_total_clips: int = 0
    undecodable: int = 0
    """Frames that the file promises and that could not be decoded."""
    left_out: dict[str, float] = field(default_factory=dict[str, float])
    """Seconds that lie in no clip, by reason; see `frame_account.py`."""
    left_out_frames: dict[str, int] = field(default_factory=dict[str, int])
    """Frames that lie in no clip, by reason."""
    frames_in_clips: int = 0
    """Frames that lie in one clip or several."""
    clip_stats: ClipStats = field(default_factory=ClipStats)
    """Set by `ClipWriterStage`."""
    errors: dict[str, str] = field(default_factory=dict[str, str])
    """What could not be read or made, by stage; a video that ends early has one."""
    notes: dict[str, str] = field(default_factory=dict[str, str])
    """What is worth knowing but no failure, by what it is about."""


@dataclass(kw_only=True)
class VideoTask(Task[Video]):
    """One video, or one chunk of its clips."""

    @property
    def num_items(self) -> int:
        """Clips, or 1 before the video is split."""
        return len(self.data.clips) or 1

    @property
    def weight(self) -> float:
        """Length as a multiple of five minutes."""
        return self.data.metadata.duration / 300


def clip_uuid(path: str, span: tuple[float, float]) -> str:
    """A clip's id: follows from the video's path and the span in microseconds alone."""
    start, end = (round(seconds * 1_000_000) for seconds in span)
    return str(uuid5(NAMESPACE_URL, f"{utf8_name(path)}_{start}_{end}"))


def kept_clips(task: VideoTask) -> list[Clip]:
    """The clips that have not been dropped."""
    return [clip for clip in task.data.clips if not clip.drop_reason]
