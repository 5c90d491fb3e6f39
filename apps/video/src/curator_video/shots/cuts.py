"""What a change of shots is, and how the answers of several detectors are joined.

A cut is the first frame of the new shot, everywhere. Finding them is in `detectors.py`, `fades.py`,
`gradual.py`, `transitions.py` and `cascade.py`; what becomes of the shots between them is in `find_shots.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

type Detector = Literal["auto", "fixed", "content", "adaptive", "fade", "transnetv2"]
type Kind = Literal["hard", "fade", "dissolve", "wipe"]

NEAR = 2
"""Frames within which two detectors mean the same change."""


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A change from one shot to the next."""

    frame: int
    """The first frame of the new shot; of a gradual change the middle, or the flattest frame."""
    start: int
    """Frames [start, end) of a gradual change, which belong to neither shot; `frame` for a hard cut."""
    end: int
    kind: Kind
    score: float
    """How sure or how strong: in the detector's own unit."""


def hard(frame: int, score: float) -> Cut:
    """A change from one frame to the next."""
    return Cut(frame=frame, start=frame, end=frame, kind="hard", score=score)


def merge(*found: Iterable[Cut]) -> list[Cut]:
    """The cuts of several detectors in order; of those that touch, the first detector's stays."""
    kept: list[Cut] = []
    for cuts in found:
        for cut in cuts:
            at = next((i for i, other in enumerate(kept) if _touch(cut, other)), None)
            if at is None:
                kept.append(cut)
    return sorted(kept, key=lambda cut: cut.frame)


def _touch(a: Cut, b: Cut) -> bool:
    return a.start - NEAR <= b.end and b.start - NEAR <= a.end
