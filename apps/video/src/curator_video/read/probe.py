"""What a video file holds: its streams, and what its packets say against its header.

All packets of the chosen stream are read, and one frame is decoded; nothing is believed that the
packets contradict. Decoding the rest is `decode.py`'s.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_video.read.container import (
    NoFramesError,
    is_default,
    is_picture,
    open_video,
    orientation_of,
    pixel_aspect,
    reason_of,
)
from curator_video.read.packets import PacketIndex, index_packets
from curator_video.read.sound import choose_track, is_steady
from curator_video.read.tone_map import CURVES
from curator_video.task import VideoMetadata

_VARIES = 0.25
"""Frames whose length differs by more than this ratio from the middle one count as uneven."""
LONG_PAUSE = 5.0
"""Seconds from which a frame that is shown so long is a pause of the recording."""
_FIRST_FRAME_PACKETS = 500
"""Packets in which a frame must come out."""


@dataclass(frozen=True, kw_only=True)
class StreamFacts:
    """What the header says of a stream."""

    number: int
    kind: str
    """video, audio, subtitle, data or attachment."""
    codec: str
    """Empty if it is not known."""
    width: int = 0
    height: int = 0
    sample_rate: int = 0
    channels: int = 0
    language: str = ""
    is_default: bool = False
    is_picture: bool = False
    """A cover or a preview, not a video."""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A video file as it was found."""

    path: str
    metadata: VideoMetadata
    streams: list[StreamFacts]
    variable_frame_rate: bool
    longest_gap: float
    """Seconds for which the frame that is shown longest is shown."""
    key_frames: int
    longest_key_gap: float
    """Seconds between two key frames at most, or to the end."""
    pixel_aspect: float
    """Width of a pixel divided by its height."""
    hdr: str
    """pq or hlg; empty for a common transfer curve."""
    problems: list[str] = field(default_factory=list[str])
    failure: str = ""
    """That of the problems which is a failure: reading ended early. Empty if it did not."""


def probe_video(path: str, *, stream: int | None = None, audio_track: str = "") -> Probe:
    """Look at a local file: at its best video stream, or at the one asked for.

    Args:
        path: A local file.
        stream: Number of the video stream; the best one unless given.
        audio_track: Which sound to take, as in `sound.choose_track`; one that is not there is a problem.

    Raises:
        NotVideoError: Not a file, not a video, or beyond the limits.
        NoFramesError: There is no video stream, or no picture can be decoded.
    """
    with open_video(path, stream=stream) as (container, chosen):
        number = chosen.index
        first = _first_frame(container, chosen)
        streams = [_stream_facts(each) for each in container.streams]
    index = index_packets(path, stream=number)
    with open_video(path, stream=number) as (container, chosen):
        sound = choose_track(container, audio_track)
        times, end = index.times, float(index.times[-1]) + index.last_duration
        lengths = np.diff(times)
        metadata = _metadata(path, container, chosen, index, first, sound)
        problems = _problems(container, chosen, index, metadata, streams)
        if audio_track and sound is None:
            problems.append(f"has no sound track {audio_track}; its clips have no sound")
        return Probe(
            path=path,
            metadata=metadata,
            streams=streams,
            variable_frame_rate=_varies(lengths),
            longest_gap=float(lengths.max(initial=index.last_duration)),
            key_frames=int(index.keys.sum()),
            longest_key_gap=float(np.diff([*times[index.keys], end]).max(initial=0.0)),
            pixel_aspect=pixel_aspect(chosen),
            hdr=metadata.hdr,
            problems=problems,
            failure=problems[0] if index.error else "",
        )


def _first_frame(container: Any, stream: Any) -> Any:
    """The first frame that can be decoded.

    Raises:
        NoFramesError: None can.
    """
    from av.error import FFmpegError

    reason = "no frame in its packets"
    packets = container.demux(stream)
    for _ in range(_FIRST_FRAME_PACKETS):
        try:
            packet = next(packets, None)
            frames = packet.decode() if packet is not None else None
        except (FFmpegError, OSError) as error:
            reason = reason_of(error)
            continue
        if frames is None:
            break
        if frames:
            return frames[0]
    raise NoFramesError(f"holds no picture that can be decoded: {reason}")


def _metadata(
    path: str, container: Any, stream: Any, index: PacketIndex, first: Any, sound: Any
) -> VideoMetadata:
    times = index.times
    duration = float(times[-1] - times[0]) + index.last_duration
    measured = len(times) / duration if duration > 0 else 0.0
    said = float(stream.average_rate or 0)
    way = orientation_of(first)
    sides = (first.width, first.height)
    width, height = sides if way.turn % 180 == 0 else sides[::-1]
    return VideoMetadata(
        size=Path(path).stat().st_size,
        width=width,
        height=height,
        # The header's fraction is exact where the packets agree with it.
        framerate=said if abs(said - measured) < 0.001 * measured else measured,
        num_frames=len(times),
        duration=duration,
        start_time=float(times[0]) if first.pts is None else float(first.pts * first.time_base),
        video_codec=_codec(stream),
        pixel_format=first.format.name,
        audio_codec="" if sound is None else _codec(sound) or "unknown",
        audio_stream=-1 if sound is None else sound.index,
        audio_is_steady=sound is None or is_steady(path, video=stream.index, sound=sound.index),
        stamps=index.stamps,
        headless=index.headless,
        bit_rate_k=round(index.num_bytes * 8 / duration / 1000) if duration > 0 else 0,
        rotation=way.turn,
        mirrored=way.mirrored,
        pixel_aspect=pixel_aspect(stream) ** (1 if way.turn % 180 == 0 else -1),
        hdr=CURVES.get(int(first.color_trc), ""),
        stream=stream.index,
        container=container.format.name,
    )


def _varies(lengths: NDArray[np.float64]) -> bool:
    """Whether more than one frame in fifty, and more than one, is uneven; shape (frames - 1,)."""
    if len(lengths) < 2:
        return False
    middle = float(np.median(lengths))
    uneven = int((np.abs(lengths - middle) > _VARIES * middle).sum())
    return uneven > max(1, len(lengths) / 50)


def _problems(
    container: Any,
    stream: Any,
    index: PacketIndex,
    metadata: VideoMetadata,
    streams: list[StreamFacts],
) -> list[str]:
    """What is amiss, a line each."""
    said = float(stream.duration * stream.time_base) if stream.duration else 0.0
    if not said and not container.streams.audio:
        said = float(container.duration or 0) / 1e6
    frames, seconds = metadata.num_frames, metadata.duration
    packets = frames + index.hidden
    # A header counts frames that an edit list, or an AVI's empty packets, leave out, but not their time.
    same_length = abs(said - seconds) * metadata.framerate < 1.5
    rate = f"{metadata.framerate:.3f} frames per second"
    repeats = int((np.diff(index.times) <= 0).sum())
    longest = float(np.diff(index.times).max(initial=0.0))
    jumps = ", ".join(f"{index.times[each] - index.times[0]:.3f} s" for each in index.joints)
    unknown = [str(each.number) for each in streams if not each.codec and each.kind != "data"]
    found = {
        f"ends early, after {seconds:.3f} s: {index.error}": bool(index.error),
        f"the header says {stream.frames} frames, there are {frames}": stream.frames > 0
        and abs(stream.frames - packets) > 1
        and not same_length,
        f"the header says {said:.3f} s, there are {seconds:.3f} s": said - seconds
        > max(0.5, 0.02 * said)
        and not index.joints,
        f"{index.corrupt} damaged packets": index.corrupt > 0,
        f"{index.untimed} packets without a time stamp": index.untimed > 0,
        f"{index.headless} frames before the first key frame": index.headless > 0,
        "has no key frame": not index.keys.any() and not index.hidden,
        f"{repeats} frames with the time of the one before": repeats > 0,
        "the time stamps of showing are wrong; those of decoding are taken": index.stamps == "dts",
        f"the time stamps are wrong; {rate} are taken": index.stamps == "rate",
        f"the time stamps jump after {jumps}": bool(index.joints),
        f"a frame that is shown for {longest:.0f} s": longest > LONG_PAUSE,
        f"streams of an unknown codec: {', '.join(unknown)}": bool(unknown),
    }
    return [problem for problem, is_so in found.items() if is_so]


def _codec(stream: Any) -> str:
    """The name of what is in the stream, not of the decoder: av1, not libdav1d."""
    return str(stream.codec_context.codec.canonical_name) if stream.codec_context else ""


def _stream_facts(stream: Any) -> StreamFacts:
    context = stream.codec_context
    picture, sound = stream.type == "video" and context, stream.type == "audio" and context
    known = stream.type in ("video", "audio") and context
    return StreamFacts(
        number=stream.index,
        kind=stream.type,
        codec=_codec(stream) if known else str(getattr(context, "name", "") or ""),
        width=context.width if picture else 0,
        height=context.height if picture else 0,
        sample_rate=context.sample_rate if sound else 0,
        channels=context.channels if sound else 0,
        # Whatever the file says ends up on a terminal.
        language="".join(filter(str.isprintable, stream.language or ""))[:20],
        is_default=is_default(stream),
        is_picture=is_picture(stream),
    )
