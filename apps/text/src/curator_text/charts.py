"""Small charts as inline SVG: no script and no style attribute, colours by class.

The page's style sheet, `report.css`, has the classes.
"""

import math
from collections.abc import Mapping, Sequence

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 640, 250, 48, 14, 34
_BAR_SHARE = 0.85
"""Height of the largest bar below the S-curve."""


def s_curve_chart(
    s_curve: Mapping[float, float], *, threshold: float | None, removed: Sequence[int]
) -> str:
    """The probability that a pair is compared, over its similarity, above what was found.

    Args:
        s_curve: Probability by similarity.
        threshold: Marked by a line if it is given.
        removed: Removed documents by similarity: equal steps from 0 to 1.
    """
    low = min(s_curve)
    plot_width, plot_height = _WIDTH - _LEFT - 14, _HEIGHT - _TOP - _BOTTOM

    def x(similarity: float) -> float:
        return round(_LEFT + plot_width * (similarity - low) / (1 - low), 1)

    def y(share: float) -> float:
        return round(_TOP + plot_height * (1 - share), 1)

    parts = [_axis(x(low), x(1.0), y(share), f"{share:.0%}") for share in (0.0, 0.5, 1.0)]
    most = max(removed, default=0)
    for i, count in enumerate(removed):
        start, end = i / len(removed), (i + 1) / len(removed)
        if count and end > low:
            left, width = x(max(start, low)), x(end) - x(max(start, low))
            top = y(_BAR_SHARE * math.sqrt(count / most))
            title = f"<title>{start:.2f} to {end:.2f}: {count:,} removed</title>"
            parts.append(_bar(left + 1, top, max(width - 2, 1), y(0) - top, title, "bar"))
    if threshold is not None and low <= threshold <= 1:
        at = x(threshold)
        parts.append(f'<line class="mark" x1="{at}" x2="{at}" y1="{y(1)}" y2="{y(0)}"/>')
        parts.append(_label(at - 7, y(0.06), f"threshold {threshold:g}", "mark", "end"))
    points = " ".join(f"{x(s)},{y(p)}" for s, p in sorted(s_curve.items()))
    parts.append(f'<polyline class="curve" points="{points}"/>')
    for tenth in range(math.ceil(low * 10), 11):
        parts.append(_label(x(tenth / 10), _HEIGHT - 14, f"{tenth / 10:.1f}", "tick", "middle"))
    return _svg(parts, "Probability that a pair is compared, by similarity, and what was removed")


def size_chart(sizes: Sequence[tuple[str, int]]) -> str:
    """Bars with their counts on top; heights by the root of the count, so that small ones are seen."""
    most = max((count for _, count in sizes), default=1)
    step = (_WIDTH - 2 * 14) / max(len(sizes), 1)
    bottom = _HEIGHT - _BOTTOM
    parts: list[str] = []
    for i, (name, count) in enumerate(sizes):
        left, width = 14 + i * step + 0.14 * step, 0.72 * step
        height = (bottom - _TOP - 20) * math.sqrt(count / most)
        middle = round(left + width / 2, 1)
        title = f"<title>{count:,} clusters of {name} documents</title>"
        parts.append(_bar(left, bottom - height, width, height, title, "bar"))
        shown = f"{count:,}" if count else ""
        parts.append(_label(middle, bottom - height - 6, shown, "value", "middle"))
        parts.append(_label(middle, _HEIGHT - 14, name, "tick", "middle"))
    return _svg(parts, "Clusters by number of documents")


def share_bar(share: float, *, alarm: bool = False) -> str:
    """A thin bar for a share in [0, 1], for a cell of a table."""
    width = round(100 * min(max(share, 0.0), 1.0), 1)
    kind = "bar alarm" if alarm else "bar"
    return (
        '<svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="100" height="8" rx="2"/>'
        f'<rect class="{kind}" width="{width}" height="8" rx="2"/></svg>'
    )


def _svg(parts: list[str], label: str) -> str:
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">'
        f"{''.join(parts)}</svg>"
    )


def _bar(x: float, y: float, width: float, height: float, title: str, kind: str) -> str:
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'rx="2">{title}</rect>'
    )


def _axis(left: float, right: float, y: float, text: str) -> str:
    line = f'<line class="grid" x1="{left}" x2="{right}" y1="{y}" y2="{y}"/>'
    return line + _label(left - 8, y + 4, text, "tick", "end")


def _label(x: float, y: float, text: str, kind: str, anchor: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
