"""A picture of a video's shots: its small frames in rows, with a mark at every cut."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from curator_video.read.track import THUMB_HEIGHT, THUMB_WIDTH
from curator_video.shots.changes import Thumbs
from curator_video.shots.cuts import Cut

_COLUMNS = 16
_BAR = 5
"""Pixels of the line above each frame."""
_BACKGROUND = (24, 24, 28)
_SHOTS = ((96, 104, 120), (150, 158, 172))
"""Colours of the line, one shot and the next."""
_MARKS = {
    "hard": (255, 82, 82),
    "fade": (255, 196, 60),
    "dissolve": (90, 200, 255),
    "wipe": (170, 255, 120),
}


def draw_strip(thumbs: Thumbs, cuts: list[Cut], *, most: int = 320) -> Image.Image:
    """Frames at even steps, and the first of every shot; the line above says where the cuts are.

    Args:
        thumbs: RGB, shape (frames, 27, 48, 3); at least one.
        cuts: In order.
        most: Frames in the picture, at most.
    """
    frames = _shown(len(thumbs), cuts, most)
    rows = -(-len(frames) // _COLUMNS)
    height = THUMB_HEIGHT + _BAR + 1
    canvas = np.full((rows * height, _COLUMNS * (THUMB_WIDTH + 1), 3), _BACKGROUND, np.uint8)
    shot, pending = 0, list(cuts)
    for place, frame in enumerate(frames):
        row, column = divmod(place, _COLUMNS)
        y, x = row * height, column * (THUMB_WIDTH + 1)
        mark: tuple[int, int, int] | None = None
        while pending and pending[0].frame <= frame:
            mark = _MARKS[pending.pop(0).kind]
            shot += 1
        canvas[y : y + _BAR, x : x + THUMB_WIDTH] = _SHOTS[shot % 2]
        if mark is not None:
            canvas[y : y + _BAR + THUMB_HEIGHT, x : x + 3] = mark
            canvas[y : y + _BAR, x : x + THUMB_WIDTH // 2] = mark
        _put(canvas, thumbs[frame], y + _BAR, x + (3 if mark else 0), 3 if mark else 0)
    return Image.fromarray(canvas)


def _put(canvas: NDArray[np.uint8], thumb: NDArray[np.uint8], y: int, x: int, cut_off: int) -> None:
    canvas[y : y + THUMB_HEIGHT, x : x + THUMB_WIDTH - cut_off] = thumb[:, cut_off:]


def _shown(count: int, cuts: list[Cut], most: int) -> list[int]:
    """The numbers of the frames to show; where there are too many cuts, not all of them."""
    firsts = {cut.frame for cut in cuts if cut.frame < count}
    even = max(_COLUMNS, most - len(firsts))
    steps = np.linspace(0, count - 1, min(count, even)).round().astype(int).tolist()
    return sorted({*steps, *sorted(firsts)[:most]})
