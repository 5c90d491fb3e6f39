"""The chart of a score: items kept and dropped, its limits, and what would be kept if one were moved.

The classes of bars are those of `report/items.css`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curator_engine.report.svg_charts import Plot, text_at, value_name

_BINS = 32


@dataclass(frozen=True, kw_only=True)
class Line:
    """A limit on a score, as the chart marks it."""

    value: float
    least: bool
    """Whether it is the least that is kept; else the most."""
    in_force: bool
    """Whether items were dropped by it; else it only could have been."""


def kept_if(values: NDArray[np.float64], limit: float, *, least: bool) -> float:
    """The share of items that a limit at this value would keep.

    Args:
        values: Scores, shape (items,), at least one.
        limit: The limit.
        least: Whether it is the least that is kept.
    """
    return float(np.mean(values >= limit) if least else np.mean(values <= limit))


def score_chart(
    values: NDArray[np.float64], kept: NDArray[np.bool_], lines: Sequence[Line], *, label: str
) -> str:
    """Bars of a score, kept above dropped, its limits, and what would be kept if one were moved.

    Args:
        values: Scores, shape (items,), at least one.
        kept: Whether each item is kept, shape (items,).
        lines: The limits; the curve belongs to the first, or to a least one if there is none.
        label: What the picture shows, escaped.
    """
    low, high = _range(values, lines)
    plot = Plot(width=460, height=190, left=40, right=40, top=16, bottom=30, low=low, high=high)
    shown = np.clip(values, low, high)
    edges = np.linspace(low, high, _BINS + 1)
    good, _ = np.histogram(shown[kept], edges)
    bad, _ = np.histogram(shown[~kept], edges)
    most = max(1, int((good + bad).max()))
    parts = [plot.grid("right"), text_at(plot.left - 6, plot.y(1) + 4, f"{most:,}", "tick", "end")]
    for left, right, n, m in zip(edges, edges[1:], good, bad, strict=False):
        title = f"{value_name(left)} to {value_name(right)}: {n:,} kept, {m:,} dropped"
        for base, count, kind in ((0, m, "dropped"), (m, n, "kept")):
            if count:
                top = (base + count) / most
                parts.append(
                    plot.bar(left, right, top=top, base=base / most, title=title, kind=kind)
                )
    least = lines[0].least if lines else True
    grid = np.linspace(low, high, 81)
    parts.append(plot.curve((v, kept_if(values, v, least=least)) for v in grid))
    for line in lines:
        if low <= line.value <= high:
            text = f"{'least' if line.least else 'most'} {line.value:g}"
            parts.append(plot.mark(line.value, text, "mark" if line.in_force else "mark idle"))
    first, last = _inner(values, lines)
    parts.append(plot.ticks({v: value_name(v) for v in (first, (first + last) / 2, last)}))
    return plot.svg(parts, label)


def _range(values: NDArray[np.float64], lines: Sequence[Line]) -> tuple[float, float]:
    """What the chart shows, with a margin."""
    low, high = _inner(values, lines)
    margin = 0.04 * max(high - low, _reach(low, high))
    return (max(0.0, low - margin) if low >= 0 else low - margin), high + margin


def _inner(values: NDArray[np.float64], lines: Sequence[Line]) -> tuple[float, float]:
    """Where nearly all values lie, and a limit unless it is far away."""
    low, high = (float(v) for v in np.quantile(values, (0.005, 0.995), method="nearest"))
    reach = _reach(low, high)
    near = [line.value for line in lines if low - reach <= line.value <= high + reach]
    return min([low, *near]), max([high, *near])


def _reach(low: float, high: float) -> float:
    return max(high - low, abs(high) * 0.05) or 1.0
