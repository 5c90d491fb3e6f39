"""How well scores tell good texts from bad ones: area under the curve, precision and recall, what thresholds keep."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_THRESHOLDS = tuple(round(0.05 * n, 2) for n in range(1, 20))
_CURVE_POINTS = 100
_DIGITS = 4

type Values = NDArray[np.float64]
type Labels = NDArray[np.int64]


def evaluate(scores: Values, labels: Labels) -> dict[str, Any]:
    """What is said of scores whose labels are known.

    Args:
        scores: Shape (texts,), in [0, 1].
        labels: 1 for good texts, 0 for bad ones; there are both.

    Returns:
        `good` and `bad` (texts), `auc`, `accuracy` at 0.5, `curve` (rows of recall and precision) and `thresholds`: rows
        of a threshold, the shares of good and bad texts that it keeps, and the precision if both are equally many.
    """
    good, bad = np.sort(scores[labels == 1]), np.sort(scores[labels == 0])
    return {
        "good": len(good),
        "bad": len(bad),
        "auc": round(auc(good, bad), _DIGITS),
        "accuracy": round(float(((scores >= 0.5) == (labels == 1)).mean()), _DIGITS),
        "curve": _curve(good, bad),
        "thresholds": [_threshold(each, good, bad) for each in _THRESHOLDS],
    }


def auc(good: Values, bad: Values) -> float:
    """How often a good text has a higher score than a bad one; equal ones count half.

    Args:
        good: Scores of good texts, sorted.
        bad: Scores of bad texts, sorted.
    """
    below = int(np.searchsorted(bad, good, side="left").sum())
    not_above = int(np.searchsorted(bad, good, side="right").sum())
    return (below + not_above) / (2 * len(good) * len(bad))


def _curve(good: Values, bad: Values) -> list[list[float]]:
    """Recall and precision at the scores of good texts, a hundred of them at most, the highest first."""
    places = np.unique(np.linspace(0, len(good) - 1, _CURVE_POINTS).round().astype(np.int64))
    rows: list[list[float]] = []
    for place in reversed(places.tolist()):
        kept_good = len(good) - int(np.searchsorted(good, good[place], side="left"))
        kept_bad = len(bad) - int(np.searchsorted(bad, good[place], side="left"))
        recall, precision = kept_good / len(good), kept_good / (kept_good + kept_bad)
        rows.append([round(recall, _DIGITS), round(precision, _DIGITS)])
    return rows


def _threshold(least: float, good: Values, bad: Values) -> dict[str, Any]:
    kept_good, kept_bad = (
        1 - int(np.searchsorted(each, least, side="left")) / len(each) for each in (good, bad)
    )
    both = kept_good + kept_bad
    return {
        "threshold": least,
        "good_kept": round(kept_good, _DIGITS),
        "bad_kept": round(kept_bad, _DIGITS),
        "precision": round(kept_good / both, _DIGITS) if both else None,
    }
