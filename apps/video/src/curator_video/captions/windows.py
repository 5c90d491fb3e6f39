"""Windows of a clip: the spans that a model describes one by one, and the pictures that it is shown.

Pictures come from the video's track where they are large enough, else from the clip's own file.
"""

import math
from dataclasses import dataclass

import numpy as np

from curator_engine.errors import SettingsError
from curator_engine.models.questions import Frames
from curator_video.read.decode import open_decoder
from curator_video.read.frames import Picture, resized
from curator_video.read.track import STILL_SIDE, STILLS_PER_SECOND, Track
from curator_video.task import Clip, Window

_EARLY = 1e-3
"""Seconds by which a frame may come before its turn: containers round time stamps."""


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """Which pictures of a window a model is shown.

    Raises:
        SettingsError: A value is out of range.
    """

    fps: float = STILLS_PER_SECOND
    """Pictures per second."""
    side: int = STILL_SIDE
    """Longer side at most, in pixels."""
    max_frames: int = 64
    """Pictures of one window at most; evenly thinned out above."""

    def __post_init__(self) -> None:
        for name in ("fps", "side", "max_frames"):
            if getattr(self, name) <= 0:
                raise SettingsError(f"{name}={getattr(self, name)} is not above 0.")

    @property
    def needs_file(self) -> bool:
        """Whether the stills of a track are too few or too small for it."""
        return self.fps > STILLS_PER_SECOND or self.side > STILL_SIDE


def split_windows(
    num_frames: int, *, window_size: int = 256, remainder_threshold: int = 128
) -> list[Window]:
    """The windows of a clip; together they cover it.

    Args:
        num_frames: Frames of the clip.
        window_size: Frames of a window.
        remainder_threshold: Frames that must be left over to be a window of their own; fewer make
            the last window longer.

    Raises:
        SettingsError: A value is out of range.
    """
    if window_size < 1 or remainder_threshold < 1:
        raise SettingsError(
            f"window_size={window_size} and remainder_threshold={remainder_threshold} must be above 0."
        )
    if num_frames < 1:
        return []
    starts = list(range(0, num_frames, window_size))
    if len(starts) > 1 and num_frames - starts[-1] < min(remainder_threshold, window_size):
        starts.pop()
    ends = [*starts[1:], num_frames]
    return [Window(start_frame=a, end_frame=b) for a, b in zip(starts, ends, strict=True)]


def window_frames(track: Track, clip: Clip, window: Window, sampling: Sampling) -> Frames:
    """The pictures of a window.

    Raises:
        ValueError: There is none, as in a file that holds fewer frames than it should.
        VideoError: The clip's file cannot be read.
    """
    first, end = (clip.frames[0] + n for n in (window.start_frame, window.end_frame))
    if sampling.needs_file and clip.encoded is not None:
        start, stop = track.time_of(first), track.time_of(end)
        shown = _decode(clip.encoded.path, start - clip.encoded.start, stop - start, sampling)
    else:
        shown = _stills(track, first, end, sampling)
    if not shown:
        raise ValueError(f"frames {first} to {end} of {clip.source_video} have no picture.")
    return Frames(
        pictures=np.stack([picture for _, picture in shown]),
        times=tuple(round(max(0.0, seconds), 3) for seconds, _ in shown),
    )


def _stills(track: Track, first: int, end: int, sampling: Sampling) -> list[tuple[float, Picture]]:
    """Seconds from the start and picture of the stills in frames [first, end)."""
    within = track.stills_within((first, end))
    start = track.time_of(first)
    shown: dict[int, tuple[float, int]] = {}
    for i in range(within.start, within.stop):
        seconds = track.time_of(int(track.still_frames[i])) - start
        # All of them where as many are asked for: they are not quite even.
        turn = i if sampling.fps >= STILLS_PER_SECOND else _turn(seconds, sampling.fps)
        shown.setdefault(turn, (seconds, i))
    return [
        (seconds, _shrink(track.pictures(slice(i, i + 1))[0], sampling.side))
        for seconds, i in _thin(list(shown.values()), sampling.max_frames)
    ]


def _decode(
    path: str, start: float, length: float, sampling: Sampling
) -> list[tuple[float, Picture]]:
    """Seconds from `start` and picture of frames of a clip's file in [start, start + length).

    Raises:
        VideoError: It cannot be read.
    """
    count = max(1, min(sampling.max_frames, math.ceil(length * sampling.fps - _EARLY)))
    wanted = [max(0.0, start) + length * i / count for i in range(count)]
    shown: dict[float, Picture] = {}
    for frame in open_decoder(path).at_times([seconds + _EARLY for seconds in wanted]):
        if frame.time not in shown:
            width, height = frame.shown_size
            scale = min(1.0, sampling.side / max(width, height))
            shown[frame.time] = frame.rgb((_scaled(width, scale), _scaled(height, scale)))
    return [(seconds - start, picture) for seconds, picture in shown.items()]


def _turn(seconds: float, fps: float) -> int:
    """Which picture a frame can be, if there are `fps` per second."""
    return math.floor((seconds + _EARLY) * fps)


def _shrink(picture: Picture, side: int) -> Picture:
    """The picture with a longer side of at most that many pixels."""
    height, width = picture.shape[:2]
    scale = min(1.0, side / max(height, width))
    return resized(picture, (_scaled(width, scale), _scaled(height, scale)))


def _scaled(length: int, scale: float) -> int:
    return max(1, round(length * scale))


def _thin[T](items: list[T], most: int) -> list[T]:
    """At most that many, evenly spread, the first among them."""
    if len(items) <= most:
        return items
    return [items[len(items) * i // most] for i in range(most)]
