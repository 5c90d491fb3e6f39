"""Sound tracks for tests, made packet by packet, and what is heard in a file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from video.media import draw_video

_PICTURES = 24


@dataclass(frozen=True, kw_only=True)
class Tone:
    """A part of a track."""

    hertz: int = 440
    seconds: float = 2.0
    rate: int = 48_000
    layout: str = "stereo"
    at: float | None = None
    """When it is heard; after the part before unless given."""


def add_tracks(
    source: Path, target: Path, *tracks: Sequence[Tone], default: int = 0, codec: str = "mp2"
) -> Path:
    """Write the video of a file with these sound tracks; returns the new path.

    Args:
        source: A file with one video stream.
        target: Its ending names the container.
        tracks: Of each, what is heard one after the other.
        default: The track that is marked so.
        codec: Of all of them; mp2 repeats rate and channels in each packet.
    """
    import av
    from av.stream import Disposition

    with av.open(str(source)) as file, av.open(str(target), "w") as made:
        video = file.streams.video[0]
        packets = [(each, 0) for each in file.demux(video) if each.dts is not None]
        streams: list[Any] = [made.add_stream_from_template(video)]
        for number, tones in enumerate(tracks):
            stream: Any = made.add_stream(codec, rate=tones[0].rate)
            stream.layout = tones[0].layout
            stream.disposition = Disposition.default if number == default else Disposition(0)
            streams.append(stream)
            packets += [(each, number + 1) for each in _packets(tones, codec)]
        made.start_encoding()
        # Stable, so that a step back within a track stays one.
        for packet, number in _interleaved(packets):
            packet.stream = streams[number]
            made.mux_one(packet)
    return target


def _interleaved(packets: list[tuple[Any, int]]) -> Iterable[tuple[Any, int]]:
    """In the order of their times, but each stream's in its own order."""
    latest: dict[int, Fraction] = {}
    keyed: list[tuple[Fraction, int, tuple[Any, int]]] = []
    for place, (packet, number) in enumerate(packets):
        time = Fraction(packet.dts) * Fraction(packet.time_base)
        latest[number] = max(latest.get(number, time), time)
        keyed.append((latest[number], place, (packet, number)))
    return [each for _, _, each in sorted(keyed, key=lambda entry: entry[:2])]


def _packets(tones: Sequence[Tone], codec: str) -> list[Any]:
    import av

    found: list[Any] = []
    clock = 0.0
    for tone in tones:
        context: Any = av.CodecContext.create(codec, "w")
        context.sample_rate, context.layout, context.format = tone.rate, tone.layout, "s16"
        clock = clock if tone.at is None else tone.at
        count = round(tone.seconds * tone.rate / 1152) * 1152
        wave = 9000 * np.sin(2 * np.pi * tone.hertz * np.arange(count) / tone.rate)
        width = {"mono": 1, "stereo": 2}[tone.layout]
        samples = np.repeat(wave.astype(np.int16), width)[None]
        made = []
        for start in range(0, count, 1152):
            part = np.ascontiguousarray(samples[:, start * width : (start + 1152) * width])
            frame = av.AudioFrame.from_ndarray(part, format="s16", layout=tone.layout)
            frame.sample_rate, frame.pts = tone.rate, start
            frame.time_base = Fraction(1, tone.rate)
            made += context.encode(frame)
        made += context.encode(None)
        for number, packet in enumerate(made):
            packet.time_base = Fraction(1, 90_000)
            packet.pts = packet.dts = round(90_000 * (clock + number * 1152 / tone.rate))
            packet.duration = round(90_000 * 1152 / tone.rate)
        found += made
        clock += count / tone.rate
    return found


def silent_video(path: Path, *, seconds: float = 4.0) -> Path:
    """A small video without sound."""
    return draw_video(path, [(1, round(seconds * _PICTURES))], size=(64, 48))


def heard(path: str | Path, start: float, end: float) -> tuple[float, float]:
    """Loudest frequency in hertz, and loudness as mean square, of a part of a file's sound."""
    import av

    parts, rate = [], 1
    with av.open(str(path)) as file:
        if not file.streams.audio:
            return 0.0, 0.0
        frames: Any = file.decode(audio=0)
        for frame in frames:
            rate = frame.sample_rate
            samples = frame.to_ndarray().astype(np.float64)
            mono = samples[0] if frame.format.is_planar else samples[0, :: frame.layout.nb_channels]
            times = frame.time + np.arange(len(mono)) / rate
            parts.append(mono[(times >= start) & (times < end)])
    wave = np.concatenate([np.zeros(0), *parts])
    if not len(wave):
        return 0.0, 0.0
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
    return float(np.fft.rfftfreq(len(wave), 1 / rate)[spectrum.argmax()]), float((wave**2).mean())


def shift_sound(path: Path, *, after: float, by: float) -> Path:
    """Move the time stamps of the sound in an MPEG-TS from some second on; returns the path."""
    data = bytearray(path.read_bytes())
    at, first = data.find(b"\0\0\1\xc0"), None
    while at >= 0:
        stamp = data[at + 9 : at + 14]
        if data[at + 7] & 0x80:
            pts = stamp[0] >> 1 & 7
            for high, low in ((1, 2), (3, 4)):
                pts = pts << 15 | (stamp[high] << 8 | stamp[low]) >> 1
            first = pts if first is None else first
            if pts - first >= after * 90_000:
                pts = max(0, pts + round(by * 90_000))
                data[at + 9 : at + 14] = bytes(
                    [
                        stamp[0] & 0xF1 | (pts >> 30 & 7) << 1,
                        *(pts >> 22 & 255, pts >> 14 & 254 | 1, pts >> 7 & 255, pts << 1 & 254 | 1),
                    ]
                )
        at = data.find(b"\0\0\1\xc0", at + 4)
    path.write_bytes(data)
    return path
