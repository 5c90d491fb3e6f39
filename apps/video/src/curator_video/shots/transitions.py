"""Cuts from what TransNetV2 says of each frame.

The network marks the last frame of the old shot; a cut is the first of the new one.
"""

import numpy as np

from curator_video.shots.changes import Changes, Floats
from curator_video.shots.cuts import Cut, hard
from curator_video.shots.fades import FLAT, runs

TRANSNETV2_THRESHOLD = 0.4
"""Least probability; NeMo Curator's."""
_SUDDEN = 2
"""Frames in a row that the network marks at most around a hard cut."""


def cuts_of(probabilities: Floats, changes: Changes, threshold: float) -> list[Cut]:
    """The cuts at runs of frames with at least that probability; the score is the highest of a run.

    Args:
        probabilities: That the frame after each one begins a new shot, shape (frames,).
        changes: Of the same frames; tell a fade from a dissolve.
        threshold: In (0, 1].
    """
    cuts: list[Cut] = []
    for first, stop in runs(probabilities >= threshold):
        highest = first + int(np.argmax(probabilities[first:stop]))
        score = float(probabilities[highest])
        if stop - first <= _SUDDEN:
            if highest + 1 < len(probabilities):
                cuts.append(hard(highest + 1, score))
            continue
        flat = changes.contrast[first:stop].min() < FLAT
        cuts.append(
            Cut(
                frame=(first + stop + 1) // 2,
                start=first + 1,
                end=min(stop, len(probabilities)),
                kind="fade" if flat else "dissolve",
                score=score,
            )
        )
    return cuts
