"""Which time stamps of a file are believed, and the time that they give to each frame.

The pts of a frame say when it is shown, its dts when it is decoded. Both are counted where they are
faulty; the pts are taken unless the dts have fewer faults, and the frame rate where both have many.
Where stamps jump, as in two recordings that were put one after the other, times go on from there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from curator_video.task import Stamps

MAX_GAP = 3600.0
"""Seconds for which a frame may be shown; after a longer gap times go on."""
TICK = 1e-6
"""Seconds by which a frame is later than the one before at least."""
_JITTER = 1.0
"""Seconds by which a time stamp may lie before the last one: it is then taken to follow it."""
_STREAM_GAP = 10.0
"""As `MAX_GAP`, in formats of broadcasts, whose clocks start anew."""
_STREAMS = {"mpegts", "mpeg"}
_LOOK = 250
"""Frames that are decoded at most to see which stamps rise."""
_FEW, _SHARE = 2, 0.05
"""Faults that are too few to give up a kind of stamps: a number and a share of the frames."""
_RATE = 25.0


@dataclass(frozen=True, kw_only=True)
class Part:
    """Frames whose time stamps go on without a jump."""

    frame: int
    """The number of its first."""
    stamp: float
    """What the file says of its first, in seconds."""


@dataclass(kw_only=True)
class Clock:
    """Turns the time stamps of frames, in the order of showing, into seconds from the first frame."""

    stamps: Stamps
    base: float
    """Seconds of a unit of the stamps."""
    gap: float
    """Seconds from a frame without a stamp to the one before."""
    most: float
    """Seconds between two stamps that are no jump."""
    parts: list[Part] = field(default_factory=list[Part], init=False)
    last: float = field(default=-1.0, init=False)
    """The time of the last frame; negative before the first."""
    _frames: int = field(default=0, init=False)
    _origin: int | None = field(default=None, init=False)
    """The stamp of the part's first frame."""
    _begin: float = field(default=0.0, init=False)
    """The time of the part's first frame."""

    @property
    def first(self) -> int:
        """The stamp of the first frame, in the file's unit; 0 where it has none."""
        return self._origin or 0

    def time_of(self, frame: Any) -> float:
        """Seconds from the first frame, later than the last one's."""
        stamp = stamp_of(frame, self.stamps)
        expected = self.last + self.gap if self.last >= 0 else 0.0
        if self._origin is None:
            self._begin_part(stamp or 0, expected)
        time = expected if stamp is None else self._begin + (stamp - self.first) * self.base
        if self.last >= 0 and stamp is not None and is_jump(time - self.last, self.most):
            self._begin_part(stamp, expected)
            time = expected
        self.last = max(time, self.last + TICK) if self.last >= 0 else max(time, 0.0)
        self._frames += 1
        return self.last

    def length_of(self, frame: Any) -> float:
        """Seconds for which a frame is shown, as far as the file says."""
        known = 0.0 if self.stamps == "rate" else float(frame.duration or 0) * self.base
        return known or self.gap

    def _begin_part(self, stamp: int, time: float) -> None:
        self._origin, self._begin = stamp, time
        self.parts.append(Part(frame=self._frames, stamp=stamp * self.base))

    def forget_last(self) -> None:
        """Begin anew after seeking."""
        self.last = -1.0


def clock_for(container: Any, stream: Any, *, stamps: Stamps = "pts", rate: float = 0.0) -> Clock:
    """The clock of an open file's stream.

    Args:
        container: As PyAV opens it.
        stream: Of its video.
        stamps: Which are believed.
        rate: Frames per second, instead of what the header says.
    """
    rate = rate or float(stream.average_rate or 0)
    return Clock(
        stamps=stamps,
        base=float(stream.time_base or 0),
        gap=1 / rate if 0.01 < rate < 1000 else 1 / _RATE,
        most=longest_step(container),
    )


def longest_step(container: Any) -> float:
    """Seconds between two stamps of this kind of file that are no jump."""
    return _STREAM_GAP if container.format.name in _STREAMS else MAX_GAP


def is_jump(step: float, most: float) -> bool:
    """Whether stamps do not go on: seconds from one to the next, and how many there may be."""
    return not -_JITTER <= step <= most


def stamp_of(item: Any, stamps: Stamps) -> int | None:
    """What a frame or packet says; None where it says nothing that is believed."""
    if stamps == "rate":
        return None
    if stamps == "dts":
        return item.dts
    return item.dts if item.pts is None else item.pts


def header_rate(stream: Any) -> float:
    """Frames per second as the header has them, for a file that has nothing better."""
    for rate in (stream.average_rate, stream.base_rate, stream.guessed_rate):
        if rate and 1 <= rate <= 240:
            return float(rate)
    return _RATE


def are_doubtful(pts: Sequence[int | None], *, reordered: bool) -> bool:
    """Whether packets, in the order of the file, have stamps that must be looked at.

    Args:
        pts: In the file's own unit.
        reordered: Whether the decoder expects frames in another order than they are shown in; then
            pts that only rise are not those of showing.
    """
    known = [each for each in pts if each is not None]
    if len(known) < len(pts) or len(set(known)) < len(known):
        return True
    return reordered and len(known) > 1 and all(a < b for a, b in pairwise(known))


def choose_stamps(container: Any, stream: Any) -> Stamps:
    """Look at the first frames of a stream, as they come out of the decoder."""
    from av.error import FFmpegError

    pts: list[int | None] = []
    dts: list[int | None] = []
    for packet in container.demux(stream):
        # Frames that come out when the packets are at an end have no dts.
        if not packet.size or len(pts) >= _LOOK:
            break
        try:
            for frame in packet.decode():
                pts.append(frame.pts)
                dts.append(frame.dts)
        except (FFmpegError, OSError):
            continue
    faulty_pts, faulty_dts = _faults(pts), _faults(dts)
    if min(faulty_pts, faulty_dts) > max(_FEW, _SHARE * len(pts)):
        return "rate"
    return "pts" if faulty_pts <= faulty_dts else "dts"


def _faults(stamps: Iterable[int | None]) -> int:
    """How many are missing or do not rise."""
    last, faults = None, 0
    for stamp in stamps:
        faults += stamp is None or (last is not None and stamp <= last)
        last = last if stamp is None else stamp
    return faults
