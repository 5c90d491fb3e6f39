"""A video's track: what one decode of the file leaves on disk for all that look at it.

Made by `analyse.py`. Detectors, scores, fingerprints and the report read it, none of them decodes.
Frames that are damaged beyond decoding are not in it. Times are seconds from the first frame.
"""

import json
import mmap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_video.read.frames import resized
from curator_video.read.interlace import Scan
from curator_video.read.time_stamps import Part
from curator_video.task import Stamps

THUMB_HEIGHT, THUMB_WIDTH = 27, 48
"""Every frame is kept this small: what TransNetV2 was trained on."""
STILLS_PER_SECOND = 2.0
STILL_SIDE = 256
"""Longer side of a still at most, in pixels."""
MOTION_GRID = 8
"""Cells of the motion grid along each side."""

_APART = 1.0
"""Seconds by which sound may lie apart from the pictures of its part of the file."""


@dataclass(frozen=True, kw_only=True)
class Track:
    """Frames of a video small enough to look at; arrays are memory-mapped and read-only."""

    folder: str
    times: NDArray[np.float64]
    """Shape (frames,): when each frame is shown; not even where the frame rate varies."""
    keys: NDArray[np.bool_]
    """Shape (frames,): whether decoding can start there."""
    damaged: NDArray[np.bool_]
    """Shape (frames,): whether the decoder says that it is damaged, or made up from others."""
    missing: NDArray[np.float64]
    """Shape (missing,): when the frames are shown that could not be decoded, between others."""
    thumbs: NDArray[np.uint8]
    """RGB, shape (frames, 27, 48, 3): the frame squeezed to that size."""
    stills: NDArray[np.uint8]
    """RGB, shape (stills, height, width, 3): in the shape that the first is shown in, about two per
    second; see `pictures`."""
    still_frames: NDArray[np.int64]
    """Shape (stills,): the number of each still's frame."""
    motion: NDArray[np.float32]
    """Shape (stills, 8, 8): mean length of the motion vectors in each cell, as a ratio of height plus
    width, of the first frame from the still on that has any; NaN if none has before the next still."""
    measures: dict[str, NDArray[np.float32]]
    """Shape (stills,) each, by name: what must be measured at full size, such as sharpness and blockiness."""
    end: float
    """When the last frame ends."""
    sizes: list[tuple[int, int, int]]
    """A frame's number, width and height in the pixels of the file, after turning: from that frame on
    frames have that size. One entry where the size does not change."""
    scan: Scan = ""
    """Whether the pictures are interlaced, as they look."""
    parts: list[Part] = field(default_factory=lambda: [Part(frame=0, stamp=0.0)])
    """The stretches between jumps of the file's time stamps; one where they do not jump."""
    stamps: Stamps = "pts"
    """Which time stamps were believed."""
    error: str = ""
    """What could not be decoded, in the middle or from some time on; empty if all could."""

    @property
    def num_frames(self) -> int:
        """Frames that were decoded."""
        return len(self.times)

    @property
    def rate(self) -> float:
        """Frames per second, of most of them; 0 of a single frame."""
        step = float(np.median(np.diff(self.times))) if self.num_frames > 1 else 0.0
        return 1 / step if step > 0 else 0.0

    def frame_at(self, seconds: float) -> int:
        """The number of the frame that is shown at that time."""
        return max(0, int(np.searchsorted(self.times, seconds + 1e-6, side="right")) - 1)

    def time_of(self, frame: int) -> float:
        """When a frame starts; the end of the video for the number after the last."""
        return float(self.times[frame]) if frame < len(self.times) else self.end

    def size_of(self, frame: int) -> tuple[int, int]:
        """Width and height of a frame, in the pixels of the file, after turning."""
        _, width, height = next(each for each in reversed(self.sizes) if each[0] <= frame)
        return width, height

    def damage_within(self, frames: tuple[int, int]) -> tuple[int, int]:
        """How many of frames [start, end) are damaged, and how many are missing between them."""
        begin, end = (self.time_of(frame) for frame in frames)
        first, last = np.searchsorted(self.missing, (begin, end)).tolist()
        return int(self.damaged[slice(*frames)].sum()), last - first

    @property
    def counted(self) -> bool:
        """Whether a frame is known by its place in the file alone, not by its time stamp."""
        return self.stamps != "pts" or len(self.parts) > 1

    def time_of_stamp(self, stamp: float, *, after: float) -> float | None:
        """When something with this time stamp comes that is no frame, such as sound.

        Args:
            stamp: In the file, in seconds.
            after: The time of what came before it; negative at the beginning.

        Returns:
            The time in the first part of the file that has it and does not lie before; None if none has.
        """
        if len(self.parts) == 1:
            return stamp - self.parts[0].stamp
        ends = [self.time_of(part.frame) for part in self.parts[1:]] + [self.end]
        for part, end in zip(self.parts, ends, strict=True):
            begin = self.time_of(part.frame)
            time = stamp - part.stamp + begin
            if begin - _APART <= time < end + _APART and time >= after - _APART:
                return time
        return None

    def stills_within(self, frames: tuple[int, int]) -> slice:
        """The stills of frames [start, end); at least one, the nearest, if there is any at all."""
        start, end = np.searchsorted(self.still_frames, frames).tolist()
        if end > start or not len(self.still_frames):
            return slice(start, end)
        start = min(start, len(self.still_frames) - 1)
        return slice(start, start + 1)

    def pictures(self, places: slice | NDArray[np.int64]) -> NDArray[np.uint8]:
        """Stills of one clip as they are shown, RGB, shape (stills, height, width, 3).

        Where the size has changed, they have another shape than those before.
        """
        stills: NDArray[np.uint8] = np.asarray(self.stills[places])
        if len(self.sizes) == 1 or not len(stills):
            return stills
        (_, width, height), now = self.sizes[0], self.size_of(int(self.still_frames[places][0]))
        high, wide = stills.shape[1:3]
        # They were squeezed into the shape of the first frame.
        shape, side = wide / high * now[0] * height / (now[1] * width), max(high, wide)
        size = (side, round(side / shape)) if shape >= 1 else (round(side * shape), side)
        return np.stack([resized(still, (max(1, size[0]), max(1, size[1]))) for still in stills])

    def release(self) -> None:
        """Let go of the memory of pictures that were read; they are read again where they are needed.

        An hour has a gigabyte of them.
        """
        for array in (self.thumbs, self.stills):
            mapped: mmap.mmap | None = getattr(array, "_mmap", None)
            if mapped is not None:
                mapped.madvise(mmap.MADV_DONTNEED)


_ARRAYS = ("times", "keys", "thumbs", "stills", "still_frames", "motion", "damaged", "missing")


def open_track(folder: str) -> Track:
    """The track in a folder.

    Raises:
        FileNotFoundError: There is none, or it was not finished.
    """
    place = Path(folder)
    facts: dict[str, Any] = json.loads((place / "track.json").read_text(encoding="utf-8"))
    arrays: dict[str, Any] = {
        name: np.load(place / f"{name}.npy", mmap_mode="r") for name in _ARRAYS
    }
    with np.load(place / "measures.npz") as measures:
        return Track(
            folder=folder,
            measures={name: measures[name] for name in measures.files},
            end=facts["end"],
            error=facts["error"],
            stamps=facts["stamps"],
            parts=[Part(**each) for each in facts["parts"]],
            sizes=[(frame, width, height) for frame, width, height in facts["sizes"]],
            scan=facts["scan"],
            **arrays,
        )
