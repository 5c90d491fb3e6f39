"""The report's charts: what could be found, and how large clusters are.

The classes of the bars are the style sheet's, `report.css`.
"""

import math
from collections.abc import Mapping, Sequence

from curator_engine.report.svg_charts import Plot, text_at

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
    plot = Plot(width=640, height=250, left=48, right=14, top=20, bottom=34, low=low)
    parts = [plot.grid("left")]
    most = max(removed, default=0)
    for i, count in enumerate(removed):
        start, end = i / len(removed), (i + 1) / len(removed)
        if count and end > low:
            top = _BAR_SHARE * math.sqrt(count / most)
            title = f"{start:.2f} to {end:.2f}: {count:,} removed"
            parts.append(plot.bar(max(start, low), end, top=top, title=title, kind="bar"))
    if threshold is not None and low <= threshold <= 1:
        parts.append(plot.mark(threshold, f"threshold {threshold:g}"))
    parts.append(plot.curve(sorted(s_curve.items())))
    tenths = range(math.ceil(low * 10), 11)
    parts.append(plot.ticks({tenth / 10: f"{tenth / 10:.1f}" for tenth in tenths}))
    return plot.svg(
        parts, "Probability that a pair is compared, by similarity, and what was removed"
    )


def size_chart(sizes: Sequence[tuple[str, int]]) -> str:
    """Bars with their counts on top; heights by the root of the count, so that small ones are seen."""
    most = max((count for _, count in sizes), default=1)
    plot = Plot(width=640, height=250, left=14, right=14, top=34, bottom=34, high=len(sizes) or 1)
    parts = [plot.ticks({i + 0.5: name for i, (name, _) in enumerate(sizes)})]
    for i, (name, count) in enumerate(sizes):
        top = math.sqrt(count / most)
        title = f"{count:,} clusters of {name} documents"
        parts.append(plot.bar(i + 0.14, i + 0.86, top=top, title=title, kind="bar"))
        shown = f"{count:,}" if count else ""
        parts.append(text_at(plot.x(i + 0.5), plot.y(top) - 6, shown, "value", "middle"))
    return plot.svg(parts, "Clusters by number of documents")
