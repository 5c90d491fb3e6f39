"""Charts as inline SVG: no script and no style attribute, colours by class.

`page.css` has the classes that are drawn here, an app's `report.css` those of its bars. What is
drawn is the app's affair. All labels and titles are HTML: texts of documents are escaped before.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

_GAP = 1.0
"""Between bars that stand side by side."""


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A chart's frame: values from left to right, shares in [0, 1] from bottom to top.

    All lengths are in units of the picture, which is scaled to the page.
    """

    width: int
    height: int
    left: int
    """Space beside the frame, for what is written there; likewise the next ones."""
    right: int
    top: int
    bottom: int
    low: float = 0.0
    """Value at the left border."""
    high: float = 1.0
    """Value at the right border, above `low`."""

    def x(self, value: float) -> float:
        """Where a value lies."""
        inner = self.width - self.left - self.right
        return round(self.left + inner * (value - self.low) / (self.high - self.low), 1)

    def y(self, share: float) -> float:
        """Where a share lies."""
        inner = self.height - self.top - self.bottom
        return round(self.top + inner * (1 - share), 1)

    def grid(self, side: Literal["left", "right"]) -> str:
        """Lines at 0, 50 and 100 %, named on one side."""
        left, right = self.left, self.width - self.right
        at, anchor = (left - 7, "end") if side == "left" else (right + 5, "start")
        return "".join(
            f'<line class="grid" x1="{left}" x2="{right}" y1="{self.y(share)}" y2="{self.y(share)}"/>'
            + text_at(at, self.y(share) + 4, f"{share:.0%}", "tick", anchor)
            for share in (0.0, 0.5, 1.0)
        )

    def ticks(self, names: Mapping[float, str]) -> str:
        """Names of values, below the frame."""
        return "".join(
            text_at(self.x(value), self.height - 12, name, "tick", "middle")
            for value, name in names.items()
        )

    def bar(
        self, start: float, end: float, *, top: float, base: float = 0.0, title: str, kind: str
    ) -> str:
        """A bar from one value to another, and from one share up to another."""
        width = max(self.x(end) - self.x(start) - _GAP, 1.0)
        return (
            f'<rect class="{kind}" x="{self.x(start) + _GAP / 2:.1f}" y="{self.y(top)}" '
            f'width="{width:.1f}" height="{self.y(base) - self.y(top):.1f}">'
            f"<title>{title}</title></rect>"
        )

    def curve(self, points: Iterable[tuple[float, float]]) -> str:
        """A line through values and their shares."""
        places = " ".join(f"{self.x(value)},{self.y(share)}" for value, share in points)
        return f'<polyline class="curve" points="{places}"/>'

    def mark(self, value: float, name: str, kind: str = "mark") -> str:
        """A line across the frame at a value, named above it."""
        x, top = self.x(value), self.y(1)
        side, anchor = (x + 4, "start") if x < self.width / 2 else (x - 4, "end")
        line = f'<line class="{kind}" x1="{x}" x2="{x}" y1="{top}" y2="{self.y(0)}"/>'
        return line + text_at(side, top - 5, name, kind, anchor)

    def svg(self, parts: Iterable[str], label: str) -> str:
        """The chart of these parts; the label says what it shows."""
        return (
            f'<svg class="chart" viewBox="0 0 {self.width} {self.height}" role="img" '
            f'aria-label="{label}">{"".join(parts)}</svg>'
        )


def text_at(x: float, y: float, text: str, kind: str, anchor: str) -> str:
    """A text of a chart; `anchor` is the part of it that lies at x: start, middle or end."""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'


def value_name(value: float) -> str:
    """A value as charts name it: with four digits, and as a whole number from a thousand on.

    Example:
        >>> value_name(0.12345), value_name(1279.6)
        ('0.1235', '1,280')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def share_bar(share: float, kind: str = "bar") -> str:
    """A thin bar for a share in [0, 1], for a cell of a table."""
    width = round(100 * min(max(share, 0.0), 1.0), 1)
    return (
        '<svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="100" height="8" rx="2"/>'
        f'<rect class="{kind}" width="{width}" height="8" rx="2"/></svg>'
    )
