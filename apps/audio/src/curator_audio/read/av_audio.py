"""Decode audio with PyAV: what soundfile does not read, such as AAC, and the sound of videos.

FFmpeg goes on behind damage where it can, so this also reads the rest of a file at which soundfile stops.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from curator_audio.read.audio_error import AudioError, NoSoundError

_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,mxf,nut,rm,wav,w64,rf64,aiff,au,caf"
    ",flac,mp3,aac,loas,ac3,eac3,dts,truehd,amr,ape,wv,tta,tak,mpc,mpc8,voc,dsf,oma,xwma,spdif,gsm,qcp"
)
"""Play lists and scripts are not among them: they would make us open other files and addresses."""
_SEEKABLE = ("mov", "matroska", "avi", "ogg", "wav")
"""Containers whose time stamps hold after a jump."""
_PREROLL_S = 1.0
"""Sound that is decoded before a span, since a decoder needs some packets to be right."""
_FULL_SCALE = {"u8": 128.0, "s16": 32768.0, "s32": 2147483648.0, "s64": 2.0**63}


@dataclass(frozen=True, kw_only=True)
class AvFacts:
    """What the first samples say."""

    rate: int
    channels: int
    format: str
    codec: str
    start_s: float
    """When the first sample is heard, by the file's time stamps."""
    promised: int | None = None
    """Samples per channel of an MP3 file, as its first frame or its size says."""


def av_facts(file: BinaryIO | str, where: str) -> AvFacts:
    """Open the audio and decode its first samples.

    Raises:
        AudioError: There is none that can be decoded; NoSoundError if it is a video without a track.
    """
    with _opened(file, where) as (container, stream):
        frame: Any = next(_frames(container, stream), None)
        if frame is None:
            raise AudioError(where, "its audio track has no samples that can be decoded")
        context = stream.codec_context
        return AvFacts(
            rate=int(frame.sample_rate),
            channels=len(frame.layout.channels),
            format=str(container.format.name).partition(",")[0],
            codec=str(context.codec.canonical_name),
            start_s=float(frame.pts * frame.time_base) if frame.pts is not None else 0.0,
            promised=_promised(container, stream),
        )


def av_pieces(
    file: BinaryIO | str, where: str, facts: AvFacts, *, first: int = 0
) -> Iterator[NDArray[np.float32]]:
    """The samples from one on, a frame of the codec at a time; shape (samples, channels).

    Raises:
        AudioError: The file cannot be opened, or changes its rate on the way.
    """
    with _opened(file, where) as (container, stream):
        frames, at = _from(container, stream, facts, first)
        for frame in frames:
            if frame.sample_rate != facts.rate:
                raise AudioError(where, f"its rate changes to {frame.sample_rate:,} Hz")
            piece = samples_of(frame, facts.channels)
            skip = max(0, first - at)
            at += len(piece)
            if skip < len(piece):
                yield piece[skip:]


def samples_of(frame: Any, channels: int) -> NDArray[np.float32]:
    """A frame's samples in [-1, 1], shape (samples, channels); other channels become the mean of theirs."""
    data: NDArray[Any] = frame.to_ndarray()
    if not frame.format.is_planar:
        data = data.reshape(-1, len(frame.layout.channels)).T
    full = _FULL_SCALE.get(str(frame.format.name).removesuffix("p"))
    out = data.astype(np.float32)
    if full:
        out = (out - (128.0 if full == 128.0 else 0.0)) / np.float32(full)
    if len(out) != channels:
        out = np.repeat(out.mean(axis=0, keepdims=True), channels, axis=0)
    return np.ascontiguousarray(out.T, dtype=np.float32)


def _promised(container: Any, stream: Any) -> int | None:
    if container.format.name != "mp3" or not stream.duration:
        return None
    return round(float(stream.duration * stream.time_base) * stream.rate)


@contextmanager
def _opened(file: BinaryIO | str, where: str) -> Generator[tuple[Any, Any]]:
    import av
    from av.error import FFmpegError
    from av.logging import set_level

    # A Python callback for FFmpeg's messages can deadlock with decoder threads.
    set_level(None)
    options = {"format_whitelist": _FORMATS}
    if isinstance(file, str):
        options["protocol_whitelist"] = "file"
    try:
        container: Any = av.open(file, container_options=options)
    except (FFmpegError, OSError, ValueError, MemoryError) as error:
        raise AudioError(where, "no audio in a format that is known, or a damaged one") from error
    with container:
        yield container, _track_of(container, where)


def _track_of(container: Any, where: str) -> Any:
    """The audio track that the file marks as the one to play, else its first."""
    from av.stream import Disposition

    tracks = list(container.streams.audio)
    if not tracks:
        kinds = sorted({each.type for each in container.streams})
        kind = NoSoundError if "video" in kinds else AudioError
        raise kind(where, f"has no audio track (only {', '.join(kinds) or 'nothing'})")
    known = [each for each in tracks if each.codec_context is not None]
    if not known:
        raise AudioError(where, "its audio track is of an unknown codec")
    return max(known, key=lambda each: bool(each.disposition & Disposition.default))


def _from(container: Any, stream: Any, facts: AvFacts, first: int) -> tuple[Iterator[Any], int]:
    """The frames from about a sample on, and the number of the first of them."""
    wanted = first / facts.rate - _PREROLL_S
    if wanted <= 0 or facts.format not in _SEEKABLE or not stream.time_base:
        return _frames(container, stream), 0
    from av.error import FFmpegError

    with suppress(FFmpegError, OSError):
        container.seek(int((facts.start_s + wanted) / stream.time_base), stream=stream)
        frames = _frames(container, stream)
        frame: Any = next(frames, None)
        if frame is not None and frame.pts is not None:
            at = round((float(frame.pts * frame.time_base) - facts.start_s) * facts.rate)
            if 0 <= at <= first:
                return chain([frame], frames), at
    container.seek(0)
    return _frames(container, stream), 0


def _frames(container: Any, stream: Any) -> Iterator[Any]:
    """The frames that can be decoded; a damaged packet gives none."""
    from av.error import FFmpegError

    # No threads: a worker has one core.
    stream.thread_type = "NONE"
    packets = iter(container.demux(stream))
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return
        except (FFmpegError, OSError):
            return
        with suppress(FFmpegError, ValueError):
            yield from (frame for frame in packet.decode() if frame.samples)
