"""A video's small frames, drawn by tests without a file."""

from collections.abc import Sequence

import numpy as np
from video.media import Shot, ShotLike, draw_frames

from curator_video.read.track import THUMB_HEIGHT, THUMB_WIDTH


def draw_thumbs(shots: Sequence[ShotLike]) -> np.ndarray:
    """RGB, shape (frames, 27, 48, 3); a shot given as (seed, frames) moves slowly."""
    shots = [Shot(seed=s[0], frames=s[1], speed=0.5) if isinstance(s, tuple) else s for s in shots]
    size = (4 * THUMB_WIDTH, 4 * THUMB_HEIGHT)
    pictures = np.array(list(draw_frames(shots, size=size)), np.float32)
    cells = pictures.reshape(len(pictures), THUMB_HEIGHT, 4, THUMB_WIDTH, 4, 3)
    return cells.mean((2, 4)).round().astype(np.uint8)


def flash(thumbs: np.ndarray, start: int, frames: int) -> np.ndarray:
    """The thumbs with some frames much lighter."""
    lit = thumbs.copy()
    lit[start : start + frames] = (lit[start : start + frames] * 0.4 + 153).astype(np.uint8)
    return lit


def wipe(thumbs: np.ndarray, start: int, frames: int) -> np.ndarray:
    """The thumbs with a wipe from left to right; the first and the last frame of it belong to two shots."""
    wiped = thumbs.copy()
    old, new = thumbs[start - 1], thumbs[start + frames]
    for i in range(frames):
        edge = round((i + 1) / (frames + 1) * THUMB_WIDTH)
        wiped[start + i] = np.concatenate([new[:, :edge], old[:, edge:]], axis=1)
    return wiped


def push(
    thumbs: np.ndarray, start: int, frames: int, *, axis: int = 1, back: bool = False
) -> np.ndarray:
    """The thumbs with a push down or (axis 1) to the right, or back, in place of some frames."""
    pushed = thumbs.copy()
    old, new = thumbs[start - 1], thumbs[start + frames]
    size = thumbs.shape[axis + 1]
    both = np.concatenate([old, new] if back else [new, old], axis=axis)
    for i in range(frames):
        way = round((i + 1) / (frames + 1) * size)
        at = way if back else size - way
        pushed[start + i] = both.take(range(at, at + size), axis=axis)
    return pushed


class FixedNetwork:
    """Stands where TransNetV2 would, with given answers; counts the frames it is shown."""

    def __init__(self, frames: int, marked: Sequence[int], probability: float = 0.9) -> None:
        self.answers = np.zeros(frames, np.float32)
        self.answers[list(marked)] = probability
        self.spans: list[tuple[int, int]] = []

    def everywhere(self, thumbs: np.ndarray) -> np.ndarray:
        return self.answers[: len(thumbs)]

    def within(self, thumbs: np.ndarray, spans: list[tuple[int, int]]) -> list[np.ndarray]:
        self.spans += spans
        places = [np.arange(*span).clip(0, len(thumbs) - 1) for span in spans]
        return [self.answers[each] for each in places]
