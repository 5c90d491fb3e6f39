"""Find the cuts of a video by any of the detectors."""

from curator_engine.errors import SettingsError
from curator_video.shots.cascade import CASCADE_THRESHOLD, cascade_cuts
from curator_video.shots.changes import Thumbs, measure_changes
from curator_video.shots.cuts import Cut, Detector, merge
from curator_video.shots.detectors import (
    ADAPTIVE_THRESHOLD,
    CONTENT_THRESHOLD,
    adaptive_cuts,
    content_cuts,
)
from curator_video.shots.fades import fade_cuts
from curator_video.shots.frame_stride import among_all, stride_for
from curator_video.shots.gradual import GRADUAL_THRESHOLD, gradual_changes
from curator_video.shots.pushes import find_pushes
from curator_video.shots.shot_network import Network
from curator_video.shots.transitions import TRANSNETV2_THRESHOLD, cuts_of

THRESHOLDS: dict[Detector, float] = {
    "auto": CASCADE_THRESHOLD,
    "content": CONTENT_THRESHOLD,
    "adaptive": ADAPTIVE_THRESHOLD,
    "fade": GRADUAL_THRESHOLD,
    "transnetv2": TRANSNETV2_THRESHOLD,
}
"""Each detector's own, in its own unit; `fixed` has none."""


def find_cuts(
    thumbs: Thumbs,
    *,
    detector: Detector = "auto",
    threshold: float | None = None,
    network: Network | None = None,
    rate: float = 0.0,
) -> list[Cut]:
    """The cuts in order.

    Args:
        thumbs: RGB, shape (frames, 27, 48, 3); read in pieces.
        detector: `fixed` finds none.
        threshold: In the detector's unit, instead of its own.
        network: For `transnetv2`, and for `auto` where there is one.
        rate: Frames per second, by which limits are the same seconds; as if 24 to 30 unless known.

    Raises:
        SettingsError: The detector needs a network, or has no threshold.
    """
    if detector == "fixed":
        if threshold is not None:
            raise SettingsError("the detector fixed has no threshold; leave it out.")
        return []
    value = THRESHOLDS[detector] if threshold is None else threshold
    stride = stride_for(rate)
    if stride == 1:
        return _found(thumbs, detector, value, network, rate)
    return among_all(_found(thumbs[::stride], detector, value, network, 0.0), thumbs, stride)


def _found(
    thumbs: Thumbs, detector: Detector, value: float, network: Network | None, rate: float
) -> list[Cut]:
    """The cuts of a detector that has a threshold."""
    changes = measure_changes(thumbs)
    match detector:
        case "content":
            return content_cuts(changes, thumbs, value)
        case "adaptive":
            return adaptive_cuts(changes, thumbs, value)
        case "fade":
            mixed = gradual_changes(changes, thumbs, threshold=value, rate=rate)
            pushes = find_pushes(changes, thumbs, rate=rate)
            fades = fade_cuts(changes, thumbs, rate=rate)
            return merge(pushes, fades, [each.cut for each in mixed])
        case "transnetv2":
            if network is None:
                raise SettingsError("the detector transnetv2 needs the network; take auto.")
            return cuts_of(network.everywhere(thumbs), changes, value)
        case _:
            return cascade_cuts(changes, thumbs, network=network, threshold=value, rate=rate)
