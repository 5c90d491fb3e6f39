"""The detector `auto`: cheap numbers everywhere, the network only where they leave a doubt.

What clearly is a cut, a fade, a dissolve or a wipe is taken at once, and what clearly is none is passed
over. What is left are doubtful places. The network looks at them, the most doubtful first, until it
has seen its share of the video; for the others, and without a network, the numbers alone decide.
"""

from dataclasses import dataclass, replace

import numpy as np

from curator_video.shots.changes import Changes, Thumbs
from curator_video.shots.cuts import Cut, hard, merge
from curator_video.shots.detectors import candidates
from curator_video.shots.fades import fade_cuts
from curator_video.shots.gradual import gradual_changes
from curator_video.shots.likeness import UNLIKE, across
from curator_video.shots.pushes import find_pushes
from curator_video.shots.shot_network import Network

CASCADE_THRESHOLD = 0.55
"""A doubtful place is a cut if the network's probability and what the numbers add to it are at least this."""
SHARE = 0.4
"""Most frames that the network looks at, as a share of those that it would look at in the whole."""
_LEAST_STEP, _LEAST_RATIO = 2.5, 1.0
"""A step from one frame to the next that may be a hard cut."""
_SURE_UNLIKE, _LEAST_UNLIKE = 0.46, 0.24
"""What `across` is at a hard cut that is sure, and below which there is none."""
_SURE_FIT = 0.42
"""How well a gradual change that is sure fits."""
_WEIGHT = 0.6
"""What the numbers add for a place of which they are almost sure; for others, less in proportion."""
_NEAR = 4
"""Frames between a sure change and a doubtful one that may come from it."""
_BESIDE = 6
"""Frames beside a place that the network judges as well."""
_SPAN = 10
"""Spans are as long as a multiple of these frames, so that many go through the network together."""
_CONTEXT = 50
"""Frames that the network looks at for a span, besides its own."""


@dataclass(frozen=True, kw_only=True)
class _Place:
    """A doubtful change, as the numbers see it."""

    cut: Cut
    doubt: float
    """From 0, sure that there is no cut, to 1, almost sure that there is."""
    likely: bool
    """What the numbers alone would say."""


def cascade_cuts(
    changes: Changes,
    thumbs: Thumbs,
    *,
    network: Network | None = None,
    threshold: float = CASCADE_THRESHOLD,
    rate: float = 0.0,
) -> list[Cut]:
    """All cuts; the score is a probability, 1 for those that are sure without the network."""
    sure, places = _hard(changes, thumbs)
    pushes = find_pushes(changes, thumbs, rate=rate)
    walls = [cut.frame for cut in sure] + [place.cut.frame for place in places if place.likely]
    gradual = gradual_changes(changes, thumbs, walls=walls, rate=rate)
    found = [replace(each.cut, score=min(1.0, each.fit / _SURE_FIT)) for each in gradual]
    sure = merge(pushes, fade_cuts(changes, thumbs, sure, rate=rate), found)
    places = [place for place in places if not _near_any(place.cut, sure)]
    return merge(sure, _judge(places, thumbs, network, threshold))


def _hard(changes: Changes, thumbs: Thumbs) -> tuple[list[Cut], list[_Place]]:
    frames = candidates(changes, step=_LEAST_STEP, ratio=_LEAST_RATIO)
    found = dict(zip(frames, across(thumbs, frames).tolist(), strict=True))
    sure: list[Cut] = []
    places: list[_Place] = []
    for frame, apart in found.items():
        if any(found.get(frame + way, 0) > apart for way in (-2, -1, 1, 2)):
            continue
        doubt = min(1.0, apart / _SURE_UNLIKE)
        if apart >= _SURE_UNLIKE:
            sure.append(hard(frame, 1.0))
        elif apart >= _LEAST_UNLIKE:
            places.append(_Place(cut=hard(frame, doubt), doubt=doubt, likely=apart >= UNLIKE))
    return sure, places


def _near_any(cut: Cut, others: list[Cut]) -> bool:
    """Whether it is so near to a sure one that it may come from that."""
    return any(o.start - _NEAR <= cut.end and cut.start - _NEAR <= o.end for o in others)


def _judge(
    places: list[_Place], thumbs: Thumbs, network: Network | None, threshold: float
) -> list[Cut]:
    asked = _affordable(places, len(thumbs)) if network else []
    cuts = [place.cut for place in places if place.likely and place not in asked]
    if network and asked:
        answers = network.within(thumbs, [_span(place.cut) for place in asked])
        for place, answer in zip(asked, answers, strict=True):
            score = float(np.max(answer)) + _WEIGHT * place.doubt
            if score >= threshold:
                cuts.append(replace(place.cut, score=min(1.0, score)))
    return cuts


def _affordable(places: list[_Place], frames: int) -> list[_Place]:
    """The most doubtful places, as many as the network may look at."""
    left = SHARE * 2 * frames
    asked: list[_Place] = []
    for place in sorted(places, key=lambda place: (-place.doubt, place.cut.frame)):
        start, end = _span(place.cut)
        left -= end - start + _CONTEXT
        if left < 0:
            break
        asked.append(place)
    return asked


def _span(cut: Cut) -> tuple[int, int]:
    """The frames that the network judges for a cut."""
    start, end = cut.start - _BESIDE, cut.end + _BESIDE
    return start, start + -(-(end - start) // _SPAN) * _SPAN
