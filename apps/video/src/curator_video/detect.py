"""Find the cuts of a video by any of the detectors."""

from curator_engine.errors import SettingsError
from curator_video.cascade import CASCADE_THRESHOLD, cascade_cuts
from curator_video.changes import Thumbs, measure_changes
from curator_video.detectors import (
    ADAPTIVE_THRESHOLD,
    CONTENT_THRESHOLD,
    adaptive_cuts,
    content_cuts,
)
from curator_video.fades import fade_cuts
from curator_video.gradual import GRADUAL_THRESHOLD, gradual_changes
from curator_video.shot_network import Network
from curator_video.shots import Cut, Detector, merge
from curator_video.transitions import TRANSNETV2_THRESHOLD, cuts_of

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
) -> list[Cut]:
    """The cuts in order.

    Args:
        thumbs: RGB, shape (frames, 27, 48, 3); read in pieces.
        detector: `fixed` finds none.
        threshold: In the detector's unit, instead of its own.
        network: For `transnetv2`, and for `auto` where there is one.

    Raises:
        SettingsError: The detector needs a network, or has no threshold.
    """
    if detector == "fixed":
        if threshold is not None:
            raise SettingsError("the detector fixed has no threshold; leave it out.")
        return []
    value = THRESHOLDS[detector] if threshold is None else threshold
    changes = measure_changes(thumbs)
    match detector:
        case "content":
            return content_cuts(changes, thumbs, value)
        case "adaptive":
            return adaptive_cuts(changes, thumbs, value)
        case "fade":
            mixed = gradual_changes(changes, thumbs, threshold=value)
            return merge(fade_cuts(changes, thumbs), [each.cut for each in mixed])
        case "transnetv2":
            if network is None:
                raise SettingsError("the detector transnetv2 needs the network; take auto.")
            return cuts_of(network.everywhere(thumbs), changes, value)
        case "auto":
            return cascade_cuts(changes, thumbs, network=network, threshold=value)
