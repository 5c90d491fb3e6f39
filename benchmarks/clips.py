"""Near-duplicate clips: plant copies of real clips, and count what the fingerprint finds of them.

Each clip is cut from a real file and written again re-encoded, rescaled, shifted by some frames, with
bars, and recoloured. Its quarters are clips without copies. All go through the stages of
`curator-video split` and the search of `dedup`; clips have cuts in them, unlike those of `split`.
The files are those of `../shared/data/video`; without them nothing is done.
"""

import itertools
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from curator_engine.items.near_duplicates import find_near_duplicates
from curator_engine.task import FileGroupTask
from curator_engine.vectors.matrix import Matrix
from curator_video.read.analyse import AnalyseVideo
from curator_video.read.read_video import ReadVideo
from curator_video.read.track import Track, open_track
from curator_video.scores.fingerprint import fingerprint

_SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "video"
_FILES = (
    *("sintel_trailer_30s.mp4", "tc_nasa_13013.mp4"),
    *("lhotse_big_buck_bunny_small.mp4", "tc_bt2020_10bit.mp4"),
)
_SECONDS, _SHIFT_SECONDS = 2.5, 0.2
_LEAST_CONTRAST = 15.0
"""Grey levels; a quarter that is darker or emptier than that shows nothing to compare."""
_MIN_RECALL, _MAX_FALSE = 0.95, 0

type Frames = list[NDArray[np.uint8]]


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A clip of the benchmark."""

    source: str
    number: int
    """Of the clip in its source."""
    change: str
    """Empty for the clip itself."""
    vector: NDArray[np.float32]


def run(place: Path, *, quick: bool = False) -> list[str]:
    """Print recall and false pairs; returns what does not hold."""
    if not _SHARED.is_dir():
        print("  no shared videos; nothing done")
        return []
    start = time.process_time()
    clips = list(_planted(place, quick=quick))
    seconds = time.process_time() - start
    print(f"  {len(clips)} clips, {seconds:.0f} CPU-s to write, decode and fingerprint")
    clips.sort(key=lambda clip: bool(clip.change))
    names = [f"{i:05}" for i in range(len(clips))]
    matrix: Matrix = np.stack([clip.vector for clip in clips])
    found = find_near_duplicates(names, matrix, eps="auto", device="cpu")
    print(f"  {found.choice.reason}")
    return _judge(clips, found.table.to_pylist(), matrix, eps=found.choice.eps)


def _judge(
    clips: list[Planted], rows: list[dict[str, Any]], matrix: Matrix, *, eps: float
) -> list[str]:
    """Recall by change, and pairs of clips that are no copies of each other."""
    kept = {int(row["id"]): int(row["kept_id"]) for row in rows}
    total, hit = Counter[str](), Counter[str]()
    for i, clip in enumerate(clips):
        if clip.change:
            total[clip.change] += 1
            hit[clip.change] += i in kept
    similar: defaultdict[str, list[float]] = defaultdict(list)
    cosine = matrix @ matrix.T
    false, same_file = 0, 0
    for i, j in itertools.combinations(range(len(clips)), 2):
        one, other = clips[i], clips[j]
        if (one.source, one.number) == (other.source, other.number):
            if not one.change:
                similar[other.change].append(float(cosine[i, j]))
        elif cosine[i, j] >= 1 - eps:
            one_file = one.source.split()[0] == other.source.split()[0]
            same_file += one_file
            false += not one_file
    for change, count in total.items():
        low, middle = np.percentile(similar[change], [0, 50])
        print(
            f"  {change:<12} {hit[change]:>3} of {count:<3} found; similarity to the original: "
            f"lowest {low:.3f}, middle {middle:.3f}"
        )
    highest = max(
        cosine[i, j]
        for i, j in itertools.combinations(range(len(clips)), 2)
        if clips[i].source.split()[0] != clips[j].source.split()[0]
    )
    print(f"  similarity of clips of different files: {highest:.3f} at most")
    recall = sum(hit.values()) / max(total.total(), 1)
    print(
        f"  recall {recall:.3f}; pairs that are no copies: {false} between clips of different files, "
        f"{same_file} within one file, where a shot may go on from clip to clip"
    )
    wrong: list[str] = []
    if recall < _MIN_RECALL:
        wrong.append(f"clips: recall {recall:.3f} < {_MIN_RECALL}")
    if false > _MAX_FALSE:
        wrong.append(f"clips: {false} pairs of clips of different files")
    return wrong


def _planted(place: Path, *, quick: bool) -> Iterator[Planted]:
    for file in _FILES:
        for number, (frames, shifted, fps) in enumerate(_clips(_SHARED / file)):
            if quick and number % 4:
                continue
            random = np.random.default_rng(number)
            for change, (made, options) in _changes(frames, shifted, random).items():
                vector = _fingerprint(place / f"{file}-{number}-{change}.mp4", made, fps, **options)
                yield Planted(source=file, number=number, change=change, vector=vector)
            for name, quarter in _quarters(frames):
                vector = _fingerprint(place / f"{file}-{number}-{name}.mp4", quarter, fps)
                yield Planted(source=f"{file} {name}", number=number, change="", vector=vector)


def _fingerprint(path: Path, frames: Frames, fps: float, **options: str) -> NDArray[np.float32]:
    """The fingerprint of the frames as a file."""
    _write(path, frames, fps, **options)
    track = _track(path, path.parent)
    path.unlink()
    return fingerprint(track, (0, track.num_frames))


def _quarters(frames: Frames) -> Iterator[tuple[str, Frames]]:
    """The quarters of the picture that show something, each by itself."""
    height, width = (side // 2 for side in frames[0].shape[:2])
    for top, left in itertools.product((0, height), (0, width)):
        quarter = _each(frames, lambda f, t=top, x=left: f[t : t + height, x : x + width])
        if quarter[len(quarter) // 2].mean(axis=2).std() >= _LEAST_CONTRAST:
            yield f"at {top},{left}", quarter


def _changes(
    frames: Frames, shifted: Frames, random: np.random.Generator
) -> dict[str, tuple[Frames, dict[str, Any]]]:
    """By name, the frames of each copy and the encoder's options; the clip itself has no name."""
    height, width = frames[0].shape[:2]
    bar, pillar = height // 8, width // 6
    return {
        "": (frames, {}),
        "re-encoded": (frames, {"crf": "38"}),
        "mpeg4": (frames, {"codec": "mpeg4", "b": "200k"}),
        "rescaled": (_each(frames, _resize(width // 3 // 2 * 2, height // 3 // 2 * 2)), {}),
        "shifted": (shifted, {}),
        "letterboxed": (_each(frames, lambda f: np.pad(f, ((bar, bar), (0, 0), (0, 0)))), {}),
        "pillarboxed": (_each(frames, lambda f: np.pad(f, ((0, 0), (pillar, pillar), (0, 0)))), {}),
        "recoloured": (_each(frames, _recolour(random)), {}),
    }


def _each(frames: Frames, change: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]) -> Frames:
    return [change(frame) for frame in frames]


def _resize(width: int, height: int) -> Callable[[NDArray[np.uint8]], NDArray[np.uint8]]:
    return lambda frame: np.asarray(Image.fromarray(frame).resize((width, height)))


def _recolour(random: np.random.Generator) -> Callable[[NDArray[np.uint8]], NDArray[np.uint8]]:
    """Another gamma, tint and saturation, the same for all frames."""
    tint = random.uniform(0.75, 1.3, 3)
    gamma, colourful = random.uniform(0.8, 1.25), random.uniform(0.2, 1.6)

    def change(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        light = (frame / 255.0) ** gamma * tint
        grey = light.mean(axis=2, keepdims=True)
        return ((grey + (light - grey) * colourful).clip(0, 1) * 255).astype(np.uint8)

    return change


def _clips(path: Path) -> Iterator[tuple[Frames, Frames, float]]:
    """Clips of a file one after the other, each also as it is when it begins 0.2 s apart."""
    import av

    with av.open(str(path)) as file:
        stream = max(file.streams.video, key=lambda each: each.width)
        fps = float(stream.average_rate or 25)
        decoded: Any = file.decode(stream)
        frames: Frames = [frame.to_ndarray(format="rgb24") for frame in decoded]
    length, shift = round(_SECONDS * fps), max(1, round(_SHIFT_SECONDS * fps))
    for start in range(0, len(frames) - length + 1, length):
        other = start - shift if start >= shift else start + shift
        yield frames[start : start + length], frames[other : other + length], fps


def _write(
    path: Path, frames: Frames, fps: float, *, codec: str = "libx264", **options: str
) -> None:
    import av

    with av.open(str(path), "w") as file:
        stream: Any = file.add_stream(codec, rate=Fraction(fps).limit_denominator(1001))
        stream.height, stream.width = (side // 2 * 2 for side in frames[0].shape[:2])
        stream.pix_fmt, stream.options = "yuv420p", {"threads": "1", **options}
        for picture in frames:
            cut = np.ascontiguousarray(picture[: stream.height, : stream.width])
            file.mux(stream.encode(av.VideoFrame.from_ndarray(cut, format="rgb24")))
        file.mux(stream.encode())


def _track(path: Path, place: Path) -> Track:
    task = ReadVideo(scratch=str(place)).process(FileGroupTask(data=[str(path)]))
    done = task and AnalyseVideo(scratch=str(place)).process(task)
    if not done:
        raise RuntimeError(f"{path} was written here and cannot be read.")
    return open_track(done.data.track)
