"""The report's charts: scores with their limits, and videos as strips.

The classes of bars and clips are the style sheet's, `report.css`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curator_engine.report.svg_charts import Plot, text_at

_BINS = 32
_STRIP = 1000


@dataclass(frozen=True, kw_only=True)
class Line:
    """A limit on a score, as the chart marks it."""

    value: float
    least: bool
    """Whether it is the least that is kept; else the most."""
    in_force: bool
    """Whether clips were dropped by it; else it only could have been."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """A part of a video, in seconds."""

    start: float
    end: float
    kind: str
    """kept, dropped or failed."""
    title: str
    """Escaped."""


def kept_if(values: NDArray[np.float64], limit: float, *, least: bool) -> float:
    """The share of clips that a limit at this value would keep.

    Args:
        values: Scores, shape (clips,), at least one.
        limit: The limit.
        least: Whether it is the least that is kept.
    """
    return float(np.mean(values >= limit) if least else np.mean(values <= limit))


def score_chart(
    values: NDArray[np.float64], kept: NDArray[np.bool_], lines: Sequence[Line], *, label: str
) -> str:
    """Bars of a score, kept above dropped, its limits, and what would be kept if one were moved.

    Args:
        values: Scores, shape (clips,), at least one.
        kept: Whether each clip is kept, shape (clips,).
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
        title = f"{left:.4g} to {right:.4g}: {n:,} kept, {m:,} dropped"
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
    parts.append(plot.ticks({v: f"{v:.3g}" for v in (low, (low + high) / 2, high)}))
    return plot.svg(parts, label)


def timeline(spans: Sequence[Span], duration: float, *, label: str) -> str:
    """A video as a strip: its clips in order, coloured by what became of them.

    Args:
        spans: The clips.
        duration: Seconds of the video.
        label: What the picture shows, escaped.
    """
    scale = _STRIP / max(duration, 1e-9)
    parts = [f'<rect class="track" width="{_STRIP}" height="20"/>']
    for span in spans:
        left = round(max(0.0, span.start) * scale, 2)
        width = round(max(1.0, span.end * scale - left - 1), 2)
        parts.append(
            f'<rect class="{span.kind}" x="{left}" width="{width}" height="20">'
            f"<title>{span.title}</title></rect>"
        )
    return (
        f'<svg class="strip" viewBox="0 0 {_STRIP} 20" preserveAspectRatio="none" role="img" '
        f'aria-label="{label}">{"".join(parts)}</svg>'
    )


def _range(values: NDArray[np.float64], lines: Sequence[Line]) -> tuple[float, float]:
    """What the chart shows: nearly all values, and a limit unless it is far away."""
    low, high = (float(v) for v in np.quantile(values, (0.005, 0.995)))
    reach = max(high - low, abs(high) * 0.05) or 1.0
    near = [line.value for line in lines if low - reach <= line.value <= high + reach]
    low, high = min([low, *near]), max([high, *near])
    margin = 0.04 * max(high - low, reach)
    return (max(0.0, low - margin) if low >= 0 else low - margin), high + margin
