"""Draw a short video by code, split it into clips, and say where the page of the run lies.

The video has hard cuts, a fade through black, a dark title that stands still, a shot out of focus, one
that is too short, a near-duplicate of an earlier shot, and sound: silence first, then something with
the rhythm of speech. Nothing is downloaded.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

OUT = Path("demo-video-out")
WIDTH, HEIGHT, FPS = 640, 360, 24
CANVAS = (960, 400)
"""What is painted is enlarged to this, and a camera passes over it."""
SOUND_RATE = 48_000
SILENT_SECONDS = 12
type Painter = Callable[[ImageDraw.ImageDraw, float], None]


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One shot; the painter gets the seconds since its start."""

    name: str
    seconds: float
    paint: Painter
    blur: float = 0.0
    """Radius in pixels, for a shot out of focus."""
    fade_in: float = 0.0
    """Seconds from black at its start."""
    fade_out: float = 0.0
    """Seconds to black at its end."""
    gain: float = 1.0
    """Brightness."""
    pan: float = 40.0
    """Pixels per second by which the camera moves."""
    shift: int = 0
    """Pixels by which the camera starts further to the right."""


def sunrise(draw: ImageDraw.ImageDraw, t: float) -> None:
    """A sun that rises behind hills."""
    for y in range(0, HEIGHT, 4):
        share = y / HEIGHT
        draw.rectangle(
            (0, y, WIDTH, y + 4),
            (int(40 + 190 * share), int(70 + 70 * share), 150 - int(90 * share)),
        )
    draw.ellipse((250, 230 - 28 * t, 390, 370 - 28 * t), (255, 214, 120))
    for k, colour in enumerate(((70, 60, 90), (44, 40, 62), (24, 24, 40))):
        xs = np.arange(0, WIDTH + 16, 16)
        ys = 240 + 35 * k + 22 * np.sin(xs / (50 + 17 * k) + 2 * k + 0.25 * t * (k + 1))
        points = [*zip(xs.tolist(), ys.tolist(), strict=True), (WIDTH + 16, HEIGHT), (0, HEIGHT)]
        draw.polygon(points, colour)


def sea(draw: ImageDraw.ImageDraw, t: float) -> None:
    """Waves and a boat."""
    draw.rectangle((0, 0, WIDTH, 150), (140, 196, 226))
    for k in range(14):
        y = 140 + 17 * k
        xs = np.arange(0, WIDTH + 10, 10)
        ys = y + (4 + 0.6 * k) * np.sin(xs / (22 + 3 * k) + t * (1.2 + 0.22 * k) + k)
        colour = (20 + 4 * k, 96 + 6 * k, 150 + 4 * k)
        points = [*zip(xs.tolist(), ys.tolist(), strict=True), (WIDTH + 10, HEIGHT), (0, HEIGHT)]
        draw.polygon(points, colour)
    x, y = 120 + 34 * t, 176 + 5 * np.sin(2 * t)
    draw.polygon([(x, y), (x + 96, y), (x + 76, y + 24), (x + 16, y + 24)], (120, 60, 40))
    draw.polygon([(x + 46, y - 4), (x + 46, y - 84), (x + 92, y - 10)], (246, 240, 226))


def city(draw: ImageDraw.ImageDraw, t: float) -> None:
    """Houses that pass by at night, near ones faster."""
    draw.rectangle((0, 0, WIDTH, HEIGHT), (16, 20, 44))
    rng = np.random.default_rng(4)
    for layer, speed in enumerate((26, 62, 120)):
        x = -int(speed * t)
        while x < WIDTH:
            width, height = int(rng.integers(46, 96)), int(rng.integers(90, 190)) + 24 * layer
            top, shade = HEIGHT - height + 40 * layer, 34 + 16 * layer
            draw.rectangle((x, top, x + width, HEIGHT), (shade, shade, shade + 18))
            for wx in range(x + 8, x + width - 10, 16):
                for wy in range(top + 10, HEIGHT - 10, 20):
                    if (wx - x + wy * 7) % 5 < 2:
                        draw.rectangle((wx, wy, wx + 7, wy + 10), (250, 214, 120))
            x += width + 8


def title(draw: ImageDraw.ImageDraw, _t: float) -> None:
    """A card that stands still."""
    draw.rectangle((0, 0, WIDTH, HEIGHT), (12, 14, 20))
    draw.text((210, 150), "THE SECOND PART", (232, 232, 240), font_size=28)
    draw.text((262, 192), "drawn by code", (150, 154, 168), font_size=18)


def balls(draw: ImageDraw.ImageDraw, t: float) -> None:
    """Balls that bounce."""
    draw.rectangle((0, 0, WIDTH, HEIGHT), (236, 230, 216))
    rng = np.random.default_rng(9)
    for _ in range(9):
        x, y, vx, vy, r = rng.random(5) * (WIDTH, HEIGHT, 190, 150, 26) + (0, 0, 60, 50, 18)
        colour = tuple(int(c) for c in rng.integers(40, 230, 3))
        cx, cy = _bounce(x + vx * t, WIDTH), _bounce(y + vy * t, HEIGHT)
        draw.ellipse((cx - r, cy - r, cx + r, cy + r), colour)
        draw.ellipse((cx - r / 2, cy - r / 2, cx - r / 4, cy - r / 4), (255, 255, 255))


def _bounce(place: float, size: int) -> float:
    return size - abs(place % (2 * size) - size)


SHOTS = [
    Shot(name="sunrise", seconds=5, paint=sunrise, fade_in=0.5),
    Shot(name="sea", seconds=6, paint=sea),
    Shot(name="city", seconds=5, paint=city, fade_out=0.7),
    Shot(name="title that stands still", seconds=3, paint=title, fade_in=0.7, pan=0, shift=160),
    Shot(name="balls", seconds=6, paint=balls),
    Shot(name="too short", seconds=0.8, paint=sunrise),
    Shot(name="city out of focus", seconds=4, paint=city, blur=9),
    Shot(name="sea again, brighter and shifted", seconds=6, paint=sea, gain=1.12, shift=10),
]


def frames(shot: Shot) -> Iterator[NDArray[np.uint8]]:
    """The frames of a shot, RGB, shape (height, width, 3)."""
    count = round(shot.seconds * FPS)
    rng = np.random.default_rng(1)
    grain = rng.integers(-9, 10, (CANVAS[1], CANVAS[0], 1)).astype(np.float32)
    for i in range(count):
        t = i / FPS
        picture = Image.new("RGB", (WIDTH, HEIGHT))
        shot.paint(ImageDraw.Draw(picture), t)
        picture = picture.resize(CANVAS)
        if shot.blur:
            picture = picture.filter(ImageFilter.GaussianBlur(shot.blur))
        light = shot.gain
        if shot.fade_in:
            light *= min(1.0, t / shot.fade_in)
        if shot.fade_out:
            light *= min(1.0, max(0.0, (shot.seconds - t) / shot.fade_out))
        pixels = np.asarray(picture, np.float32) + (0 if shot.blur else grain)
        x, y = round(shot.pan * t) + shot.shift, round(0.15 * shot.pan * t)
        window = pixels[y : y + HEIGHT, x : x + WIDTH] * light
        yield np.clip(window, 0, 255).astype(np.uint8)


def sound(seconds: float) -> NDArray[np.float32]:
    """Silence, then buzzing syllables with pauses between phrases; shape (1, samples)."""
    t = np.arange(round(seconds * SOUND_RATE)) / SOUND_RATE
    pitch = 2 * np.pi * (118 * t + 6 * np.sin(2 * np.pi * 0.7 * t))
    voice = sum(np.sin(k * pitch) / k for k in range(1, 9))
    syllables = np.clip(np.sin(2 * np.pi * 4 * t), 0, 1) ** 0.5
    phrases = (t % 3.2 < 2.4) & (t >= SILENT_SECONDS)
    return (0.2 * voice * syllables * phrases).astype(np.float32)[None]


def draw_video(path: Path) -> float:
    """Write the video; returns its seconds."""
    import av

    path.parent.mkdir(parents=True)
    with av.open(str(path), "w") as file:
        stream: Any = file.add_stream("libx264", rate=FPS, options={"crf": "20", "g": "48"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        voice: Any = file.add_stream("aac", rate=SOUND_RATE, layout="mono")
        count = 0
        for shot in SHOTS:
            for pixels in frames(shot):
                frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
                frame.pts, frame.time_base = count, Fraction(1, FPS)
                file.mux(stream.encode(frame))
                count += 1
        file.mux(stream.encode())
        samples = sound(count / FPS)
        for start in range(0, samples.shape[1], 1024):
            part = np.ascontiguousarray(samples[:, start : start + 1024])
            piece = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
            piece.sample_rate, piece.pts = SOUND_RATE, start
            piece.time_base = Fraction(1, SOUND_RATE)
            file.mux(voice.encode(piece))
        file.mux(voice.encode())
    return count / FPS


def command(*words: str) -> int:
    """Run curator-video and show how; its exit code."""
    print("\n$ " + " ".join(["curator-video", *words]), flush=True)
    program = Path(sys.executable).parent / "curator-video"
    return subprocess.run([str(program), *words], check=False).returncode


def main() -> int:
    """Run the demo; the exit code of the command."""
    start = time.perf_counter()
    shutil.rmtree(OUT, ignore_errors=True)
    video, result = OUT / "input" / "drawn.mp4", OUT / "result"
    seconds = draw_video(video)
    print(f"drew {video}: {seconds:.1f} s, {len(SHOTS)} shots: {', '.join(s.name for s in SHOTS)}")
    filters = ["--motion", "filter", "--sharpness", "filter"]
    code = command("split", str(video.parent), "-o", str(result), *filters)
    if code not in (0, 3):
        return code
    code = command("dedup", str(result), "--apply")
    if code not in (0, 3):
        return code
    print(
        f"\n{time.perf_counter() - start:.1f} s in all. Look at {result / 'report.html'} and {result / 'clips'}."
    )
    print("Try: curator-video filter", result, '--where "motion_global_mean > 0.002"')
    return 0


if __name__ == "__main__":
    sys.exit(main())
