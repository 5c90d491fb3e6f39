"""A video as a strip of its clips, as an inline picture; the classes are those of the style sheets."""

from collections.abc import Sequence
from dataclasses import dataclass

_STRIP = 1000


@dataclass(frozen=True, kw_only=True)
class Span:
    """A part of a video, in seconds."""

    start: float
    end: float
    kind: str
    """kept, dropped or failed."""
    title: str
    """Escaped."""


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
