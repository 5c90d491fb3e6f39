"""Videos of one kind each, from plain cuts to those that shot detectors get wrong.

Drawn from the pictures of `shot_scenes.py`; where the shots change is known by how they are made.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from shot_scenes import Pictures, draw_cartoon, draw_page
from shot_videos import HEIGHT, WIDTH, Change

type Motion = Literal["still", "pan", "fast", "shake"]
type Random = np.random.Generator

_DIRECTIONS = ((0, 1), (0, -1), (1, 0), (-1, 0))


@dataclass(kw_only=True)
class Reel:
    """A video while it is made."""

    scenes: list[Pictures]
    random: Random
    frames: list[Pictures] = field(default_factory=list)
    """Pieces, shape (frames, height, width, 3) each."""
    changes: list[Change] = field(default_factory=list)
    _scene: int = -1

    def __len__(self) -> int:
        return sum(map(len, self.frames))

    def shot(self, count: int, motion: Motion | None = None) -> Pictures:
        """A shot of another scene than the last."""
        others = [i for i in range(len(self.scenes)) if i != self._scene]
        self._scene = others[int(self.random.integers(len(others)))]
        motions: tuple[Motion, ...] = ("still", "pan", "pan", "fast")
        motion = motion or motions[int(self.random.integers(4))]
        return film(self.scenes[self._scene], count, motion, self.random)

    def cut_to(self, shot: Pictures) -> None:
        """Add a shot after a hard cut."""
        if self.frames:
            self.changes.append(Change(start=len(self), end=len(self), kind="hard"))
        self.frames.append(shot)

    def mix_to(self, shot: Pictures, middle: Pictures, kind: str) -> None:
        """Add a shot after frames that belong to neither."""
        self.changes.append(Change(start=len(self), end=len(self) + len(middle), kind=kind))
        self.frames += [middle, shot]


def film(scene: Pictures, count: int, motion: Motion, random: Random) -> Pictures:
    """Frames of a scene through a window that may move."""
    at = int(random.integers(len(scene)))
    turn = max(1, 2 * len(scene) - 2)
    order = np.abs((at + np.arange(count)) % turn - (len(scene) - 1))
    frames = scene[order if len(scene) > 1 else np.zeros(count, int)]
    frames = frames[:, :, ::-1] if random.random() < 0.5 else frames
    zoom = random.uniform(0.5, 0.8)
    high, wide = int(frames.shape[1] * zoom), int(frames.shape[2] * zoom)
    room = np.array([frames.shape[1] - high, frames.shape[2] - wide])
    way = np.linspace(0, 1, count)[:, None]
    ends = random.random((2, 2)) * room
    path = ends[0] + (ends[1] - ends[0]) * way * (motion != "still")
    if motion == "fast" and count > 20:
        begin = int(random.integers(4, count - 12))
        path = ends[0] + (ends[1] - ends[0]) * ((np.arange(count) - begin) / 8).clip(0, 1)[:, None]
    if motion == "shake":
        walk = random.normal(0, 0.05, (count, 2)) * room
        path = path + walk + np.cumsum(random.normal(0, 0.01, (count, 2)), 0) * room
    path = path.clip(0, room).round().astype(int)
    rows, columns = (np.arange(HEIGHT) * high // HEIGHT)[:, None], np.arange(WIDTH) * wide // WIDTH
    gain = random.uniform(0.75, 1.2, 3)
    seen = [
        (f[y : y + high, x : x + wide][rows, columns] * gain).clip(0, 255)
        for f, (y, x) in zip(frames, path.tolist(), strict=True)
    ]
    return np.stack(seen).astype(np.uint8)


def _count(reel: Reel, least: int = 28, most: int = 70) -> int:
    return int(reel.random.integers(least, most))


def plain(reel: Reel) -> None:
    """Hard cuts between shots that stand still or move."""
    reel.cut_to(reel.shot(_count(reel)))


def short(reel: Reel) -> None:
    """Shots of six frames in a row, then one of ordinary length."""
    for _ in range(6):
        reel.cut_to(reel.shot(6))
    reel.cut_to(reel.shot(_count(reel)))


def strobe(reel: Reel) -> None:
    """Flashes, lightning, stage light that goes on and off, three dark frames."""
    shot = reel.shot(_count(reel, 40, 80)).astype(np.float32)
    light = np.ones((len(shot), 3))
    at, random = int(reel.random.integers(8, len(shot) - 24)), reel.random
    match int(random.integers(5)):
        case 0:
            light[at : at + int(random.integers(1, 5))] = random.uniform(2, 4)
        case 1:
            period = int(random.integers(1, 5))
            off = (np.arange(len(shot) - at) // period) % 2 == 1
            light[at:][off] = random.uniform(0.03, 0.3)
        case 2:
            light[at : at + 3] = 0.03
        case 3:
            light[at:] = random.uniform(0.2, 1.6, (len(shot) - at, 3)).round(1)
            light[at:] = np.repeat(light[at::4], 4, axis=0)[: len(shot) - at]
        case _:
            for start in random.integers(4, len(shot) - 4, 4):
                light[start : start + int(random.integers(1, 3))] = random.uniform(2, 4)
    white = (light.max(1) > 1.7)[:, None, None, None] * 40.0
    reel.cut_to((shot * light[:, None, None, :] + white).clip(0, 255).astype(np.uint8))


def shake(reel: Reel) -> None:
    """A camera in a running hand."""
    reel.cut_to(reel.shot(_count(reel), "shake"))


def dissolve(reel: Reel) -> None:
    """Dissolves of 6 to 48 frames."""
    length = int(reel.random.integers(6, 49))
    shot = reel.shot(_count(reel, 30, 60) + length)
    if not reel.frames:
        return reel.cut_to(shot)
    old, new = _tail(reel, length), shot[:length]
    share = ((np.arange(len(old)) + 1) / (len(old) + 1))[:, None, None, None]
    middle = (old * (1 - share) + new[: len(old)] * share).round().astype(np.uint8)
    return reel.mix_to(shot[length:], middle, "dissolve")


def fade(reel: Reel) -> None:
    """Fades through black and white that stay up to a second; some begin or end at once."""
    random = reel.random
    colour = 235.0 if random.random() < 0.3 else 0.0
    out, hold, back = (int(v) for v in random.integers((6, 0, 6), (24, 24, 24)))
    match int(random.integers(4)):
        case 0:
            out, hold = 0, max(hold, 4)
        case 1:
            back, hold = 0, max(hold, 4)
        case _:
            pass
    shot = reel.shot(_count(reel, 30, 60) + back)
    if not reel.frames:
        return reel.cut_to(shot)
    keep = (1 - (np.arange(out) + 1) / (out + 1))[:, None, None, None]
    rise = ((np.arange(back) + 1) / (back + 1))[:, None, None, None]
    old = _tail(reel, out) if out else shot[:0]
    flat = np.full((hold, HEIGHT, WIDTH, 3), colour)
    parts = [old * keep + colour * (1 - keep), flat, shot[:back] * rise + colour * (1 - rise)]
    return reel.mix_to(shot[back:], np.concatenate(parts).round().astype(np.uint8), "fade")


def wipe(reel: Reel) -> None:
    """Wipes along an edge, a slant or a circle, and pushes, of 8 to 30 frames."""
    length, random = int(reel.random.integers(8, 31)), reel.random
    shot = reel.shot(_count(reel, 30, 60) + length)
    if not reel.frames:
        return reel.cut_to(shot)
    old, new = _tail(reel, length), shot[:length]
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    down, across = _DIRECTIONS[int(random.integers(4))]
    y, x = rows / HEIGHT, columns / WIDTH
    straight = y * down + x * across + (down + across < 0)
    fields = (straight, straight, (x + y) / 2, np.hypot(x - 0.5, y - 0.5) / 0.71)
    kind = int(random.integers(6))
    frames: list[Pictures] = []
    for i, (a, b) in enumerate(zip(old, new, strict=True)):
        share = (i + 1) / (length + 1)
        if kind < 4:
            frames.append(np.where((fields[kind] < share)[..., None], b, a))
            continue
        moved = round(share * (HEIGHT if down else WIDTH)) * (1 if down + across > 0 else -1)
        axis = 0 if down else 1
        both = np.concatenate([b, a] if moved > 0 else [a, b], axis)
        begin = a.shape[axis] - moved if moved > 0 else -moved
        frames.append(np.take(both, range(begin, begin + a.shape[axis]), axis))
    return reel.mix_to(shot[length:], np.stack(frames), "wipe")


def night(reel: Reel) -> None:
    """Little light and much noise, sometimes hardly anything to be seen."""
    gain = reel.random.choice((0.06, 0.12, 0.18, 0.25))
    shot = reel.shot(_count(reel)) * gain
    noise = reel.random.normal(0, reel.random.uniform(3, 9), shot.shape[:3])[..., None]
    reel.cut_to((shot + noise + 8).clip(0, 255).astype(np.uint8))


def old_film(reel: Reel) -> None:
    """Black and white that flickers, is grainy and scratched, with a dissolve now and then."""
    random = reel.random
    before = len(reel.changes)
    (dissolve if random.random() < 0.25 else plain)(reel)
    for i in range(-1 - (len(reel.changes) > before and reel.changes[-1].kind != "hard"), 0):
        piece = reel.frames[i]
        grey = piece @ np.array([0.299, 0.587, 0.114])
        grey = grey * random.normal(1, 0.04, len(grey))[:, None, None]
        grey = grey + random.normal(0, 8, grey.shape)
        for frame in grey[random.random(len(grey)) < 0.3]:
            frame[:, int(random.integers(WIDTH))] += 90
        rolled = [np.roll(g, int(random.integers(-1, 2)), 0) for g in grey]
        reel.frames[i] = np.repeat(np.stack(rolled)[..., None], 3, 3).clip(0, 255).astype(np.uint8)


def cartoon(reel: Reel) -> None:
    """Flat drawings with figures that leap."""
    seed = int(reel.random.integers(1 << 30))
    reel.cut_to(draw_cartoon(seed, _count(reel)))


def scroll(reel: Reel) -> None:
    """Pages that scroll, slow, fast or by a page; a video among them now and then."""
    random = reel.random
    count = _count(reel, 40, 90)
    if random.random() < 0.2:
        return reel.cut_to(reel.shot(count))
    page = draw_page(int(random.integers(1 << 30)))
    speed = np.repeat(random.choice((0, 2, 6, 16, 40), count // 10 + 1), 10)[:count]
    room = len(page) - HEIGHT
    way = np.cumsum(speed) + int(random.integers(room))
    at = np.abs(way % (2 * room) - room)
    return reel.cut_to(np.stack([page[y : y + HEIGHT] for y in at.tolist()]))


def _tail(reel: Reel, count: int) -> NDArray[Any]:
    """The last frames of the last piece, taken out of it; the last one again if there are too few."""
    piece = reel.frames[-1]
    taken = min(count, len(piece) - 8)
    reel.frames[-1], tail = piece[: len(piece) - taken], piece[len(piece) - taken :]
    return np.concatenate([tail, np.repeat(tail[-1:], count - taken, 0)])


KINDS: dict[str, Callable[[Reel], None]] = {
    "plain": plain,
    "six frames": short,
    "strobe": strobe,
    "shake": shake,
    "dissolve": dissolve,
    "fade": fade,
    "wipe, push": wipe,
    "night": night,
    "old film": old_film,
    "cartoon": cartoon,
    "scrolling": scroll,
}


def make_video(kind: str, scenes: list[Pictures], *, changes: int, seed: int) -> Reel:
    """A video with at least that many changes."""
    reel = Reel(scenes=scenes, random=np.random.default_rng([seed, list(KINDS).index(kind)]))
    while len(reel.changes) < changes:
        KINDS[kind](reel)
    return reel
