# pyright: basic
"""NVENC and NVDEC, each asked by using it."""

import io
import tempfile
import time
from fractions import Fraction

import numpy as np

from gpu_parts.part import Row, Setting, number


def check_nvenc(setting: Setting) -> list[Row]:
    """Whether an encoder of the driver works, and how fast it is beside libx264."""
    from curator_video.clips.encoders import why_not

    reason = why_not("h264_nvenc")
    if reason:
        return [Row(case="NVENC, h264", ran=f"does not work: {reason}"[:300])]
    frames = setting.size(300, 100, 48)
    return [
        Row(
            case="NVENC, h264, 1920x1080",
            rate=number(frames / _encode("h264_nvenc", frames)[1], "frames/s"),
            cpu=number(frames / _encode("libx264", frames)[1], "frames/s"),
        )
    ]


def _encode(name, frames, size=(1920, 1080)):
    import av

    from curator_video.clips.encoders import add_video_stream

    width, height = size
    ramp = np.add.outer(np.arange(height * 3 // 2), np.arange(width)).astype(np.uint8)
    out = io.BytesIO()
    start = time.perf_counter()
    with av.open(out, "w", format="mp4") as file:
        stream = add_video_stream(file, name, size=size, rate=Fraction(24))
        for number_ in range(frames):
            frame = av.VideoFrame.from_ndarray(ramp + np.uint8(number_ % 256), format="yuv420p")
            frame.pts, frame.time_base = number_, Fraction(1, 24)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return out.getvalue(), time.perf_counter() - start


def check_nvdec(setting: Setting) -> list[Row]:
    """Whether the driver decodes, and whether its pictures are those of the CPU."""
    import av
    from av.codec.hwaccel import HWAccel

    frames = setting.size(300, 100, 48)
    data, _ = _encode("libx264", frames)
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        file.write(data)
        file.flush()
        try:
            accelerator = HWAccel(device_type="cuda", allow_software_fallback=False)
            found, seconds = _decode(av, file.name, accelerator)
        except Exception as error:
            reason = " ".join(str(error).split())
            return [
                Row(
                    case="NVDEC, h264", ran=f"does not work: {type(error).__name__}: {reason}"[:300]
                )
            ]
        expected, cpu = _decode(av, file.name, None)
    return [
        Row(
            case="NVDEC, h264, 1920x1080",
            agreement="exact" if found == expected else "other pictures",
            rate=number(frames / seconds, "frames/s"),
            cpu=number(frames / cpu, "frames/s"),
        )
    ]


def _decode(av, path, accelerator):
    start, marks = time.perf_counter(), []
    with av.open(path, hwaccel=accelerator) as file:
        for frame in file.decode(video=0):
            marks.append(hash(frame.to_ndarray(format="gray").tobytes()))
    return marks, time.perf_counter() - start
