"""Which encoder cuts clips, and with which options.

An encoder counts as there only if it has encoded a few frames in this process: the name alone says
nothing of NVENC, which needs the right GPU. The files are written by `clip_file.py`.
"""

import io
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Literal

from curator_engine.errors import SettingsError

EncoderName = Literal[
    "auto", "copy", "libx264", "libopenh264", "libvpx-vp9", "libsvtav1", "h264_nvenc"
]

_AUTO = ("libx264", "libopenh264", "h264_nvenc", "libsvtav1", "libvpx-vp9")
_PROBE_SIZE = (320, 192)
_PROBE_FRAMES = 3


@dataclass(frozen=True, kw_only=True)
class _Encoder:
    codec: str
    quality: int
    """Used unless another is given; lower is better."""
    worst: int
    ten_bit: str = ""
    """The pixel format with ten bits, if there is one."""


_ENCODERS = {
    "libx264": _Encoder(codec="h264", quality=20, worst=51, ten_bit="yuv420p10le"),
    "libopenh264": _Encoder(codec="h264", quality=24, worst=51),
    "libvpx-vp9": _Encoder(codec="vp9", quality=31, worst=63),
    "libsvtav1": _Encoder(codec="av1", quality=32, worst=63, ten_bit="yuv420p10le"),
    "h264_nvenc": _Encoder(codec="h264", quality=21, worst=51),
}


def choose_encoder(name: EncoderName) -> str:
    """The encoder to use: the one that is named, or for `auto` the first that works here.

    Raises:
        SettingsError: It does not work on this machine, or is not known.
    """
    if name == "copy":
        return name
    if name == "auto":
        found = next((each for each in _AUTO if not why_not(each)), None)
        if found is None:
            raise SettingsError("no video encoder works here; install av from its wheel.")
        return found
    if name not in _ENCODERS:
        raise SettingsError(
            f"encoder {name!r} is not known; choose auto, copy, {', '.join(_AUTO)}."
        )
    if reason := why_not(name):
        raise SettingsError(f"encoder {name} does not work here ({reason}); use --encoder auto.")
    return name


@cache
def why_not(name: str) -> str:
    """Why an encoder does not work here; empty if it does. Found out by encoding, once a process."""
    import av
    from av.error import FFmpegError

    try:
        with av.open(io.BytesIO(), "w", format="mp4") as file:
            stream = add_video_stream(file, name, size=_PROBE_SIZE, rate=Fraction(24))
            for number in range(_PROBE_FRAMES):
                frame = av.VideoFrame(*_PROBE_SIZE, "yuv420p")
                for plane in frame.planes:
                    plane.update(bytes(plane.buffer_size))
                frame.pts, frame.time_base = number, Fraction(1, 24)
                with keep_priority():
                    packets = stream.encode(frame)
                file.mux(packets)
            file.mux(stream.encode(None))
    except (FFmpegError, ValueError, OSError, RuntimeError) as error:
        return " ".join(str(error).split()) or type(error).__name__
    return ""


@contextmanager
def keep_priority() -> Generator[None]:
    """Keep this process's threads as they are while an encoder starts: at its first frame, or before it.

    Where root runs it, SVT-AV1 makes real-time threads of its own threads and of its caller's, and
    what these start inherits that: nothing else on the machine gets a turn.
    """
    if not hasattr(os, "sched_setscheduler"):
        yield
        return
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        for thread in (int(each.name) for each in Path("/proc/self/task").iterdir()):
            with suppress(ProcessLookupError, PermissionError):
                if os.sched_getscheduler(thread) != policy:
                    os.sched_setscheduler(thread, policy, parameters)


def add_video_stream(
    file: Any,
    name: str,
    *,
    size: tuple[int, int],
    rate: Fraction,
    time_base: Fraction | None = None,
    quality: int | None = None,
    threads: int = 1,
    ten_bit: bool = False,
) -> Any:
    """Add the stream of an encoder to a file that is written.

    Args:
        file: An open container of PyAV.
        name: The encoder.
        size: Width and height, even.
        rate: Frames per second, for the encoder's rate control only.
        time_base: Unit of the time stamps; a frame unless given.
        quality: The encoder's constant quality, lower is better; None for its default here.
        threads: Of the encoder.
        ten_bit: Keep ten bits per sample, where the encoder can.
    """
    encoder = _ENCODERS[name]
    # SVT-AV1 writes what it does to standard error unless it is told not to.
    os.environ.setdefault("SVT_LOG", "1")
    stream = file.add_stream(name, rate=rate)
    stream.width, stream.height = size
    stream.pix_fmt = encoder.ten_bit if ten_bit and encoder.ten_bit else "yuv420p"
    stream.codec_context.time_base = time_base or 1 / rate
    stream.codec_context.thread_count = threads
    stream.options = _options(name, encoder.quality if quality is None else quality, threads)
    if name in ("libvpx-vp9", "libsvtav1"):
        stream.bit_rate = 0
    return stream


def _options(name: str, quality: int, threads: int) -> dict[str, str]:
    value = str(quality)
    match name:
        case "libx264":
            # Its faster look-ahead reads memory that it has not written, so that files differ.
            steady = "cpu-independent=1"
            return {"preset": "veryfast", "crf": value, "x264-params": steady}
        case "libopenh264":
            return {"qmin": value, "qmax": value}
        case "libvpx-vp9":
            return {"crf": value, "deadline": "good", "cpu-used": "4", "row-mt": "1"}
        case "libsvtav1":
            return {"crf": value, "preset": "8", "svtav1-params": f"lp={threads}"}
        case _:
            return {"rc": "vbr", "cq": value, "preset": "p4"}


def check_quality(name: str, quality: int | None) -> None:
    """Make sure that the encoder knows this quality.

    Raises:
        SettingsError: It is out of the encoder's range.
    """
    worst = _ENCODERS[name].worst if name in _ENCODERS else 51
    if quality is not None and not 0 <= quality <= worst:
        raise SettingsError(f"quality {quality} is not in 0..{worst}, the range of {name}.")


def makes_ten_bit(name: str) -> bool:
    """Whether the encoder can keep ten bits per sample."""
    return name in _ENCODERS and bool(_ENCODERS[name].ten_bit)


def codec_of(name: str) -> str:
    """The codec that an encoder writes, such as h264."""
    return _ENCODERS[name].codec
