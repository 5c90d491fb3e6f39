"""The detector `auto`: cheap numbers everywhere, the network only where they leave a doubt.

What clearly is a cut, a fade or a dissolve is taken at once, and what clearly is none is passed
over. The rest are places: the network looks at them, the most doubtful first, until its share of
the video is used up; beyond that, and without a network, the numbers alone decide.
"""

from dataclasses import dataclass, replace

import numpy as np

from curator_video.changes import REACHES, Changes, Thumbs
from curator_video.detectors import ADAPTIVE_THRESHOLD, LASTS, LEAST_STEP, find_jumps
from curator_video.fades import DISSOLVE_THRESHOLD, dissolve_cuts, fade_cuts
from curator_video.shot_network import Network
from curator_video.shots import Cut, hard, merge

CASCADE_THRESHOLD = 0.55
"""Least sum of the network's probability of a cut in a doubtful place and of what the numbers give."""
SHARE = 0.4
"""Most frames that the network looks at, as a share of those that it would look at in the whole."""
_SURE_RATIO, _SURE_STEP, _SURE_LASTS = 4.0, 10.0, 0.6
_LEAST_RATIO, _LEAST_LASTS = 2.0, 0.45
_SURE_MIXED, _LEAST_MIXED = 0.25, 0.05
_WEIGHT = 0.4
"""What the numbers give to a place that is almost sure by them; to others, in proportion."""
_SURE_FRAMES = 5
"""Frames in a row that look mixed in a dissolve that is sure."""
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
) -> list[Cut]:
    """All cuts; the score is a probability, 1 for those that are sure without the network."""
    hard_cuts, jumps = _hard(changes, thumbs)
    mixed_cuts, mixtures = _mixed(changes, thumbs)
    sure = merge(fade_cuts(changes, hard_cuts), mixed_cuts)
    places = [place for place in [*jumps, *mixtures] if not _near_any(place.cut, sure)]
    judged = _judge(places, thumbs, network, threshold)
    return merge(sure, judged)


def _hard(changes: Changes, thumbs: Thumbs) -> tuple[list[Cut], list[_Place]]:
    jumps = find_jumps(changes, thumbs, step=LEAST_STEP, ratio=_LEAST_RATIO)
    sure: list[Cut] = []
    places: list[_Place] = []
    for i, frame in enumerate(jumps.frames):
        ratio, step, lasts = (float(x[i]) for x in (jumps.ratio, jumps.step, jumps.lasts))
        if ratio >= _SURE_RATIO and step >= _SURE_STEP and lasts >= _SURE_LASTS:
            sure.append(hard(frame, 1.0))
        elif lasts >= _LEAST_LASTS:
            likely = ratio >= ADAPTIVE_THRESHOLD and lasts >= LASTS
            doubt = min(1.0, ratio / _SURE_RATIO) * min(1.0, lasts / _SURE_LASTS)
            places.append(_Place(cut=hard(frame, doubt), doubt=doubt, likely=likely))
    return sure, places


def _mixed(changes: Changes, thumbs: Thumbs) -> tuple[list[Cut], list[_Place]]:
    sure: list[Cut] = []
    places: list[_Place] = []
    for cut in dissolve_cuts(changes, thumbs, _LEAST_MIXED):
        frames = int((changes.mixed[cut.start : cut.end] >= _LEAST_MIXED).sum())
        if cut.score >= _SURE_MIXED and frames >= _SURE_FRAMES:
            sure.append(cut)
            continue
        doubt = min(1.0, cut.score / _SURE_MIXED)
        places.append(_Place(cut=cut, doubt=doubt, likely=cut.score >= DISSOLVE_THRESHOLD))
    return sure, places


def _near_any(cut: Cut, others: list[Cut]) -> bool:
    """Whether it is so near to a sure one that it may come from that."""
    reach = max(REACHES)
    return any(o.start - reach <= cut.end and cut.start - reach <= o.end for o in others)


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
