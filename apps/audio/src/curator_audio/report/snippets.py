"""What the page plays and draws of segments: the first seconds as MP3, and the outline of the wave."""

import base64
import io
import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_audio.read.decode import SPEECH_RATE, open_audio, read_span
from curator_audio.read.stored import stored_audio
from curator_engine.errors import CuratorError
from curator_engine.files.paths import path_of_name

SECONDS = 8.0
"""Of a segment that the page plays, which keeps the page small."""
_BARS, _HEIGHT = 120, 40
_BUDGET = 6 << 20
"""Bytes of all sounds of a page."""
_logger = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Snippet:
    """The beginning of a segment."""

    sound: str
    """A data address, or empty once the page is full."""
    wave: str
    """Points of an outline, as the path of an SVG of 120 x 40."""


class Snippets:
    """Makes snippets from where segments lie in the input; none where it is no longer there."""

    def __init__(self) -> None:
        self.budget = _BUDGET

    def of(self, row: dict[str, Any]) -> Snippet | None:
        """The snippet of a row of `segments.parquet`."""
        try:
            source = _source(row)
            if source is None or row["rate"] is None:
                return None
            end = min(row["end_s"], row["start_s"] + SECONDS)
            samples = read_span(source, row["start_s"], end, recording=open_audio(source))
        except (CuratorError, OSError):
            # The input may be gone; the page is about what is known of it.
            _logger.debug("no sound of %s", row["uuid"], exc_info=True)
            return None
        if not len(samples):
            return None
        sound = _mp3(samples) if self.budget > 0 else ""
        self.budget -= len(sound)
        return Snippet(sound=sound, wave=outline(samples))


def outline(samples: NDArray[np.float32]) -> str:
    """The outline of a wave: 120 bars, as high as the loudest sample in each."""
    parts = np.array_split(np.abs(samples), _BARS)
    highest = np.array([part.max() if len(part) else 0.0 for part in parts])
    bars = np.maximum(0.5, np.minimum(1.0, highest / max(1e-3, highest.max())) * _HEIGHT / 2)
    middle = _HEIGHT / 2
    return "".join(
        f"M{k} {middle - bar:.1f}h.8v{2 * bar:.1f}h-.8z" for k, bar in enumerate(bars.tolist())
    )


def _source(row: dict[str, Any]) -> str | bytes | None:
    """What `open_audio` takes."""
    path = path_of_name(row["file"])
    if row["audio"] and row["audio"] != row["file"]:
        return path_of_name(row["audio"])
    if not row["member"]:
        return path
    for position, stored in enumerate(stored_audio(path)):
        if position == row["position"]:
            return stored.source
    return None


def _mp3(samples: NDArray[np.float32]) -> str:
    import soundfile

    file = io.BytesIO()
    # LAME ends the process at samples far beyond full scale, which files of fractions may hold.
    clipped = np.clip(samples, -1.0, 1.0)
    soundfile.write(
        file, clipped, SPEECH_RATE, format="MP3", subtype="MPEG_LAYER_III", compression_level=0.9
    )
    return f"data:audio/mpeg;base64,{base64.b64encode(file.getvalue()).decode()}"
