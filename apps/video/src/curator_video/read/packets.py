"""When the frames of a video are shown, as its packets say, and what is amiss with them.

All packets of a stream are read; which of their time stamps are believed is `time_stamps.py`'s.
"""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_video.read.container import NoFramesError, open_video, reason_of
from curator_video.read.time_stamps import (
    MAX_GAP,
    are_doubtful,
    choose_stamps,
    header_rate,
    is_jump,
    longest_step,
)
from curator_video.task import Stamps


@dataclass(frozen=True, kw_only=True)
class PacketIndex:
    """When the frames of a stream are shown, as its packets say; in the order of showing.

    Those before the first key frame are left out, since they cannot be decoded, and those that an
    edit list leaves out.
    """

    times: NDArray[np.float64]
    """Shape (frames,): seconds, as in the file up to where its stamps jump."""
    keys: NDArray[np.bool_]
    """Shape (frames,)."""
    last_duration: float
    """Seconds for which the last frame is shown."""
    stamps: Stamps
    """Which time stamps are believed."""
    joints: list[int]
    """The numbers of frames before which the time stamps jump."""
    num_bytes: int
    corrupt: int
    """Packets that the container calls damaged."""
    untimed: int
    """Packets without any time stamp; they are left out unless the frame rate times all."""
    headless: int
    """Frames before the first key frame."""
    hidden: int
    """Packets that an edit list leaves out."""
    error: str
    """Why reading ended early; empty if it did not."""


def index_packets(path: str, *, stream: int | None = None) -> PacketIndex:
    """Read all packets of the best video stream, or of the one asked for.

    Nothing is decoded, unless it is doubtful which time stamps are right: then some frames are.

    Raises:
        NotVideoError: Not a file, not a video, or beyond the limits.
        NoFramesError: There is no packet.
    """
    with open_video(path, stream=stream) as (container, chosen):
        found = _read_packets(container, chosen)
        base, most = float(chosen.time_base or 0), longest_step(container)
        rate = header_rate(chosen)
        reordered = bool(chosen.codec_context.has_b_frames)
        number = chosen.index
    if all(found.hidden):
        raise NoFramesError(f"holds no frame{f': {found.error}' if found.error else ''}")
    stamps: Stamps = "pts"
    if are_doubtful(found.shown(found.pts), reordered=reordered):
        with open_video(path, stream=number) as (container, chosen):
            stamps = choose_stamps(container, chosen)
    if stamps == "rate":
        found.count()
        base, most = 1 / rate, math.inf
    return _index(found, stamps, base=base, rate=rate, most=most)


@dataclass(kw_only=True)
class _Packets:
    """What the packets of a stream say, in the order of the file."""

    pts: list[int | None] = field(default_factory=list[int | None])
    dts: list[int | None] = field(default_factory=list[int | None])
    keys: list[bool] = field(default_factory=list[bool])
    hidden: list[bool] = field(default_factory=list[bool])
    """Whether an edit list leaves it out; it is decoded, but not shown."""
    durations: list[int] = field(default_factory=list[int])
    num_bytes: int = 0
    corrupt: int = 0
    untimed: int = 0
    error: str = ""

    def count(self) -> None:
        """Number the packets instead of believing their stamps."""
        self.pts = list(range(len(self.pts)))
        self.dts = list(range(len(self.pts)))
        self.durations = [1] * len(self.pts)

    def shown(self, values: list[int | None]) -> list[int | None]:
        """The values of those that are shown."""
        return [each for each, hidden in zip(values, self.hidden, strict=True) if not hidden]


def _read_packets(container: Any, stream: Any) -> _Packets:
    from av.error import FFmpegError

    found = _Packets()
    try:
        for packet in container.demux(stream):
            if not packet.size:
                continue
            found.pts.append(packet.pts)
            found.dts.append(packet.dts)
            found.keys.append(bool(packet.is_keyframe))
            found.hidden.append(bool(packet.is_discard))
            found.durations.append(packet.duration or 0)
            found.num_bytes += 0 if packet.is_discard else packet.size
            found.corrupt += packet.is_corrupt
            found.untimed += packet.pts is None and packet.dts is None
    except (FFmpegError, OSError) as problem:
        found.error = reason_of(problem)
    return found


def _index(
    found: _Packets, stamps: Stamps, *, base: float, rate: float, most: float
) -> PacketIndex:
    own = found.dts if stamps == "dts" else found.pts
    other = found.pts if stamps == "dts" else found.dts
    values = [b if a is None else a for a, b in zip(own, other, strict=True)]
    timed = np.array([each is not None for each in values])
    units = np.array([each or 0 for each in values], np.int64)[timed]
    part = _parts([d for d, is_so in zip(found.dts, timed, strict=True) if is_so], base, most)
    order = np.lexsort((units, part))
    units, part = units[order], part[order]
    keys, hidden, lengths = (
        np.array(each)[timed][order] for each in (found.keys, found.hidden, found.durations)
    )
    headless = int(keys.argmax())
    shown = ~hidden
    shown[:headless] = False
    if not shown.any():
        raise NoFramesError("holds no frame after its first key frame")
    times: NDArray[np.float64] = units[shown].astype(np.float64) * base
    steps, inner = np.diff(times), np.diff(part[shown]) == 0
    spread = float(np.median(steps[inner])) if inner.any() else 1 / rate
    # From each part to the next, times go on with a usual step.
    jumps = np.where(inner, 0.0, steps - spread)
    times[1:] -= np.cumsum(jumps)
    last = float(lengths[shown][-1]) * base
    return PacketIndex(
        times=times,
        keys=keys[shown],
        last_duration=min(last, MAX_GAP) or spread,
        stamps=stamps,
        joints=(np.flatnonzero(~inner) + 1).tolist(),
        num_bytes=found.num_bytes,
        corrupt=found.corrupt,
        untimed=found.untimed,
        headless=int((~hidden[:headless]).sum()),
        hidden=int(hidden.sum()),
        error=found.error,
    )


def _parts(dts: list[int | None], base: float, most: float) -> NDArray[np.int64]:
    """Which part, between jumps of the stamps, each packet belongs to; shape (packets,)."""
    part, last = 0, None
    parts: list[int] = []
    for stamp in dts:
        if stamp is not None:
            part += last is not None and is_jump((stamp - last) * base, most)
            last = stamp
        parts.append(part)
    return np.array(parts, np.int64)
