"""Are shots found where they are, and at what cost?

F1 of every detector on videos of one kind each, from plain cuts to strobes and wipes (see
`shot_kinds.py`), of which one half is for tuning and the other for judging. Precision, recall and F1 of every detector on videos put together from real frames (see
`shot_videos.py`) and on a trailer of which every change was looked at by eye; a cut counts within
two frames of the change. PySceneDetect's detectors stand beside ours where it is installed.
"""

import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from shot_kinds import KINDS, make_video
from shot_scenes import Pictures, read_scenes
from shot_videos import Change, encode, read_film, read_parts, write_video

from curator_video.read.track import THUMB_HEIGHT, THUMB_WIDTH
from curator_video.shots.cuts import Detector
from curator_video.shots.detect import find_cuts
from curator_video.shots.shot_network import Network, load_network

DATA = Path(__file__).parents[2] / "shared" / "data"
MEDIA = DATA / "video"
TOLERANCE = 2
_CHANGES, _QUICK = 130, 24
"""Changes of shots in each video that is put together."""
SINTEL = "sintel_trailer_30s.mp4"
SEEN: tuple[tuple[Change, str], ...] = (
    (Change(start=71, end=91, kind="white"), "snowy peak to white, out of it a wanderer"),
    (Change(start=158, end=176, kind="black"), "wanderer to black, then a line of text at once"),
    (Change(start=213, end=253, kind="black"), "text fades out, out of black an old man"),
    (Change(start=286, end=286, kind="hard"), "old man, then a girl with red hair"),
    (Change(start=314, end=348, kind="black"), "girl to black, then a fight in snow at once"),
    (
        Change(start=356, end=356, kind="hard"),
        "girl with a spear, then a masked man from the front",
    ),
    (Change(start=372, end=402, kind="black"), "fight to black at once, out of it an alley"),
    (Change(start=455, end=493, kind="black"), "alley to black, out of it the girl at a camp fire"),
    (Change(start=523, end=523, kind="hard"), "camp fire, then a city from above"),
    (Change(start=573, end=573, kind="hard"), "city, then a wing before clouds"),
    (Change(start=610, end=610, kind="hard"), "creature, then the girl's face"),
    (
        Change(start=624, end=646, kind="black"),
        "face to black at once, out of it the girl from behind",
    ),
)
"""Frames of the trailer at which shots change, and what is seen there; found frame by frame in strips."""
UNSURE = ((360, 361),)
"""Frames at which one cannot tell a cut from a blow in close-up; what is found there does not count."""
_OURS: tuple[Detector, ...] = ("content", "adaptive", "fade", "transnetv2", "auto")
_WITH_NETWORK = ("transnetv2", "auto, network")
_PEERS: dict[str, tuple[str, dict[str, int]]] = {
    f"PySceneDetect {name}": (name, {})
    for name in ("Content", "Adaptive", "Threshold", "Hash", "Histogram")
}
_KIND_PEERS: dict[str, tuple[str, dict[str, int]]] = {
    f"PSD {name[:5]} {least}": (name, {"min_scene_len": least})
    for name in ("Content", "Adaptive")
    for least in (15, 1)
}
"""PySceneDetect with the least length of a scene in frames: its own, and none."""
_LEAST_MEAN, _LEAST_WIPES, _KIND_MARGIN = 0.90, 0.60, 0.05
"""F1 of `auto` without the network on the kinds, and by how much it may be below the best single
detector without the network in any."""
_KIND_CHANGES, _KIND_QUICK = 24, 6
_MARGIN, _SHARE = 0.01, 0.5
"""By how much `auto` may be below the best single detector, and its share of the network's cost."""


@dataclass(frozen=True, kw_only=True)
class Score:
    """How well the changes of a video were found."""

    precision: float
    recall: float
    seconds: float
    """On the CPU, per frame, without decoding."""

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def judge(known: list[Change], found: list[int]) -> tuple[float, float]:
    """Precision and recall; each change is found by one cut at most, and each cut finds one."""
    left = sorted(found)
    hits = 0
    for change in known:
        near = [f for f in left if change.start - TOLERANCE <= f <= change.end + TOLERANCE]
        if near:
            hits += 1
            left.remove(min(near, key=lambda f: abs(2 * f - change.start - change.end)))
    return hits / max(1, len(found)), hits / max(1, len(known))


def run(folder: Path, *, quick: bool) -> list[str]:
    """Print the report; returns what does not hold.

    Args:
        folder: For the videos.
        quick: Short videos, and only some of them judged.
    """
    wrong = _kinds(folder, quick=quick)
    if not MEDIA.is_dir():
        print("shots: no videos in ../shared/data/video, so only the kinds are measured")
        return wrong
    for seed, name in enumerate(("tuning", "held-out"), start=1):
        path = folder / f"{name}.mp4"
        known = write_video(
            path, read_parts(MEDIA, name), changes=_QUICK if quick else _CHANGES, seed=seed
        )
        scores = _report(name, path, known, ())
        if name == "held-out" and not quick:
            wrong += _broken(scores)
    _report("Sintel trailer", MEDIA / SINTEL, [change for change, _ in SEEN], UNSURE)
    return wrong


def _kinds(folder: Path, *, quick: bool) -> list[str]:
    """F1 of every detector on each kind; returns what does not hold on the half for judging."""
    wrong: list[str] = []
    for seed, half in enumerate(("tuning", "held-out"), start=1):
        scenes = read_scenes(DATA, half)
        scores: dict[str, dict[str, float]] = {}
        for kind in KINDS:
            changes = _KIND_QUICK if quick else _KIND_CHANGES
            reel = make_video(kind, scenes, changes=changes, seed=seed)
            path = folder / f"{half}-{list(KINDS).index(kind)}.mp4"
            encode(path, reel.frames)
            scores[kind] = _f1(path, reel.changes, network=not quick)
            if kind == next(iter(KINDS)):
                print(f"shots by kind, {half}: F1; {len(scenes)} pictures and films")
                print(" " * 12 + "".join(f"{name:>14}" for name in scores[kind]))
            print(
                f"  {kind:10}" + "".join(f"{f1:14.2f}" for f1 in scores[kind].values()), flush=True
            )
        names = next(iter(scores.values()))
        mean = {name: float(np.mean([each[name] for each in scores.values()])) for name in names}
        print(f"  {'mean':10}" + "".join(f"{f1:14.2f}" for f1 in mean.values()))
        if half == "held-out" and not quick:
            wrong = _broken_kinds(scores, mean["auto"])
    return wrong


def _f1(path: Path, known: list[Change], *, network: bool) -> dict[str, float]:
    """F1 of each detector; `auto` alone is without the network."""
    thumbs = read_film(path, (THUMB_WIDTH, THUMB_HEIGHT))
    found = {**_ours(thumbs, network=network), **_peers(path, _KIND_PEERS)}
    found["auto"], with_network = found.pop("auto without the network"), found["auto"]
    if "transnetv2" in found:
        found["auto, network"] = with_network
    scores: dict[str, float] = {}
    for name, find in found.items():
        precision, recall = judge(known, find())
        scores[name] = Score(precision=precision, recall=recall, seconds=0.0).f1
    return scores


def _broken_kinds(scores: dict[str, dict[str, float]], mean: float) -> list[str]:
    wrong: list[str] = []
    for kind, each in scores.items():
        alone = {n: f1 for n, f1 in each.items() if n not in _WITH_NETWORK and n != "auto"}
        name, best = max(alone.items(), key=lambda entry: entry[1])
        if each["auto"] < best - _KIND_MARGIN:
            wrong.append(f"{kind}: auto has F1 {each['auto']:.2f}; {name} has {best:.2f}")
    if mean < _LEAST_MEAN:
        wrong.append(f"auto has a mean F1 of {mean:.2f} over the kinds; at least {_LEAST_MEAN}")
    if scores["wipe, push"]["auto"] < _LEAST_WIPES:
        wrong.append(f"auto finds wipes with F1 {scores['wipe, push']['auto']:.2f}")
    return wrong


def _report(
    name: str, path: Path, known: list[Change], unsure: tuple[tuple[int, int], ...]
) -> dict[str, Score]:
    thumbs = read_film(path, (THUMB_WIDTH, THUMB_HEIGHT))
    kinds = {kind: sum(c.kind == kind for c in known) for kind in sorted({c.kind for c in known})}
    print(f"shots, {name}: {len(thumbs):,} frames, {len(known)} changes {kinds}")
    print(f"  {'':26}{'precision':>10}{'recall':>8}{'F1':>8}{'ms/frame':>10}")
    scores: dict[str, Score] = {}
    for detector, find in {**_ours(thumbs), **_peers(path, _PEERS)}.items():
        start = time.process_time()
        found = find()
        seconds = (time.process_time() - start) / len(thumbs)
        sure = [f for f in found if not any(a - TOLERANCE <= f <= b + TOLERANCE for a, b in unsure)]
        precision, recall = judge(known, sure)
        score = scores[detector] = Score(precision=precision, recall=recall, seconds=seconds)
        print(
            f"  {detector:26}{precision:10.3f}{recall:8.3f}{score.f1:8.3f}{seconds * 1e3:10.2f}",
            flush=True,
        )
    return scores


def _ours(thumbs: Pictures, *, network: bool = True) -> dict[str, Callable[[], list[int]]]:
    loaded = load_network("auto", device="cpu") if network else None

    def finder(detector: Detector, network: Network | None) -> Callable[[], list[int]]:
        return lambda: [c.frame for c in find_cuts(thumbs, detector=detector, network=network)]

    found = {name: finder(name, loaded) for name in _OURS if loaded or name != "transnetv2"}
    return {**found, "auto without the network": finder("auto", None)}


def _peers(
    path: Path, settings: dict[str, tuple[str, dict[str, int]]]
) -> dict[str, Callable[[], list[int]]]:
    """PySceneDetect's detectors, where it is installed, on frames that are decoded before."""
    if importlib.util.find_spec("scenedetect") is None:
        return {}
    detectors: Any = importlib.import_module("scenedetect.detectors")
    timecode: Any = importlib.import_module("scenedetect").FrameTimecode
    frames = read_film(path, (256, 144))[..., ::-1]

    def find(detector: Any) -> list[int]:
        found, codes = list[Any](), list[Any]()
        for i, frame in enumerate(frames):
            codes.append(timecode(i, 24.0))
            found += detector.process_frame(codes[-1], np.ascontiguousarray(frame))
        found += detector.post_process(codes[-1])
        return sorted({int(code.frame_num) for code in found})

    made = {
        name: getattr(detectors, f"{kind}Detector")(**values)
        for name, (kind, values) in settings.items()
    }
    return {name: lambda detector=detector: find(detector) for name, detector in made.items()}


def _broken(scores: dict[str, Score]) -> list[str]:
    """The promises that do not hold on the video that nothing was tuned on."""
    if "transnetv2" not in scores:
        print("  no network here, so auto is not compared with it")
        return []
    auto, network = scores["auto"], scores["transnetv2"]
    name, best = max(
        ((n, s) for n, s in scores.items() if not n.startswith("auto")), key=lambda e: e[1].f1
    )
    print(
        f"  auto: F1 {auto.f1 - best.f1:+.3f} against {name}, "
        f"{auto.seconds / network.seconds:.2f} of TransNetV2's CPU time"
    )
    wrong: list[str] = []
    if auto.f1 < best.f1 - _MARGIN:
        wrong.append(f"auto finds shots with F1 {auto.f1:.3f}; {name} has {best.f1:.3f}")
    if auto.seconds > _SHARE * network.seconds:
        share = auto.seconds / network.seconds
        wrong.append(f"auto takes {share:.2f} of TransNetV2's CPU time; at most {_SHARE}")
    return wrong
