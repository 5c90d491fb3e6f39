"""The sound of a video: which track is taken, and how it gets into the clips.

Packets are copied where the clip's container takes them and the track stays what it is from beginning
to end; else it is decoded, brought to one rate and layout, and encoded. `clip_file.py` writes it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_video.read.container import is_default, open_video

AUDIO: dict[str, tuple[set[str], str]] = {
    "mp4": ({"aac", "mp3", "ac3", "eac3", "alac"}, "aac"),
    "webm": ({"opus", "vorbis"}, "libopus"),
}
"""By container: codecs that can be copied, and the encoder for others; any may be copied elsewhere."""
_AAC_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_LAYOUTS = ("mono", "stereo", "5.1")


@dataclass(frozen=True, kw_only=True)
class Sound:
    """How a file's sound gets into its clips."""

    stream: Any
    """Of the source."""
    encoder: str
    """Empty if the packets are copied."""
    rate: int
    """Samples per second of the clips."""
    layout: str
    codec: str
    """Of the clips' sound."""


def choose_track(container: Any, wanted: str = "") -> Any:
    """The sound track to take; None if there is none, or not the one that is asked for.

    Args:
        container: An open file of PyAV.
        wanted: Its number among the sound tracks, from 1, or its language as the file writes it, such
            as eng. The track that the file marks as default unless given, else the first.
    """
    tracks = list(container.streams.audio)
    if wanted.isdecimal():
        return tracks[int(wanted) - 1] if 0 < int(wanted) <= len(tracks) else None
    if wanted:
        tracks = [each for each in tracks if (each.language or "").lower() == wanted.lower()]
    return max(tracks, key=lambda each: (_is_known(each), is_default(each)), default=None)


def _is_known(stream: Any) -> bool:
    return stream.codec_context is not None and bool(stream.codec_context.sample_rate)


def is_steady(path: str, *, video: int, sound: int) -> bool:
    """Whether a sound track keeps its rate and channels, and its time stamps rise, to the end.

    All its packets are looked at, none is decoded.

    Args:
        path: A local file.
        video: Number of the video stream.
        sound: Number of the sound track's stream.
    """
    from av.error import FFmpegError

    first, end = b"", None
    with open_video(path, stream=video) as (container, _):
        stream: Any = container.streams[sound]
        codec = stream.codec_context.codec.canonical_name if stream.codec_context else ""
        try:
            for packet in container.demux(stream):
                if not packet.size:
                    continue
                shape = _shape_of(bytes(packet)[:8], codec)
                first = first or shape
                if shape != first or packet.has_sidedata("new_extradata"):
                    return False
                stamp = packet.dts if packet.pts is None else packet.pts
                if stamp is None:
                    continue
                half = (packet.duration or 0) // 2
                if end is not None and stamp < end - half:
                    return False
                end = stamp + (packet.duration or 0)
        except (FFmpegError, OSError):
            pass
    return True


def _shape_of(head: bytes, codec: str) -> bytes:
    """What the head of a packet says of rate and channels, for codecs that repeat it in each."""
    if len(head) < 8:
        return b""
    if codec == "aac" and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return bytes([head[2] & 0x3D, head[3] & 0xC0])
    if codec in ("mp1", "mp2", "mp3") and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return bytes([head[1] & 0x18, head[2] & 0x0C, head[3] >> 6 == 3])
    if codec == "ac3" and head[:2] == b"\x0b\x77":
        return bytes([head[4] & 0xC0, head[6] & 0xE0])
    return b"\0"


def sound_for(container: str, stream: Any, *, steady: bool = True) -> Sound | None:
    """How a source's sound gets into clips of this kind; None without sound that can be read.

    Args:
        container: Of the clips, as `clip_file.container_for` gives it.
        stream: Of the source, or None.
        steady: As `is_steady` says; the packets of a track that is not cannot be copied.
    """
    if stream is None or not _is_known(stream):
        return None
    context: Any = stream.codec_context
    codec = str(context.codec.canonical_name)
    copied, encoder = AUDIO.get(container, ({codec}, "aac"))
    if codec in copied and steady:
        encoder = ""
    rates = _AAC_RATES if encoder == "aac" else (48000,)
    return Sound(
        stream=stream,
        encoder=encoder,
        rate=context.sample_rate if context.sample_rate in rates else 48000,
        layout=context.layout.name if context.layout.name in _LAYOUTS else "stereo",
        codec={"aac": "aac", "libopus": "opus"}.get(encoder, codec),
    )


@dataclass(kw_only=True)
class Listener:
    """Turns packets of a sound track into samples of one rate and layout, whatever they change to."""

    sound: Sound
    _resampler: Any = field(default=None, init=False)
    _shape: tuple[Any, ...] = field(default=(), init=False)
    """Rate, layout and format that the resampler takes."""

    def hear(self, packet: Any) -> Iterator[tuple[float, NDArray[np.float32]]]:
        """When the samples of a packet are heard, in seconds as in the file, and the samples.

        Shape (channels, samples). Packets that cannot be decoded give none.
        """
        from av.error import FFmpegError

        try:
            made = [each for frame in packet.decode() for each in self._resampled(frame)]
        except (FFmpegError, OSError, ValueError):
            return
        for frame in made:
            yield float(frame.pts * frame.time_base), frame.to_ndarray()

    def _resampled(self, frame: Any) -> list[Any]:
        import av

        if frame.pts is None:
            return []
        shape = (frame.sample_rate, frame.layout.name, frame.format.name)
        rest: list[Any] = []
        if shape != self._shape:
            rest = self._resampler.resample(None) if self._resampler else []
            self._shape = shape
            self._resampler = av.AudioResampler(
                format="fltp", layout=self.sound.layout, rate=self.sound.rate
            )
        return rest + self._resampler.resample(frame)
