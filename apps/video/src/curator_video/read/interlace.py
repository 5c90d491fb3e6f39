"""Pictures whose odd and even rows were taken at different times: finding and mending them.

Only looking counts: what a stream says of its pictures lowers the bar, since a film is often coded as
if it were interlaced, and an interlaced video as if it were not.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from curator_video.read.filter_graph import filters_for

type Deinterlace = Literal["auto", "on", "off"]
type Scan = Literal["", "interlaced", "telecined"]
"""Empty for whole pictures; telecined is a film of which two in five pictures are mixed."""

LOOK_EVERY = 11
"""Frames from one that is looked at to the next: prime to five, the length of telecine's pattern."""
_ROWS, _COLUMNS, _COLUMN_STEP = 16, 8, 4
"""Of a block, in pixels down and in looked-at columns across."""
_LEAST_COMB = 6.0
"""Mean bend between neighbouring rows, in grey levels, from which a block may be combed."""
_COMB_RATIO = 1.6
"""How much more neighbouring rows bend than rows of one field, in a combed block."""
_COMBED_BLOCKS = 0.01
_COMBED_FRAMES, _COMBED_IF_SAID = 0.1, 0.02
"""Combed frames of those looked at, from which a video is interlaced; and if its stream says so."""
_WINDOW = 30
_PATTERN = 5


def is_combed(luma: NDArray[np.uint8]) -> bool:
    """Whether a picture shows two times at once, in every other row, where something moves.

    Args:
        luma: Shape (height, width), at full height.
    """
    rows = luma[:, ::_COLUMN_STEP].astype(np.int16)
    high = (len(rows) - 4) // _ROWS * _ROWS
    wide = rows.shape[1] // _COLUMNS * _COLUMNS
    if high < _ROWS or wide < _COLUMNS:
        return False
    rows = rows[: high + 4, :wide]
    twice = 2 * rows[2:-2]
    near = _means(np.abs(rows[1:-3] - twice + rows[3:-1]))
    far = _means(np.abs(rows[:-4] - twice + rows[4:]))
    combed = (near > _LEAST_COMB) & (near > _COMB_RATIO * far)
    return int(combed.sum()) > _COMBED_BLOCKS * combed.size + 1


def _means(values: NDArray[np.int16]) -> NDArray[np.float64]:
    """Of each block."""
    high, wide = values.shape
    # Down first, where 16 bits are enough: that is ten times as fast as both at once.
    rows = values.reshape(high // _ROWS, _ROWS, wide).sum(1, dtype=np.int16)
    blocks = rows.reshape(len(rows), wide // _COLUMNS, _COLUMNS).sum(2, dtype=np.int32)
    return blocks / (_ROWS * _COLUMNS)


def one_field(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The even rows, with means of them in place of the odd ones; shape and type stay."""
    whole = luma.copy()
    count = (len(luma) - 1) // 2
    above, below = luma[0 : 2 * count : 2], luma[2 : 2 * count + 1 : 2]
    whole[1 : 2 * count : 2] = (above.astype(np.uint16) + below + 1) // 2
    if len(luma) % 2 == 0 and len(luma) > 1:
        whole[-1] = luma[-2]
    return whole


@dataclass(kw_only=True)
class Looks:
    """What was seen of a video's frames, one in `LOOK_EVERY`."""

    frames: list[tuple[int, bool]] = field(default_factory=list[tuple[int, bool]])
    """Number of each, and whether it is combed."""
    said: int = 0
    """How many the stream says to be interlaced."""

    def scan(self) -> Scan:
        """What the video is."""
        combed = sum(is_so for _, is_so in self.frames)
        mostly_said = self.said > len(self.frames) / 2
        least = (_COMBED_IF_SAID if mostly_said else _COMBED_FRAMES) * len(self.frames)
        if combed < 2 or combed < least:
            return ""
        windows = [
            kind
            for start in range(0, len(self.frames), _WINDOW)
            if (kind := _pattern(self.frames[start : start + _WINDOW]))
        ]
        votes = Counter(windows)
        return "telecined" if votes["telecined"] > votes["interlaced"] else "interlaced"


def _pattern(frames: list[tuple[int, bool]]) -> Scan:
    """What a stretch is; empty if too little is combed to tell."""
    seen = np.bincount([number % _PATTERN for number, _ in frames], minlength=_PATTERN)
    combed = np.bincount(
        [number % _PATTERN for number, is_so in frames if is_so], minlength=_PATTERN
    )
    if combed.sum() < 3 or not seen.all():
        return ""
    high = np.flatnonzero(combed / seen >= 0.5)
    low = np.flatnonzero(combed / seen <= 0.1)
    film = len(high) == 2 and len(low) == 3 and (high[1] - high[0]) in (1, _PATTERN - 1)
    return "telecined" if film else "interlaced"


@dataclass(kw_only=True)
class Deinterlacer:
    """Makes whole pictures of decoded frames, one of each, which may come later than it."""

    scan: Scan
    _graph: Any = field(default=None, init=False)
    _shape: tuple[Any, ...] = field(default=(), init=False)

    def push(self, frame: Any) -> list[Any]:
        """The frames that are whole now that this one is known too."""
        if frame.pts is None:
            frame.pts = frame.dts
        shape = (frame.width, frame.height, frame.format.name, frame.time_base)
        rest: list[Any] = []
        if shape != self._shape:
            rest = self.flush()
            self._graph, self._shape = self._made(frame), shape
        self._graph.vpush(frame)
        return rest + list(self._ready())

    def flush(self) -> list[Any]:
        """What is left; afterwards it begins anew."""
        if self._graph is None:
            return []
        self._graph.vpush(None)
        rest = list(self._ready())
        self._graph, self._shape = None, ()
        return rest

    def _made(self, frame: Any) -> Any:
        match = [("fieldmatch", "combmatch=full")] if self.scan == "telecined" else []
        whole = "deint=interlaced" if self.scan == "telecined" else "deint=all"
        filters = [*match, ("bwdif", f"mode=send_frame:{whole}")]
        return filters_for(frame, filters, time_base=frame.time_base)

    def _ready(self) -> Iterable[Any]:
        from av.error import BlockingIOError as NotYetError
        from av.error import EOFError as EndError

        while True:
            try:
                yield self._graph.vpull()
            except (NotYetError, EndError):
                return
