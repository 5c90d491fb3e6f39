"""Choose eps from the similarities themselves: the valley between near-duplicates and the rest.

The histogram counts, per item, its similarity to the most similar one before it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FALLBACK_EPS = 0.01
"""NeMo Curator's default; taken where there is no clear valley."""
LOWEST, BINS = 0.5, 50
_NEAR, _MIN_ITEMS = 0.9, 20
_DEPTH = 0.5
"""A valley holds at most this part of the lower of its two peaks."""


@dataclass(frozen=True, kw_only=True)
class EpsChoice:
    """An eps, and why."""

    eps: float
    reason: str


def histogram(scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """Items per hundredth of similarity, from 0.50 to 1.00; what is below is in the first."""
    place = np.floor((np.asarray(scores, np.float64) - LOWEST) * BINS / (1 - LOWEST) + 1e-6)
    return np.bincount(np.clip(place, 0, BINS - 1).astype(np.int64), minlength=BINS)


def choose_eps(counts: NDArray[np.int64], *, fallback: float = FALLBACK_EPS) -> EpsChoice:
    """The eps at the valley of a histogram, or the fallback where there is none.

    The near-duplicates' peak is the highest bin from 0.90, the others' the highest below the
    valley; of equally low places the one nearest to the near-duplicates counts.
    """
    smooth = np.convolve(counts, [0.25, 0.5, 0.25], mode="same")
    near = round((_NEAR - LOWEST) * BINS / (1 - LOWEST))
    peak = near + int(np.flatnonzero(smooth[near:] == smooth[near:].max())[-1])
    valley, depth = 0, 1.0
    for place in range(peak - 1, 0, -1):
        lower = min(smooth[peak], smooth[:place].max())
        if lower > 0 and smooth[place] / lower < depth:
            valley, depth = place, smooth[place] / lower
    few = min(int(counts[valley + 1 :].sum()), int(counts[:valley].sum())) < _MIN_ITEMS
    if depth > _DEPTH or few:
        return EpsChoice(
            eps=fallback,
            reason=f"no clear valley between near-duplicates and the rest, so eps is {fallback}",
        )
    edge = LOWEST + (valley + 0.5) * (1 - LOWEST) / BINS
    return EpsChoice(
        eps=round(1 - edge, 4),
        reason=f"the valley of the similarities is at {edge:.3f}, so eps is {1 - edge:.3f}",
    )


_WIDTH = 40
"""Characters of the longest bar."""


def histogram_lines(counts: NDArray[np.int64], eps: float) -> list[str]:
    """The histogram as text: bars on a logarithmic scale, with the cut."""
    per_line = 2
    rows = counts.reshape(-1, per_line).sum(axis=1)
    scale = _WIDTH / max(np.log1p(rows.max()), 1e-9)
    lines, cut_shown = list[str](), False
    for i in reversed(range(len(rows))):
        low = LOWEST + i * per_line * (1 - LOWEST) / BINS
        if not cut_shown and low + per_line * (1 - LOWEST) / BINS <= 1 - eps:
            lines.append(f"  ---- 1 - eps = {1 - eps:.4f}")
            cut_shown = True
        bar = "#" * int(np.log1p(rows[i]) * scale)
        name = "<" if i == 0 else " "
        lines.append(f"  {name}{low:.2f} {rows[i]:>9,} {bar}")
    return lines
