"""Sounds that tests write: tones, noise, and files of them."""

import io
import tarfile
from typing import Any

import numpy as np
from numpy.typing import NDArray


def tone(
    seconds: float, *, rate: int = 16_000, hertz: float = 440.0, level: float = 0.3
) -> NDArray[np.float32]:
    """A sine of one channel, shape (samples, 1)."""
    at = np.arange(round(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * hertz * at)).astype(np.float32)[:, None]


def sound_file(
    samples: NDArray[np.float32],
    *,
    rate: int = 16_000,
    format: str = "WAV",
    subtype: str | None = None,
) -> bytes:
    """The bytes of a file, by soundfile."""
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=format, subtype=subtype)
    return file.getvalue()


def av_file(
    samples: NDArray[np.float32], *, rate: int = 48_000, container: str, codec: str
) -> bytes:
    """The bytes of a file of one channel, by PyAV."""
    import av

    file = io.BytesIO()
    with av.open(file, "w", format=container) as target:
        stream: Any = target.add_stream(codec, rate=rate, layout="mono")
        for first in range(0, len(samples), 1024):
            part = np.ascontiguousarray(samples[first : first + 1024].T)
            frame: Any = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = rate, first
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return file.getvalue()


def mute_video() -> bytes:
    """The bytes of a video of one frame without an audio track, by PyAV."""
    import av

    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as target:
        stream: Any = target.add_stream("mpeg4", rate=1)
        stream.width = stream.height = 16
        frame: Any = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
        target.mux(stream.encode(frame.reformat(format="yuv420p")))
        target.mux(stream.encode(None))
    return file.getvalue()


def wav_archive(**files: bytes) -> bytes:
    """A compressed tar of files by their names."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return target.getvalue()
