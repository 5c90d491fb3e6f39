"""Decode videos with PyAV: all frames in order, or single ones.

Time stamps are believed, unless the caller says that they are wrong. Damage costs the frames that
it hits; where time stamps jump back or far ahead, times go on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from curator_video.read.container import (
    UPRIGHT,
    NoFramesError,
    NotVideoError,
    Orientation,
    check_size,
    open_video,
    orientation_of,
    pixel_aspect,
    reason_of,
    shown_shape,
)
from curator_video.read.frames import Decoder, Frame, Picture
from curator_video.read.packets import index_packets
from curator_video.read.time_stamps import MAX_GAP, TICK, Clock, Part, clock_for
from curator_video.read.tone_map import tone_mapped_picture
from curator_video.read.track import MOTION_GRID
from curator_video.task import Stamps

type Backend = Literal["pyav", "decord", "torchcodec"]

_MAX_FAILURES = 100
"""Packets in a row that may fail."""
_SEEK_AHEAD = 3.0
"""Seconds from which seeking is likely to be faster than decoding on."""
_SEEK_BACK = 10.0
"""Seconds to go further back where a format cannot find the key frame before, as in MPEG-TS."""


def open_decoder(
    path: str,
    *,
    backend: Backend = "pyav",
    stream: int | None = None,
    threads: int = 1,
    stamps: Stamps = "pts",
    rate: float = 0.0,
    tone_map: str = "",
) -> Decoder:
    """What gives the frames of a local file; PyAV where the other package cannot read this file.

    Args:
        path: A local file.
        backend: The package that decodes.
        stream: Number of the video stream; the best one unless given.
        threads: For decoding, at most.
        stamps: Which time stamps are believed, as `probe_video` found.
        rate: Frames per second, where it found that the header is not right.
        tone_map: The curve of a video of high dynamic range, pq or hlg, whose pictures are to be those
            of a common screen.

    Raises:
        SettingsError: The package is not installed.
        VideoError: The file is no video.
    """
    if backend != "pyav" and stamps == "pts" and not tone_map:
        from curator_video.read.array_decoders import open_array_decoder

        other = open_array_decoder(path, backend=backend, stream=stream, threads=threads)
        if other is not None:
            return other
    return PyavDecoder(
        path=path, stream=stream, threads=threads, stamps=stamps, rate=rate, tone_map=tone_map
    )


@dataclass(kw_only=True)
class PyavFrame(Frame):
    """A frame as FFmpeg holds it; pictures are scaled directly from it."""

    source: Any
    aspect: float
    scalers: dict[tuple[int, int, str], Any]
    """By width, height and format; shared by a decoder's frames, since making one is slow."""
    tone_map: str = ""
    """Its curve, if its pictures are to be those of a common screen."""

    def rgb(self, size: tuple[int, int] | None = None) -> Picture:
        """As in `Frame`."""
        width, height = size or self.shown_size
        stored = (width, height) if self._way.turn % 180 == 0 else (height, width)
        picture = self._scaled(*stored, "rgb48le" if self.tone_map else "rgb24").to_ndarray()
        if self.tone_map:
            picture = tone_mapped_picture(picture, self.tone_map)
        return picture if self._way == UPRIGHT else np.ascontiguousarray(self._turned(picture))

    def luma(self) -> NDArray[np.uint8]:
        """As in `Frame`: a view of the frame's memory where it has eight bits."""
        frame, kind = self.source, self.source.format
        if not (kind.is_planar and not kind.is_rgb and kind.components[0].bits == 8):
            frame = self._scaled(frame.width, frame.height, "gray")
        plane = frame.planes[0]
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        return rows[: frame.height, : frame.width]

    def motion(self) -> NDArray[np.float32] | None:
        """As in `Frame`; key frames have none."""
        vectors = self.source.side_data.get("MOTION_VECTORS")
        if vectors is None or not len(vectors):
            return None
        grid = motion_grid(vectors.to_ndarray(), self.source.width, self.source.height)
        return self._turned(grid)

    @property
    def size(self) -> tuple[int, int]:
        """As in `Frame`."""
        width, height = self.source.width, self.source.height
        return (width, height) if self._way.turn % 180 == 0 else (height, width)

    @property
    def shown_size(self) -> tuple[int, int]:
        """As in `Frame`."""
        width, height = self.source.width, self.source.height
        return shown_shape(width, height, aspect=self.aspect, rotation=self._way.turn)

    @cached_property
    def _way(self) -> Orientation:
        return orientation_of(self.source)

    def _turned(self, array: NDArray[Any]) -> NDArray[Any]:
        """Rows and columns as they are shown."""
        return np.rot90(array[:, ::-1] if self._way.mirrored else array, -self._way.turn // 90)

    def _scaled(self, width: int, height: int, kind: str) -> Any:
        from av.video.reformatter import VideoReformatter

        check_size(width, height)
        scaler = self.scalers.setdefault((width, height, kind), VideoReformatter())
        return scaler.reformat(self.source, width, height, kind, interpolation="AREA", threads=1)


@dataclass(kw_only=True)
class PyavDecoder(Decoder):
    """Frames by PyAV."""

    path: str
    stream: int | None = None
    threads: int = 1
    stamps: Stamps = "pts"
    rate: float = 0.0
    """Frames per second; as in the header unless given."""
    tone_map: str = ""
    """As in `open_decoder`."""
    error: str = field(default="", init=False)
    parts: list[Part] = field(default_factory=list[Part], init=False)
    _failures: int = field(default=0, init=False)

    def frames(self, *, motion: bool = False) -> Iterator[Frame]:
        """As in `Decoder`."""
        self.error, self._failures = "", 0
        with open_video(self.path, stream=self.stream) as (container, stream):
            self._prepare(stream, motion=motion)
            clock = self._clock(container, stream)
            self.parts = clock.parts
            for number, frame in enumerate(self._on(container, stream, clock)):
                frame.number = number
                yield frame

    def at_times(self, times: Sequence[float]) -> Iterator[Frame]:
        """As in `Decoder`: seeks to the key frame before where that is likely to be faster."""
        with open_video(self.path, stream=self.stream) as (container, stream):
            self._prepare(stream, motion=False)
            walk = _Walk(self, container, stream)
            for time in times:
                yield walk.to(time)

    def at_numbers(self, numbers: Sequence[int]) -> Iterator[Frame]:
        """As in `Decoder`: looks through the packets first."""
        times = index_packets(self.path, stream=self.stream).times
        for number in numbers:
            if not 0 <= number < len(times):
                raise NoFramesError(f"has no frame {number}; it has {len(times)}")
        wanted = [float(times[number] - times[0]) for number in numbers]
        for number, frame in zip(numbers, self.at_times(wanted), strict=True):
            frame.number = number
            yield frame

    def _clock(self, container: Any, stream: Any) -> Clock:
        return clock_for(container, stream, stamps=self.stamps, rate=self.rate)

    def _prepare(self, stream: Any, *, motion: bool) -> None:
        context = stream.codec_context
        context.thread_count = self.threads
        if self.threads > 1:
            context.thread_type = "AUTO"
        if motion:
            context.options = {**context.options, "flags2": "+export_mvs"}

    def _on(self, container: Any, stream: Any, clock: Clock) -> Iterator[Frame]:
        """The frames from here on; `number` is not set."""
        scalers: dict[tuple[int, int, str], Any] = {}
        aspect = pixel_aspect(stream)
        for source in self._decoded(container, stream, clock):
            yield PyavFrame(
                number=-1,
                time=clock.time_of(source),
                duration=min(clock.length_of(source), MAX_GAP),
                key=bool(source.key_frame),
                damaged=source.is_corrupt,
                interlaced=source.interlaced_frame,
                source=source,
                tone_map=self.tone_map,
                aspect=aspect,
                scalers=scalers,
            )

    def _decoded(self, container: Any, stream: Any, clock: Clock) -> Iterator[Any]:
        """FFmpeg's frames; packets that fail are noted and passed over."""
        from av.error import EOFError as EndError
        from av.error import FFmpegError

        packets = container.demux(stream)
        in_a_row = 0
        while in_a_row < _MAX_FAILURES:
            try:
                packet = next(packets, None)
                sources: list[Any] = (
                    stream.codec_context.decode(None) if packet is None else packet.decode()
                )
            except EndError:
                return
            except (FFmpegError, OSError, MemoryError) as error:
                in_a_row, self._failures = in_a_row + 1, self._failures + 1
                self._note(
                    f"cannot be decoded after {max(clock.last, 0):.3f} s: {reason_of(error)}"
                )
                continue
            for source in sources:
                check_size(source.width, source.height)
                yield source
            if packet is None:
                return
            in_a_row = 0 if sources else in_a_row

    def _note(self, error: str) -> None:
        """Keep the first error."""
        self.error = self.error or error


class _Walk:
    """Goes from frame to frame of an open file, to the times that are asked for."""

    def __init__(self, decoder: PyavDecoder, container: Any, stream: Any) -> None:
        self._decoder, self._container, self._stream = decoder, container, stream
        self._clock = decoder._clock(container, stream)
        self._here: Frame | None = None
        self._frames = self._from_here()
        self._ahead: Frame | None = next(self._frames, None)

    def to(self, time: float) -> Frame:
        """The frame that is shown at that time.

        Raises:
            NoFramesError: None can be decoded.
        """
        if self._ahead is None and self._here is None:
            raise NoFramesError(f"holds no picture that can be decoded: {self._decoder.error}")
        present = self._here or self._ahead
        if present and not present.time - TICK <= time <= present.time + _SEEK_AHEAD:
            self._seek(time)
        while self._ahead is not None and self._ahead.time <= time + TICK:
            self._here, self._ahead = self._ahead, next(self._frames, None)
        frame = self._here or self._ahead
        if frame is None:
            raise NoFramesError(f"holds no picture that can be decoded at {time:.3f} s")
        return frame

    def _seek(self, time: float) -> None:
        """Go to the key frame before, and to the beginning where the file cannot be sought in."""
        from av.error import FFmpegError

        for target in (time, time - _SEEK_BACK, -_SEEK_BACK):
            stamp = round(target / self._clock.base) + self._clock.first
            try:
                self._container.seek(stamp, stream=self._stream, backward=True)
            except (FFmpegError, OSError) as error:
                raise NotVideoError(f"cannot be sought in: {reason_of(error)}") from error
            self._clock.forget_last()
            self._here, self._frames = None, self._from_here()
            self._ahead = next(self._frames, None)
            if self._ahead is not None and self._ahead.time <= time + TICK:
                return

    def _from_here(self) -> Iterator[Frame]:
        return self._decoder._on(self._container, self._stream, self._clock)


def motion_grid(vectors: NDArray[Any], width: int, height: int) -> NDArray[np.float32]:
    """Mean length of motion vectors in each cell, weighted by the blocks' areas.

    Args:
        vectors: As FFmpeg exports them, with the fields dst_x, dst_y, w, h, motion_x, motion_y and
            motion_scale.
        width: Of the picture, in pixels.
        height: Likewise.

    Returns:
        Shape (8, 8), as a ratio of height plus width; 0 in cells without a vector.
    """
    rows = (vectors["dst_y"].astype(np.int64) * MOTION_GRID // height).clip(0, MOTION_GRID - 1)
    columns = (vectors["dst_x"].astype(np.int64) * MOTION_GRID // width).clip(0, MOTION_GRID - 1)
    areas = vectors["w"].astype(np.float64) * vectors["h"]
    scale = np.maximum(vectors["motion_scale"], 1) * float(width + height)
    lengths = np.hypot(vectors["motion_x"].astype(np.float64), vectors["motion_y"]) / scale
    cells = rows * MOTION_GRID + columns
    total = np.bincount(cells, weights=areas * lengths, minlength=MOTION_GRID**2)
    area = np.bincount(cells, weights=areas, minlength=MOTION_GRID**2)
    mean = np.divide(total, area, out=np.zeros_like(total), where=area > 0)
    return mean.reshape(MOTION_GRID, MOTION_GRID).astype(np.float32)
