"""Videos with known shot changes, put together from real frames.

Shots are parts of the films in a folder, cropped, panned, mirrored and coloured by a seed, joined by
hard cuts, dissolves and fades; flashes, jerks and fast pans in between must not be taken for cuts.
The parts for tuning and those for judging have no frame in common.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

type Kind = Literal["hard", "dissolve", "black", "white"]
type Pictures = NDArray[np.uint8]

WIDTH, HEIGHT, FPS = 256, 144, 24
_SINTEL, _BUNNY, _NASA = (
    "sintel_trailer_30s.mp4",
    "lhotse_big_buck_bunny_small.mp4",
    "tc_nasa_13013.mp4",
)
PARTS: dict[str, tuple[tuple[str, int, int], ...]] = {
    "tuning": (
        (_SINTEL, 90, 156),
        (_SINTEL, 256, 285),
        (_SINTEL, 287, 314),
        (_SINTEL, 402, 454),
        (_NASA, 0, 148),
    ),
    "held-out": (
        (_SINTEL, 494, 522),
        (_SINTEL, 524, 572),
        (_SINTEL, 574, 609),
        (_SINTEL, 647, 668),
        (_SINTEL, 692, 710),
        (_BUNNY, 0, 131),
        (_NASA, 182, 239),
        (_NASA, 241, 389),
    ),
}
"""File and frames [start, end) without a cut, as seen by eye."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change of shots that is really there."""

    start: int
    """First frame of the new shot for a hard cut; first mixed or darkened frame else."""
    end: int
    """One past the last such frame; equal to start for a hard cut."""
    kind: str


def read_parts(folder: Path, name: str) -> list[Pictures]:
    """The frames of each part, RGB, shape (frames, 144, 256, 3)."""
    films: dict[str, Pictures] = {}
    for file, _, _ in PARTS[name]:
        if file not in films:
            films[file] = read_film(folder / file, (WIDTH, HEIGHT))
    return [films[file][start:end] for file, start, end in PARTS[name]]


def read_film(path: Path, size: tuple[int, int]) -> Pictures:
    """All frames of the largest stream, RGB, squeezed to (width, height)."""
    import av
    from av.video.reformatter import VideoReformatter

    with av.open(str(path)) as file:
        stream = max(file.streams.video, key=lambda each: each.width)
        scaler = VideoReformatter()
        frames: list[Any] = [
            scaler.reformat(frame, *size, "rgb24", interpolation="AREA").to_ndarray()
            for frame in file.decode(stream)
        ]
    return np.stack(frames)


def write_video(path: Path, parts: list[Pictures], *, changes: int, seed: int) -> list[Change]:
    """Write a video with that many changes of shots; returns where they are."""
    known: list[Change] = []
    encode(path, (_pictures(parts, changes, np.random.default_rng(seed), known),))
    return known


def encode(path: Path, pieces: Iterable[Iterable[Pictures]]) -> None:
    """Write pieces of a video, which are frames of shape (144, 256, 3), one after the other."""
    import av

    with av.open(str(path), "w") as file:
        stream: Any = file.add_stream("libx264", rate=Fraction(FPS))
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "25", "threads": "1"}
        for picture in chain.from_iterable(pieces):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            file.mux(stream.encode(frame.reformat(format="yuv420p")))
        file.mux(stream.encode())


def _pictures(
    parts: list[Pictures], changes: int, random: np.random.Generator, known: list[Change]
) -> Iterator[Pictures]:
    """The frames in order; `known` is filled on the way."""
    number, source = 0, int(random.integers(len(parts)))
    shot = _shot(parts[source], random)
    for _ in range(changes):
        source = int((source + random.integers(1, len(parts))) % len(parts))
        following = _shot(parts[source], random)
        kinds: list[Kind] = ["hard", "dissolve", "black", "white"]
        kind = kinds[int(random.choice(4, p=[0.55, 0.25, 0.12, 0.08]))]
        length = 0 if kind == "hard" else int(random.integers(6, 33))
        length = min(length, len(shot) // 2 - 2, len(following) // 2 - 2)
        yield from shot[: len(shot) - length]
        number += len(shot) - length
        known.append(Change(start=number, end=number + length, kind=kind))
        yield from _mixed(shot[len(shot) - length :], following[:length], kind)
        number += length
        shot = following[length:]
    yield from shot


def _mixed(old: Pictures, new: Pictures, kind: Kind) -> Iterator[Pictures]:
    """The frames of a gradual change."""
    colour = 235.0 if kind == "white" else 0.0
    for i, (a, b) in enumerate(zip(old, new, strict=True)):
        share = (i + 1) / (len(old) + 1)
        if kind == "dissolve":
            mixed = a * (1 - share) + b * share
        else:
            keep = abs(1 - 2 * share)
            mixed = (a if share < 0.5 else b) * keep + colour * (1 - keep)
        yield mixed.round().astype(np.uint8)


def _shot(part: Pictures, random: np.random.Generator) -> Pictures:
    """A shot of 24 to 100 frames of a part, seen through a moving window."""
    count = int(random.integers(24, 100))
    speed, start = int(random.integers(1, 3)), int(random.integers(len(part)))
    there = np.abs((start + speed * np.arange(count)) % (2 * len(part) - 2) - (len(part) - 1))
    frames = part[there]
    frames = frames[:, :, ::-1] if random.random() < 0.5 else frames
    zoom = random.uniform(0.5, 0.9)
    high, wide = int(HEIGHT * zoom), int(WIDTH * zoom)
    ends = random.random((2, 2)) * (HEIGHT - high, WIDTH - wide)
    paths = _path(ends, count, random).round().astype(int)
    window = (np.arange(HEIGHT) * high // HEIGHT)[:, None], np.arange(WIDTH) * wide // WIDTH
    gains = random.uniform(0.7, 1.25, 3) * random.uniform(0.8, 1.2)
    light = gains * _light(count, random)[:, None]
    seen = [f[y : y + high, x : x + wide][window] for f, (y, x) in zip(frames, paths, strict=True)]
    return np.stack(
        [(f * g).clip(0, 255).astype(np.uint8) for f, g in zip(seen, light, strict=True)]
    )


def _path(ends: NDArray[Any], count: int, random: np.random.Generator) -> NDArray[Any]:
    """Where the window is in each frame: still, slow, jerky, or fast for a few frames; (count, 2)."""
    way = np.linspace(0, 1, count)
    match int(random.integers(4)):
        case 0:
            way *= 0
        case 1:
            at = int(random.integers(8, count - 12))
            way = np.clip((np.arange(count) - at) / 6, 0, 1)
        case 2:
            way = np.clip(way + random.normal(0, 0.06, count), 0, 1)
        case _:
            pass
    return ends[0] + (ends[1] - ends[0]) * way[:, None]


def _light(count: int, random: np.random.Generator) -> NDArray[Any]:
    """Brightness of each frame: even, with a flash, or drifting; (count,)."""
    light = np.ones(count)
    draw = random.random()
    if draw < 0.2:
        at = int(random.integers(6, count - 10))
        light[at : at + int(random.integers(1, 5))] *= random.uniform(1.5, 2.5)
    elif draw < 0.4:
        light *= np.linspace(1, random.uniform(0.5, 1.3), count)
    return light
