"""Decode videos with decord or torchcodec, which are optional packages.

They give the pictures; when each is shown, and whether it is a key frame, is read from the packets.
"""

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np

from curator_engine.errors import SettingsError
from curator_video.read.container import NoFramesError, open_video, pixel_aspect
from curator_video.read.frames import ArrayFrame, Decoder, Frame, Picture
from curator_video.read.packets import PacketIndex, index_packets
from curator_video.read.probe import probe_video
from curator_video.read.time_stamps import Part

_FAILURES = (RuntimeError, ValueError, IndexError)


class _Reader(Protocol):
    """A package's open file."""

    def __len__(self) -> int: ...

    def picture(self, number: int) -> Picture: ...

    def time(self, number: int) -> float: ...


def open_array_decoder(
    path: str, *, backend: Literal["decord", "torchcodec"], stream: int | None, threads: int
) -> Decoder | None:
    """The decoder of that package, or None if it does not read this file as PyAV does.

    Raises:
        SettingsError: The package is not installed or cannot be loaded.
        VideoError: The file is no video.
    """
    package, failures = _load(backend)
    with open_video(path, stream=stream) as (_, chosen):
        number, aspect = chosen.index, pixel_aspect(chosen)
    facts = probe_video(path, stream=number).metadata
    try:
        if backend == "decord":
            reader: _Reader = _Decord(package, path, threads)
        else:
            reader = _Torchcodec(package, path, number, threads)
        same = reader.picture(0).shape == (facts.height, facts.width, 3)
        same = same and abs(reader.time(0) - facts.start_time) < 0.5 / facts.framerate
    except failures:
        return None
    if not same or facts.mirrored or len(reader) != facts.num_frames:
        return None
    index = index_packets(path, stream=number)
    if index.stamps != "pts" or index.joints:
        return None
    aspect = aspect if facts.rotation % 180 == 0 else 1 / aspect
    return ArrayDecoder(reader=reader, index=index, aspect=aspect, failures=failures)


def check_backend(backend: str) -> None:
    """Make sure that the package which decodes can be loaded; PyAV always can.

    Raises:
        SettingsError: It is not installed or cannot be loaded.
    """
    if backend != "pyav":
        _load(backend)


@dataclass(kw_only=True)
class ArrayDecoder(Decoder):
    """Frames by number from a reader, with the packets' times."""

    reader: Any
    index: PacketIndex
    aspect: float
    failures: tuple[type[Exception], ...]
    """What the package raises for a broken file."""
    error: str = field(default="", init=False)
    parts: list[Part] = field(default_factory=list[Part], init=False)

    def frames(self, *, motion: bool = False) -> Iterator[Frame]:
        """As in `Decoder`; there are no motion vectors."""
        self.error = self.index.error
        self.parts = [Part(frame=0, stamp=float(self.index.times[0]))]
        for number in range(len(self.index.times)):
            try:
                yield self._frame(number)
            except self.failures as error:
                self.error = f"cannot be decoded from frame {number} on: {_first_line(error)}"
                return

    def at_times(self, times: Sequence[float]) -> Iterator[Frame]:
        """As in `Decoder`."""
        starts = self.index.times - self.index.times[0]
        found = np.searchsorted(starts, np.asarray(times) + 1e-6, side="right") - 1
        return self.at_numbers(found.clip(0).tolist())

    def at_numbers(self, numbers: Sequence[int]) -> Iterator[Frame]:
        """As in `Decoder`."""
        for number in numbers:
            if not 0 <= number < len(self.index.times):
                raise NoFramesError(f"has no frame {number}; it has {len(self.index.times)}")
            try:
                frame = self._frame(number)
            except self.failures as error:
                reason = _first_line(error)
                raise NoFramesError(f"frame {number} cannot be decoded: {reason}") from error
            yield frame

    def _frame(self, number: int) -> ArrayFrame:
        times = self.index.times
        last = number + 1 == len(times)
        length = self.index.last_duration if last else float(times[number + 1] - times[number])
        return ArrayFrame(
            number=number,
            time=float(times[number] - times[0]),
            duration=length,
            key=bool(self.index.keys[number]),
            picture=self.reader.picture(number),
            aspect=self.aspect,
        )


class _Decord:
    def __init__(self, package: Any, path: str, threads: int) -> None:
        package.logging.set_level(package.logging.QUIET)
        self._video = package.VideoReader(path, ctx=package.cpu(0), num_threads=threads)

    def __len__(self) -> int:
        return len(self._video)

    def picture(self, number: int) -> Picture:
        return self._video[number].asnumpy()

    def time(self, number: int) -> float:
        return float(self._video.get_frame_timestamp(number)[0])


class _Torchcodec:
    def __init__(self, package: Any, path: str, stream: int, threads: int) -> None:
        self._video = package.VideoDecoder(
            path, stream_index=stream, dimension_order="NHWC", num_ffmpeg_threads=threads
        )

    def __len__(self) -> int:
        return len(self._video)

    def picture(self, number: int) -> Picture:
        return self._video.get_frame_at(number).data.numpy()

    def time(self, number: int) -> float:
        return float(self._video.get_frame_at(number).pts_seconds)


def _load(backend: str) -> tuple[Any, tuple[type[Exception], ...]]:
    """The package, and what it raises for a file that it cannot read.

    Raises:
        SettingsError: It is not installed or cannot be loaded.
    """
    try:
        if backend == "torchcodec":
            return importlib.import_module("torchcodec.decoders"), _FAILURES
        package = importlib.import_module("decord")
        base = importlib.import_module("decord._ffi.base")
        return package, (*_FAILURES, base.DECORDError)
    except (ImportError, OSError, RuntimeError) as error:
        raise SettingsError(
            f"the decoder {backend} cannot be loaded ({_first_line(error)}); install it with "
            f"pip install 'curator-video[{backend}]', or take the decoder pyav."
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(" .:") or type(error).__name__
