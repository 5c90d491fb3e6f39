"""Are shots found where they are, and at what cost?

Precision, recall and F1 of every detector on videos put together from real frames (see
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
from numpy.typing import NDArray
from shot_videos import Change, read_film, read_parts, write_video

from curator_video.detect import find_cuts
from curator_video.shot_network import Network, load_network
from curator_video.shots import Detector
from curator_video.track import THUMB_HEIGHT, THUMB_WIDTH

MEDIA = Path(__file__).parents[2] / "shared" / "data" / "video"
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
_MARGIN, _SHARE = 0.01, 0.5
"""By how much `auto` may be below the best single detector, and its share of the network's cost."""

type Pictures = NDArray[np.uint8]


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
        quick: Two short videos instead of two of five minutes.
    """
    if not MEDIA.is_dir():
        print("shots: no videos in ../shared/data/video, so nothing is measured")
        return []
    wrong: list[str] = []
    for seed, name in enumerate(("tuning", "held-out"), start=1):
        path = folder / f"{name}.mp4"
        known = write_video(
            path, read_parts(MEDIA, name), changes=_QUICK if quick else _CHANGES, seed=seed
        )
        scores = _report(name, path, known, ())
        if name == "held-out" and not quick:
            wrong = _broken(scores)
    _report("Sintel trailer", MEDIA / SINTEL, [change for change, _ in SEEN], UNSURE)
    return wrong


def _report(
    name: str, path: Path, known: list[Change], unsure: tuple[tuple[int, int], ...]
) -> dict[str, Score]:
    thumbs = read_film(path, (THUMB_WIDTH, THUMB_HEIGHT))
    kinds = {kind: sum(c.kind == kind for c in known) for kind in sorted({c.kind for c in known})}
    print(f"shots, {name}: {len(thumbs):,} frames, {len(known)} changes {kinds}")
    print(f"  {'':26}{'precision':>10}{'recall':>8}{'F1':>8}{'ms/frame':>10}")
    scores: dict[str, Score] = {}
    for detector, find in {**_ours(thumbs), **_peers(path)}.items():
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


def _ours(thumbs: Pictures) -> dict[str, Callable[[], list[int]]]:
    network = load_network("auto", device="cpu")

    def finder(detector: Detector, network: Network | None) -> Callable[[], list[int]]:
        return lambda: [c.frame for c in find_cuts(thumbs, detector=detector, network=network)]

    found = {name: finder(name, network) for name in _OURS if network or name != "transnetv2"}
    return {**found, "auto without the network": finder("auto", None)}


def _peers(path: Path) -> dict[str, Callable[[], list[int]]]:
    """PySceneDetect's detectors with their defaults, on frames that are decoded before."""
    if importlib.util.find_spec("scenedetect") is None:
        return {}
    detectors: Any = importlib.import_module("scenedetect.detectors")
    timecode: Any = importlib.import_module("scenedetect").FrameTimecode
    frames = read_film(path, (256, 144))[..., ::-1]

    def find(make: Callable[[], Any]) -> list[int]:
        detector, found, codes = make(), list[Any](), list[Any]()
        for i, frame in enumerate(frames):
            codes.append(timecode(i, 24.0))
            found += detector.process_frame(codes[-1], np.ascontiguousarray(frame))
        found += detector.post_process(codes[-1])
        return sorted({int(code.frame_num) for code in found})

    names = ("Content", "Adaptive", "Threshold", "Hash", "Histogram")
    makers = {name: getattr(detectors, f"{name}Detector") for name in names}
    return {f"PySceneDetect {name}": lambda make=make: find(make) for name, make in makers.items()}


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
