"""How good speech sounds by DNSMOS: one window of 9.01 seconds of a segment, or windows over all of it.

The windows of the package speechmos overlap by 8 seconds; these stand side by side, so that a long
segment costs a ninth.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from curator_audio.models.dnsmos import RATE, WINDOW, Dnsmos

type Windows = Literal["one", "all"]
SCORES = ("dnsmos_sig", "dnsmos_bak", "dnsmos_ovrl", "dnsmos_p808")


def speech_quality(
    model: Dnsmos, samples: NDArray[np.float32], *, windows: Windows = "one"
) -> dict[str, float]:
    """DNSMOS of speech; nothing of less than a tenth of a second.

    Args:
        model: The networks.
        samples: Of one channel at 16,000 Hz, shape (samples,).
        windows: "one" takes the middle, "all" the mean over windows side by side. What is shorter
            than a window is repeated, as its authors do.
    """
    if len(samples) < RATE // 10:
        return {}
    found = [model.scores(samples[at : at + WINDOW]) for at in _starts(len(samples), windows)]
    if not found:
        found = [model.scores(np.resize(samples, WINDOW))]
    return {name: float(np.mean([each[name] for each in found])) for name in SCORES}


def quality_span(start_s: float, end_s: float) -> tuple[float, float]:
    """The seconds of a segment that one window needs: only these have to be decoded."""
    length = WINDOW / RATE
    if end_s - start_s <= length:
        return start_s, end_s
    middle = (start_s + end_s) / 2
    return middle - length / 2, middle + length / 2


def _starts(samples: int, windows: Windows) -> list[int]:
    """Where windows begin; none if there is not one."""
    if samples < WINDOW:
        return []
    if windows == "one":
        return [(samples - WINDOW) // 2]
    return list(range(0, samples - WINDOW + 1, WINDOW))
