"""The report's pictures of numbers as inline SVG: no script and no style attribute, colours by class.

The page's style sheet, `report.css`, has the classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 460, 190, 40, 36, 16, 30
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
    plot_width, plot_height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def x(value: float) -> float:
        return round(_LEFT + plot_width * (value - low) / (high - low), 1)

    def y(share: float) -> float:
        return round(_TOP + plot_height * (1 - share), 1)

    shown = np.clip(values, low, high)
    edges = np.linspace(low, high, _BINS + 1)
    good, _ = np.histogram(shown[kept], edges)
    bad, _ = np.histogram(shown[~kept], edges)
    most = max(1, int((good + bad).max()))
    parts = [_grid(y(share), f"{share:.0%}") for share in (0.0, 0.5, 1.0)]
    parts.append(_label(_LEFT - 6, y(1) + 4, f"{most:,}", "tick", "end"))
    for left, right, n, m in zip(edges, edges[1:], good, bad, strict=False):
        title = f"<title>{left:.4g} to {right:.4g}: {n:,} kept, {m:,} dropped</title>"
        base = y(0)
        for count, kind in ((m, "dropped"), (n, "kept")):
            height = round(plot_height * count / most, 1)
            if height:
                base = round(base - height, 1)
                parts.append(_bar(x(left) + 0.5, base, x(right) - x(left) - 1, height, title, kind))
    least = lines[0].least if lines else True
    grid = np.linspace(low, high, 81)
    points = " ".join(f"{x(v)},{y(kept_if(values, v, least=least))}" for v in grid)
    parts.append(f'<polyline class="curve" points="{points}"/>')
    parts += [_mark(x(line.value), y(1), y(0), line) for line in lines if low <= line.value <= high]
    parts += [
        _label(x(v), _HEIGHT - 12, f"{v:.3g}", "tick", "middle")
        for v in (low, (low + high) / 2, high)
    ]
    return _svg(parts, label)


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


def share_bar(share: float, *, kind: str = "kept") -> str:
    """A thin bar for a share in [0, 1], for a cell of a table."""
    width = round(100 * min(max(share, 0.0), 1.0), 1)
    return (
        '<svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="100" height="8" rx="2"/>'
        f'<rect class="{kind}" width="{width}" height="8" rx="2"/></svg>'
    )


def _range(values: NDArray[np.float64], lines: Sequence[Line]) -> tuple[float, float]:
    """What the chart shows: nearly all values, and a limit unless it is far away."""
    low, high = (float(v) for v in np.quantile(values, (0.005, 0.995)))
    reach = max(high - low, abs(high) * 0.05) or 1.0
    near = [line.value for line in lines if low - reach <= line.value <= high + reach]
    low, high = min([low, *near]), max([high, *near])
    margin = 0.04 * max(high - low, reach)
    return (max(0.0, low - margin) if low >= 0 else low - margin), high + margin


def _svg(parts: list[str], label: str) -> str:
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">'
        f"{''.join(parts)}</svg>"
    )


def _bar(x: float, y: float, width: float, height: float, title: str, kind: str) -> str:
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}">'
        f"{title}</rect>"
    )


def _mark(x: float, top: float, bottom: float, line: Line) -> str:
    kind = "limit" if line.in_force else "limit idle"
    side, anchor = (x + 4, "start") if x < _WIDTH / 2 else (x - 4, "end")
    name = f"{'least' if line.least else 'most'} {line.value:g}"
    return f'<line class="{kind}" x1="{x}" x2="{x}" y1="{top}" y2="{bottom}"/>' + _label(
        side, top - 5, name, kind, anchor
    )


def _grid(y: float, text: str) -> str:
    line = f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>'
    return line + _label(_WIDTH - _RIGHT + 5, y + 4, text, "tick", "start")


def _label(x: float, y: float, text: str, kind: str, anchor: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
