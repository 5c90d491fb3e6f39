"""What is done to pictures that still show the same: each change by name, from a picture to bytes.

Crops are named by the share of the area that they take away, and lie anywhere.
"""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

type Edit = Callable[[Image.Image, np.random.Generator], bytes]


def _saved(picture: Image.Image, kind: str = "PNG", **options: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def _crop(away: float) -> Edit:
    def edit(picture: Image.Image, random: np.random.Generator) -> bytes:
        side = (1 - away) ** 0.5
        wide, high = round(picture.width * side), round(picture.height * side)
        x = int(random.integers(picture.width - wide + 1))
        y = int(random.integers(picture.height - high + 1))
        return _saved(picture.crop((x, y, x + wide, y + high)), "JPEG", quality=90)

    return edit


def _text(picture: Image.Image, random: np.random.Generator) -> bytes:
    """A line in a corner, a twentieth of the height."""
    out = picture.copy()
    size = max(8, picture.height // 20)
    pen, font = ImageDraw.Draw(out), ImageFont.load_default(size)
    x = int(random.integers(0, max(1, picture.width // 3)))
    y = picture.height - 2 * size
    pen.text(
        (x, y),
        "photo by someone 2026",
        fill="white",
        font=font,
        stroke_width=1,
        stroke_fill="black",
    )
    return _saved(out, "JPEG", quality=90)


def _logo(picture: Image.Image, random: np.random.Generator) -> bytes:
    """A disc with letters in a corner, an eighth of the width."""
    out = picture.copy()
    size = max(12, picture.width // 8)
    x = int(random.integers(2)) * (picture.width - size)
    y = int(random.integers(2)) * (picture.height - size)
    pen = ImageDraw.Draw(out)
    pen.ellipse((x, y, x + size, y + size), fill=(220, 40, 40), outline="white", width=2)
    font = ImageFont.load_default(max(6, size // 3))
    pen.text((x + size / 2, y + size / 2), "NEWS", fill="white", font=font, anchor="mm")
    return _saved(out, "JPEG", quality=90)


def _border(picture: Image.Image, random: np.random.Generator) -> bytes:
    """A twentieth of the width, black or white."""
    colour = "black" if random.random() < 0.5 else "white"
    return _saved(ImageOps.expand(picture, picture.width // 20, colour), "JPEG", quality=90)


EDITS: dict[str, Edit] = {
    "resize to 25 %": lambda p, _: _saved(
        p.resize((max(1, p.width // 4), max(1, p.height // 4)), Image.Resampling.LANCZOS)
    ),
    "JPEG 30": lambda p, _: _saved(p, "JPEG", quality=30),
    "WebP 75": lambda p, _: _saved(p, "WEBP", quality=75),
    "crop 5 %": _crop(0.05),
    "crop 15 %": _crop(0.15),
    "crop 30 %": _crop(0.30),
    "brightness 1.3": lambda p, _: _saved(
        ImageEnhance.Brightness(p).enhance(1.3), "JPEG", quality=90
    ),
    "contrast 1.4": lambda p, _: _saved(ImageEnhance.Contrast(p).enhance(1.4), "JPEG", quality=90),
    "small text": _text,
    "logo": _logo,
    "border": _border,
    "mirror": lambda p, _: _saved(ImageOps.mirror(p), "JPEG", quality=90),
    "rotate 3": lambda p, _: _saved(p.rotate(3, Image.Resampling.BICUBIC), "JPEG", quality=90),
    "rotate 90": lambda p, _: _saved(p.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=90),
    "greyscale": lambda p, _: _saved(p.convert("L"), "JPEG", quality=90),
}
