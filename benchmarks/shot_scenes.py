"""Pictures that videos with known shot changes are drawn from: photos, films, and drawings.

Photos and films are those in ../shared/data, where they are; drawings are made here. The pictures for
tuning and those for judging have nothing in common.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from shot_videos import HEIGHT, WIDTH, read_parts

type Pictures = NDArray[np.uint8]

PHOTOS = {
    "tuning": ("ski_astronaut.png", "ski_coffee.png", "ski_brick.png", "ski_camera.png"),
    "held-out": ("ski_chelsea.png", "ski_rocket.jpg", "ski_motorcycle_left.png", "ski_moon.png"),
}
_SEEDS = {"tuning": 100, "held-out": 200}
_DRAWINGS = 4


def read_scenes(data: Path, half: str) -> list[Pictures]:
    """What may be filmed, RGB, shape (frames, height, width, 3) each; one frame for what stands still."""
    drawn = [draw_scene(_SEEDS[half] + i)[None] for i in range(_DRAWINGS)]
    photos = [
        np.asarray(_covering(Image.open(data / "image" / name).convert("RGB")))[None]
        for name in PHOTOS[half]
        if (data / "image" / name).is_file()
    ]
    films = read_parts(data / "video", half) if (data / "video").is_dir() else []
    return drawn + photos + films


def _covering(picture: Image.Image) -> Image.Image:
    """The picture in a size that covers a frame half again as large as the video's."""
    scale = max(1.5 * WIDTH / picture.width, 1.5 * HEIGHT / picture.height)
    size = round(picture.width * scale), round(picture.height * scale)
    return picture.resize(size, Image.Resampling.LANCZOS)


def draw_scene(seed: int) -> Pictures:
    """A drawing of soft hills, clouds and houses in colours of its own; shape (height, width, 3)."""
    random = np.random.default_rng(seed)
    high, wide = HEIGHT * 3 // 2, WIDTH * 3 // 2
    sky, ground = random.integers(0, 256, (2, 3))
    way = np.linspace(0, 1, high)[:, None, None]
    picture = Image.fromarray(
        np.broadcast_to(sky * (1 - way) + ground * way, (high, wide, 3)).astype(np.uint8)
    )
    pen = ImageDraw.Draw(picture)
    for _ in range(40):
        x, y = int(random.integers(wide)), int(random.integers(high))
        w, h = (int(v) for v in random.integers(8, 90, 2))
        colour = tuple(int(v) for v in random.integers(0, 256, 3))
        draw = pen.ellipse if random.random() < 0.5 else pen.rectangle
        draw((x, y, x + w, y + h), fill=colour)
    grain = random.normal(0, 6, (high, wide, 1))
    return (np.asarray(picture) + grain).clip(0, 255).astype(np.uint8)


def draw_page(seed: int, pages: int = 6) -> Pictures:
    """A long page with headings, lines of text and pictures; shape (height, width, 3)."""
    random = np.random.default_rng(seed)
    dark = random.random() < 0.4
    paper = random.integers(0, 60, 3) if dark else random.integers(205, 256, 3)
    ink = tuple(
        int(v) for v in (random.integers(170, 256, 3) if dark else random.integers(0, 90, 3))
    )
    high = pages * HEIGHT
    picture = Image.new("RGB", (WIDTH, high), tuple(int(v) for v in paper))
    pen = ImageDraw.Draw(picture)
    y, left = 6, int(random.integers(4, 60))
    while y < high - 10:
        kind = random.random()
        if kind < 0.06:
            tall = int(random.integers(24, 70))
            scene = Image.fromarray(draw_scene(int(random.integers(1 << 30))))
            picture.paste(scene.resize((WIDTH - 2 * left, tall)), (left, y))
            y += tall + 6
        elif kind < 0.14:
            y += 12
        else:
            x = left
            while x < WIDTH - left - 20:
                long = int(random.integers(4, 26))
                pen.rectangle((x, y, x + long, y + 3), fill=ink)
                x += long + 4
            y += 8
    return np.asarray(picture)


def draw_cartoon(seed: int, count: int) -> Pictures:
    """A flat drawing with figures that move on twos, some of them fast; (count, height, width, 3)."""
    random = np.random.default_rng(seed)
    back, floor = (tuple(int(v) for v in random.integers(0, 256, 3)) for _ in range(2))
    line = int(random.integers(HEIGHT // 2, HEIGHT))
    still = [_figure(random) for _ in range(5)]
    figures = [_figure(random) for _ in range(int(random.integers(1, 4)))]
    speeds = random.normal(0, 5, (len(figures), 2))
    leap = int(random.integers(count))
    frames: list[Pictures] = []
    for i in range(count):
        picture = Image.new("RGB", (WIDTH, HEIGHT), back)
        pen = ImageDraw.Draw(picture)
        pen.rectangle((0, line, WIDTH, HEIGHT), fill=floor)
        for x, y, w, h, colour in still:
            pen.rectangle((x, y, x + w, y + h), fill=colour, outline=(0, 0, 0))
        drawn = i // 2 * 2
        for (x, y, w, h, colour), speed in zip(figures, speeds, strict=True):
            dx, dy = (speed * drawn + (60 if drawn >= leap else 0)).round()
            at = (x + dx) % WIDTH, (y + dy) % HEIGHT
            pen.ellipse((*at, at[0] + w, at[1] + h), fill=colour, outline=(0, 0, 0), width=2)
        frames.append(np.asarray(picture))
    return np.stack(frames)


def _figure(random: np.random.Generator) -> tuple[int, int, int, int, tuple[int, ...]]:
    """Left, top, width, height and colour."""
    x, y = int(random.integers(WIDTH)), int(random.integers(HEIGHT))
    w, h = (int(v) for v in random.integers(20, 80, 2))
    return x, y, w, h, tuple(int(v) for v in random.integers(0, 256, 3))
