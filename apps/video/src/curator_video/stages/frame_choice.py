"""What NeMo Curator's scripts say about frames and windows: which frames, what for, from where to where."""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from curator_video.captions.windows import split_windows


class FrameExtractionPolicy(Enum):
    """Which frames of a clip are taken."""

    first = 0
    middle = 1
    last = 2
    sequence = 3


class FramePurpose(Enum):
    """What frames are for."""

    AESTHETICS = 1
    EMBEDDINGS = 2


@dataclass(frozen=True)
class FrameExtractionSignature:
    """Policy and frames per second, as a key.

    Example:
        >>> FrameExtractionSignature(FrameExtractionPolicy.sequence, 2.0).to_str()
        'FrameExtractionPolicy.sequence-2000'
    """

    extraction_policy: FrameExtractionPolicy
    target_fps: float

    def to_str(self) -> str:
        """The key."""
        return f"{self.extraction_policy!s}-{int(self.target_fps * 1000)}"


class Resolution(NamedTuple):
    """Height and width in pixels."""

    height: int
    width: int


@dataclass(frozen=True)
class WindowFrameInfo:
    """Frames [start, end) of a window within its clip."""

    start: int
    end: int


def compute_windows(
    total_frames: int, window_size: int = 128, remainder_threshold: int = 64
) -> list[WindowFrameInfo]:
    """The windows of a clip; together they cover it.

    Args:
        total_frames: Frames of the clip.
        window_size: Frames of a window.
        remainder_threshold: Frames that must be left over to be a window of their own.

    Raises:
        SettingsError: A value is out of range.
    """
    windows = split_windows(
        total_frames, window_size=window_size, remainder_threshold=remainder_threshold
    )
    return [WindowFrameInfo(each.start_frame, each.end_frame) for each in windows]
