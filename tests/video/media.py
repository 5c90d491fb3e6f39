"""Videos for tests, most of them drawn: shots whose borders, times and frame numbers are known."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from curator_video.clips.encoders import keep_priority

REAL = {
    "lhotse_big_buck_bunny_small.mp4": ("h264", 320, 240, 132, "aac"),
    "sintel_trailer_30s.mp4": ("h264", 854, 480, 720, ""),
    "tc_bt2020_10bit.mp4": ("hevc", 320, 240, 60, ""),
    "tc_nasa_13013.mp4": ("h264", 480, 270, 390, "aac"),
    "tc_testsrc2_av1_10bit.mp4": ("av1", 320, 240, 25, ""),
    "tc_testsrc2_h265.mp4": ("hevc", 1280, 720, 60, ""),
    "tc_testsrc2_vp8.webm": ("vp8", 1280, 720, 30, ""),
}
"""Files of the shared folder: codec, width, height, frames, codec of the sound."""
BITS = 12
"""Blocks in the painted number: six above six in the upper third of the picture."""
_ROWS = 2
_COLUMNS = BITS // _ROWS
_TICKS = 90_000
_SOUND_RATE = 48_000


@dataclass(frozen=True, kw_only=True)
class Shot:
    """A moving texture of its own colours."""

    seed: int
    frames: int
    fade_in: int = 0
    """Frames from black at the beginning."""
    fade_out: int = 0
    """Frames to black at the end."""
    dissolve: int = 0
    """Frames at the beginning in which the shot before is still to be seen."""
    speed: float = 1.5
    """Pixels per frame; 0 stands still."""
    colour: tuple[int, int, int] | None = None
    """Nothing but this colour."""


type ShotLike = Shot | tuple[int, int]
"""A shot, or (seed, frames)."""


def draw_video(
    path: Path,
    shots: Sequence[ShotLike],
    *,
    fps: float | Fraction = 24,
    size: tuple[int, int] = (320, 180),
    codec: str = "libx264",
    audio: bool = False,
    numbered: bool = False,
    rotation: int = 0,
    times: Sequence[float] | None = None,
    pixel_format: str = "yuv420p",
    gop: int = 24,
    small_stream: bool = False,
    video: bool = True,
    options: dict[str, str] | None = None,
) -> Path:
    """Write a video; returns its path.

    Args:
        path: Its ending names the container.
        shots: What is shown, in order.
        fps: Frames per second.
        size: Width and height as shown; even numbers for most codecs.
        codec: Such as libx264, mpeg4, mjpeg, libvpx, libvpx-vp9, libsvtav1, libx265.
        audio: Add a tone of 440 Hz of the same length.
        numbered: Paint each frame's number into it; see `read_number`.
        rotation: Degrees clockwise that a player turns the stored frames: 0, 90, 180 or 270.
        times: When each frame is shown, in seconds, for a varying frame rate.
        pixel_format: Such as yuv420p10le.
        gop: Frames between key frames.
        small_stream: Put a video stream of a quarter of the size before the real one.
        video: False leaves the frames out: a file with sound only, or with nothing in it.
        options: For the encoder.
    """
    import av

    frames = sum(shot.frames for shot in map(_shot, shots))
    rate = Fraction(fps).limit_denominator(1001)
    with av.open(str(path), "w") as file:
        stored = size if rotation % 180 == 0 else (size[1], size[0])
        streams = _streams(
            file, rate, stored, codec, pixel_format, gop, options or {}, small_stream
        )
        streams = streams if video else []
        if rotation and streams:
            streams[-1].set_display_rotation(-rotation)
        sound = _sound_stream(file, path) if audio else None
        for number, picture in enumerate(draw_frames(shots, size=size, numbered=numbered)):
            time = Fraction(number) / rate if times is None else Fraction(times[number])
            for stream in streams:
                _write_frame(file, stream, np.rot90(picture, rotation // 90), time)
        for stream in streams:
            file.mux(stream.encode())
        if sound is not None:
            _write_tone(file, sound, float(frames / rate))
    return path


def draw_frames(
    shots: Sequence[ShotLike], *, size: tuple[int, int] = (320, 180), numbered: bool = False
) -> Iterator[np.ndarray]:
    """The frames of the shots in order, RGB, shape (height, width, 3)."""
    number, before = 0, None
    for shot in map(_shot, shots):
        canvas = _canvas(shot, size)
        for i in range(shot.frames):
            picture = _window(shot, canvas, i, size).astype(np.float32)
            if before is not None and i < shot.dissolve:
                share = (i + 1) / (shot.dissolve + 1)
                old = _window(before[0], before[1], before[0].frames + i, size)
                picture = share * picture + (1 - share) * old
            picture = picture * _brightness(shot, i)
            drawn = picture.round().astype(np.uint8)
            yield paint_number(drawn, number) if numbered else drawn
            number += 1
        before = (shot, canvas)


def paint_number(picture: np.ndarray, number: int) -> np.ndarray:
    """The picture with the number (below 4096) as black and white blocks in its upper third."""
    drawn = picture.copy()
    for bit, (rows, columns) in enumerate(_blocks(picture.shape[0], picture.shape[1])):
        drawn[rows, columns] = 255 if number >> bit & 1 else 0
    return drawn


def read_number(picture: np.ndarray) -> int:
    """The number that `paint_number` painted, from RGB or grey of any size down to 48x27."""
    grey = picture if picture.ndim == 2 else picture.mean(axis=2)
    number = 0
    for bit, (rows, columns) in enumerate(_blocks(grey.shape[0], grey.shape[1])):
        block = grey[rows, columns]
        high, wide = block.shape[0] // 4, block.shape[1] // 4
        number |= int(block[high : -high or None, wide : -wide or None].mean() > 127) << bit
    return number


def cut_off(path: Path, share: float) -> Path:
    """The beginning of a file, as another file."""
    data = path.read_bytes()
    short = path.with_name(f"short_{path.name}")
    short.write_bytes(data[: int(len(data) * share)])
    return short


def fast_start(path: Path) -> Path:
    """The file with its index in front, as a stream from a server has it."""
    import av

    target = path.with_name(f"fast_{path.name}")
    with (
        av.open(str(path)) as source,
        av.open(str(target), "w", options={"movflags": "faststart"}) as copy,
    ):
        stream = copy.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                copy.mux(packet)
    return target


def _blocks(height: int, width: int) -> Iterator[tuple[slice, slice]]:
    for bit in range(BITS):
        row, column = divmod(bit, _COLUMNS)
        yield (
            slice(row * height // 6, (row + 1) * height // 6),
            slice(column * width // _COLUMNS, (column + 1) * width // _COLUMNS),
        )


def _shot(shot: ShotLike) -> Shot:
    return shot if isinstance(shot, Shot) else Shot(seed=shot[0], frames=shot[1])


def _canvas(shot: Shot, size: tuple[int, int]) -> np.ndarray:
    """What the shot moves over, twice the size in each direction, and its own colours."""
    width, height = size
    if shot.colour is not None:
        return np.full((2 * height, 2 * width, 3), shot.colour, dtype=np.uint8)
    random = np.random.default_rng(shot.seed)
    low, high = np.sort(random.uniform(20, 235, (2, 3)), axis=0)
    coarse = random.uniform(low, high + 10, (9, 16, 3)).clip(0, 255).astype(np.uint8)
    fine = random.integers(0, 50, (36, 64, 3)).astype(np.uint8)
    whole = (2 * width, 2 * height)
    smooth = np.asarray(Image.fromarray(coarse).resize(whole, Image.Resampling.BICUBIC))
    detail = np.asarray(Image.fromarray(fine).resize(whole, Image.Resampling.BICUBIC))
    return (smooth.astype(np.int16) + detail - 25).clip(0, 255).astype(np.uint8)


def _window(shot: Shot, canvas: np.ndarray, i: int, size: tuple[int, int]) -> np.ndarray:
    """The part of the canvas that is seen in the shot's i-th frame: it moves to and fro."""
    width, height = size
    angle = np.random.default_rng(shot.seed + 1).uniform(0.2, 1.4)
    x, y = (int(i * shot.speed * f) for f in (np.cos(angle), np.sin(angle)))
    left, top = (side - abs(step % (2 * side) - side) for step, side in ((x, width), (y, height)))
    return canvas[top : top + height, left : left + width]


def _brightness(shot: Shot, i: int) -> float:
    coming = (i + 0.5) / shot.fade_in if shot.fade_in else 1.0
    going = (shot.frames - i - 0.5) / shot.fade_out if shot.fade_out else 1.0
    return min(1.0, coming, going)


def _streams(
    file: Any,
    rate: Fraction,
    size: tuple[int, int],
    codec: str,
    pixel_format: str,
    gop: int,
    options: dict[str, str],
    small: bool,
) -> list[Any]:
    streams: list[Any] = []
    fine = codec in ("libx264", "libx265", "libvpx", "libvpx-vp9")
    for part in (4, 1) if small else (1,):
        stream = file.add_stream(codec, rate=rate)
        stream.width, stream.height = (side // part // 2 * 2 if part > 1 else side for side in size)
        stream.pix_fmt = pixel_format
        stream.options = {"threads": "1", **options}
        stream.codec_context.gop_size = gop
        stream.codec_context.time_base = Fraction(1, _TICKS) if fine else 1 / rate
        streams.append(stream)
    return streams


def _write_frame(file: Any, stream: Any, picture: np.ndarray, time: Fraction) -> None:
    import av

    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    frame = frame.reformat(width=stream.width, height=stream.height, format=stream.pix_fmt)
    base = stream.codec_context.time_base
    frame.time_base, frame.pts = base, round(time / Fraction(base.numerator, base.denominator))
    with keep_priority() if not time else nullcontext():
        packets = stream.encode(frame)
    file.mux(packets)


def _sound_stream(file: Any, path: Path) -> Any:
    return file.add_stream("libopus" if path.suffix == ".webm" else "aac", rate=_SOUND_RATE)


def _write_tone(file: Any, stream: Any, seconds: float) -> None:
    import av

    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * _SOUND_RATE)) / _SOUND_RATE)
    both = np.stack([wave, wave]).astype(np.float32)
    for start in range(0, both.shape[1], 1024):
        part = np.ascontiguousarray(both[:, start : start + 1024])
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = (
            _SOUND_RATE,
            start,
            Fraction(1, _SOUND_RATE),
        )
        file.mux(stream.encode(frame))
    file.mux(stream.encode())
