"""Pictures that copies are made of, and pictures that look alike and are none.

Photos and films are those of ../shared/data, where they are, and of installed packages; scenes are drawn
here. The halves for tuning and for judging share no source.
"""

import importlib.util
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
_PHOTOS = {
    "tuning": (
        "ski_astronaut.png",
        "ski_brick.png",
        "ski_coffee.png",
        "ski_motorcycle_left.png",
        "tc_rgba.webp",
        "tc_animated.gif",
    ),
    "held-out": (
        "ski_camera.png",
        "ski_chelsea.png",
        "ski_moon.png",
        "ski_rocket.jpg",
        "tc_cmyk.jpg",
        "tc_grayscale_alpha.png",
    ),
}
_FILMS = {
    "tuning": ("tc_nasa_13013.mp4", "lhotse_big_buck_bunny_small.mp4"),
    "held-out": ("sintel_trailer_30s.mp4", "tc_bt2020_10bit.mp4", "tc_testsrc2_h265.mp4"),
}
_PACKAGED = {
    "tuning": (("sklearn", "datasets/images/china.jpg"),),
    "held-out": (
        ("sklearn", "datasets/images/flower.jpg"),
        ("networkx", "drawing/tests/baseline/test_display_labels_and_colors.png"),
    ),
}
"""scikit-learn's photos are CC BY 2.0; networkx is BSD-3-Clause."""
_SEEDS = {"tuning": 1000, "held-out": 2000}
_SCENES = {"tuning": 60, "held-out": 80}


@dataclass(frozen=True, kw_only=True)
class Base:
    """A picture."""

    name: str
    source: str
    """What it was taken from; pictures of one film may be near-duplicates, and are judged by the number."""
    picture: Image.Image


def bases(half: str) -> Iterator[Base]:
    """Photos, frames a second apart, and drawn scenes."""
    for name in _PHOTOS[half]:
        path = DATA / "image" / name
        if path.is_file():
            with Image.open(path) as image:
                yield Base(name=name, source=name, picture=_on_white(image))
    for package, name in _PACKAGED[half]:
        found = importlib.util.find_spec(package)
        path = Path((found and found.origin) or "").parent / name
        if path.is_file():
            with Image.open(path) as image:
                yield Base(name=f"{package}/{path.name}", source=name, picture=_on_white(image))
    for name in _FILMS[half]:
        path = DATA / "video" / name
        for second, frame in enumerate(_frames(path) if path.is_file() else ()):
            yield Base(name=f"{name}@{second}", source=name, picture=frame)
    for number in range(_SCENES[half]):
        yield Base(
            name=f"scene {number}", source=f"scene {number}", picture=scene(_SEEDS[half] + number)
        )


def _on_white(image: Image.Image) -> Image.Image:
    out = image.convert("RGBA")
    white = Image.new("RGBA", out.size, "white")
    white.alpha_composite(out)
    return white.convert("RGB")


def _frames(path: Path) -> Iterator[Image.Image]:
    """A second apart; those that are nearly of one grey show nothing and are left out."""
    import av

    with av.open(str(path)) as file:
        stream: Any = max(file.streams.video, key=lambda each: each.width)
        due = 0.0
        for frame in file.decode(stream):
            if frame.time is not None and frame.time >= due:
                due += 1.0
                picture = frame.to_image()
                if np.asarray(picture.convert("L")).std() >= 15:
                    yield picture


def scene(seed: int) -> Image.Image:
    """A drawing of hills, ground with structure, things and grain."""
    random = np.random.default_rng(seed)
    wide, high = [(640, 480), (800, 533), (480, 640), (720, 405), (600, 600)][seed % 5]
    sky, ground = random.integers(30, 226, (2, 3))
    way = np.linspace(0, 1, high)[:, None, None] ** 0.7
    out = np.broadcast_to(sky * (1 - way) + ground * way, (high, wide, 3)).copy()
    out += clouds(random, high, wide)[:, :, None] * random.uniform(10, 45)
    for layer in range(int(random.integers(1, 4))):
        line = high * (0.3 + 0.2 * layer) + 0.2 * high * _ridge(random, wide)
        below = np.arange(high)[:, None] > line[None, :]
        colour = random.integers(10, 200, 3) + clouds(random, high, wide)[:, :, None] * 40
        out = np.where(below[:, :, None], colour, out)
    picture = Image.fromarray(out.clip(0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    for _ in range(int(random.integers(6, 30))):
        _thing(pen, random, wide, high)
    grain = random.normal(0, random.uniform(1, 6), (high, wide, 1))
    soft = np.asarray(picture.filter(ImageFilter.GaussianBlur(random.uniform(0, 1.2))))
    return Image.fromarray((soft + grain).clip(0, 255).astype(np.uint8))


def _thing(pen: ImageDraw.ImageDraw, random: np.random.Generator, wide: int, high: int) -> None:
    x, y = int(random.integers(wide)), int(random.integers(high // 3, high))
    w, h = int(random.integers(30, wide // 5)), int(random.integers(20, high // 4))
    colour = tuple(int(v) for v in random.integers(0, 256, 3))
    kind = random.random()
    if kind < 0.4:
        pen.ellipse((x, y - h, x + w, y), fill=colour)
    elif kind < 0.75:
        pen.rectangle((x, y - h, x + w, y), fill=colour, outline="black")
        for k in range(int(random.integers(0, 5))):
            pen.rectangle(
                (x + 3 + k * w / 5, y - h + 4, x + w / 8 + k * w / 5, y - h / 2), fill="beige"
            )
    else:
        pen.polygon([(x, y), (x + w, y), (x + w / 2, y - 1.5 * h)], fill=colour)


def clouds(random: np.random.Generator, high: int, wide: int) -> np.ndarray[Any, Any]:
    """Noise of all sizes, about -1 to 1; shape (high, wide)."""
    out = np.zeros((high, wide))
    for cells, strength in ((3, 1.0), (7, 0.6), (17, 0.4), (41, 0.25), (97, 0.15)):
        small = Image.fromarray(random.normal(0, strength, (cells, cells)).astype(np.float32))
        out += np.asarray(small.resize((wide, high), Image.Resampling.BICUBIC))
    return out


def _ridge(random: np.random.Generator, wide: int) -> np.ndarray[Any, Any]:
    return np.interp(np.arange(wide), np.linspace(0, wide, 12), random.uniform(-0.5, 0.5, 12))


def hard_negatives() -> Iterator[Base]:
    """Pictures that look alike and would be captioned differently: no two of a source are duplicates."""
    for number in range(10):
        yield Base(name=f"slide {number}", source="slides of one deck", picture=_slide(number))
    for number in range(6):
        yield Base(name=f"dark slide {number}", source="dark slides", picture=_slide(100 + number))
    for number in range(12):
        yield Base(name=f"product {number}", source="products on white", picture=_product(number))
    for number in range(8):
        yield Base(name=f"bars {number}", source="bar charts", picture=_chart(number, bars=True))
    for number in range(8):
        yield Base(name=f"lines {number}", source="line charts", picture=_chart(number, bars=False))
    for number in range(6):
        yield Base(name=f"board {number}", source="boards of a game", picture=_board(number))
    for number in range(6):
        yield Base(name=f"page {number}", source="pages of one book", picture=_page(number))


_WORDS = [
    "growth",
    "plan",
    "market",
    "team",
    "data",
    "model",
    "result",
    "cost",
    "user",
    "design",
    "test",
    "risk",
    "next",
    "step",
    "goal",
    "value",
    "cloud",
    "price",
    "quarter",
    "region",
    "product",
    "safety",
    "review",
    "launch",
    "budget",
    "energy",
    "water",
    "school",
]


def _slide(number: int) -> Image.Image:
    """A header, a logo, a footer; a title and some points."""
    random = np.random.default_rng(number)
    dark = number >= 100
    paper, ink = ((24, 28, 40), "white") if dark else ("white", (30, 30, 30))
    out = Image.new("RGB", (960, 540), paper)
    pen = ImageDraw.Draw(out)
    pen.rectangle((0, 0, 960, 60), fill=(20, 80, 160))
    pen.ellipse((890, 10, 930, 50), fill="orange")
    pen.text((20, 505), "Example Company, internal", fill="grey", font=ImageFont.load_default(18))
    pen.text((900, 505), str(number % 100 + 1), fill="grey", font=ImageFont.load_default(18))
    title = " ".join(random.choice(_WORDS, 3)).title()
    pen.text((30, 12), title, fill="white", font=ImageFont.load_default(32))
    for line in range(int(random.integers(3, 6))):
        y = 110 + 70 * line
        pen.ellipse((50, y + 8, 62, y + 20), fill=(20, 80, 160))
        point = " ".join(random.choice(_WORDS, int(random.integers(3, 7))))
        pen.text((80, y), point, fill=ink, font=ImageFont.load_default(26))
    return out


def _product(number: int) -> Image.Image:
    """A bottle, a mug or a box in the middle of a white picture; some differ in colour only."""
    kind, variant = number % 3, number // 3
    out = Image.new("RGB", (600, 600), "white")
    pen = ImageDraw.Draw(out)
    colours = [(200, 40, 40), (40, 90, 200), (40, 150, 60), (230, 200, 60)]
    colour = colours[variant]
    if kind == 0:
        high = 260 + 40 * (variant % 2)
        pen.rounded_rectangle((240, 520 - high, 360, 520), 30, fill=colour)
        pen.rectangle((275, 460 - high, 325, 530 - high), fill=(60, 60, 60))
        pen.rectangle((240, 400, 360, 460), fill="beige")
        pen.text(
            (300, 430),
            ["Milk", "Soap", "Juice", "Oil"][variant],
            fill="black",
            font=ImageFont.load_default(36),
            anchor="mm",
        )
    elif kind == 1:
        pen.ellipse((380, 300, 480, 440), outline=colour, width=20)
        pen.rounded_rectangle((200, 250, 420, 490), 20, fill=colour)
    else:
        pen.polygon([(150, 300), (300, 360), (300, 540), (150, 470)], fill=colour)
        darker = tuple(c * 2 // 3 for c in colour)
        pen.polygon([(300, 360), (450, 300), (450, 470), (300, 540)], fill=darker)
        pen.polygon([(150, 300), (300, 240), (450, 300), (300, 360)], fill=(240, 230, 220))
    return out


def _chart(number: int, *, bars: bool) -> Image.Image:
    """The same axes, grid, title and colours; other values."""
    random = np.random.default_rng(300 + number)
    out = Image.new("RGB", (640, 480), "white")
    pen = ImageDraw.Draw(out)
    font = ImageFont.load_default(16)
    pen.text(
        (320, 20), "Sales by region", fill="black", font=ImageFont.load_default(24), anchor="mm"
    )
    for k in range(6):
        y = 420 - 70 * k
        pen.line((70, y, 610, y), fill=(220, 220, 220))
        pen.text((60, y), str(20 * k), fill="black", font=font, anchor="rm")
    pen.line((70, 60, 70, 420, 610, 420), fill="black", width=2)
    values = random.uniform(30, 340, 8)
    points = [(100 + 65 * k, 420 - value) for k, value in enumerate(values)]
    for k, (x, y) in enumerate(points):
        if bars:
            pen.rectangle((x, y, x + 40, 420), fill=(30, 110, 190))
        pen.text((x + 20, 440), "NSEWABCD"[k], fill="black", font=font, anchor="mm")
    if not bars:
        pen.line(points, fill=(200, 60, 30), width=4)
    return out


def _board(number: int) -> Image.Image:
    """A board of squares with pieces elsewhere."""
    random = np.random.default_rng(500 + number)
    out = Image.new("RGB", (512, 512), (120, 80, 50))
    pen = ImageDraw.Draw(out)
    for y in range(8):
        for x in range(8):
            colour = (235, 215, 180) if (x + y) % 2 else (150, 105, 70)
            pen.rectangle((16 + 60 * x, 16 + 60 * y, 75 + 60 * x, 75 + 60 * y), fill=colour)
    for place in random.choice(64, 20, replace=False):
        x, y = 16 + 60 * (place % 8), 16 + 60 * (place // 8)
        white = random.random() < 0.5
        pen.ellipse((x + 10, y + 10, x + 50, y + 50), fill="white" if white else (20, 20, 20))
    return out


def _page(number: int) -> Image.Image:
    """Lines of words on paper."""
    random = np.random.default_rng(700 + number)
    out = Image.new("RGB", (600, 800), (250, 247, 240))
    pen, font = ImageDraw.Draw(out), ImageFont.load_default(17)
    pen.text((300, 30), "A History of Measuring", fill="black", font=font, anchor="mm")
    for line in range(30):
        pen.text((50, 70 + 23 * line), " ".join(random.choice(_WORDS, 9)), fill="black", font=font)
    return out


def saved(picture: Image.Image) -> bytes:
    """As a PNG."""
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=1)
    return out.getvalue()


def photographed(picture: Image.Image) -> bytes:
    """As an ordinary JPEG."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=75)
    return out.getvalue()
