"""Width against height of a run's pictures, as inline SVG."""

import math
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from curator_engine.report.svg_charts import Plot, text_at

_CELLS = 48
"""Along an axis: pictures of nearly one size are one point."""


def scatter(wide: NDArray[np.float64], high: NDArray[np.float64], kept: NDArray[np.bool_]) -> str:
    """A square per size that pictures have; both axes are logarithmic.

    Args:
        wide: Pixels, shape (pictures,), at least one; likewise the next.
        high: Pixels.
        kept: Whether each picture is kept; a size at which none is has the colour of dropped ones.
    """
    sides = np.log2(np.concatenate([wide, high]))
    low, top = float(sides.min()) - 0.25, float(sides.max()) + 0.25
    plot = Plot(width=460, height=300, left=56, right=16, top=12, bottom=30, low=low, high=top)
    step = (top - low) / _CELLS
    cells = Counter[tuple[int, int]]()
    stay = Counter[tuple[int, int]]()
    for w, h, keeps in zip(np.log2(wide), np.log2(high), kept, strict=True):
        cell = (int((w - low) / step), int((h - low) / step))
        cells[cell] += 1
        stay[cell] += bool(keeps)
    parts = [plot.ticks({v: f"{2**v:.0f}" for v in _powers(low, top)})]
    parts += [
        text_at(plot.left - 7, plot.y((v - low) / (top - low)) + 4, f"{2**v:.0f}", "tick", "end")
        for v in _powers(low, top)
    ]
    for (x, y), count in sorted(cells.items()):
        keeps = stay[x, y]
        size = f"about {2 ** (low + (x + 0.5) * step):.0f} x {2 ** (low + (y + 0.5) * step):.0f}"
        parts.append(
            plot.bar(
                low + x * step,
                low + (x + 1) * step,
                top=(y + 1) / _CELLS,
                base=y / _CELLS,
                title=f"{size}: {keeps:,} kept, {count - keeps:,} dropped",
                kind="kept" if keeps else "dropped",
            )
        )
    return plot.svg(parts, "Width against height")


def _powers(low: float, top: float) -> list[float]:
    """Powers of two within, not too many."""
    all_of = range(math.ceil(low), math.floor(top) + 1)
    return [float(v) for v in all_of[:: max(1, len(all_of) // 6)]]
