"""Small pictures that are drawn, and what is done to them."""

import io

import numpy as np
import pyarrow as pa
from PIL import Image, ImageDraw, ImageFont

from curator_image.duplicates.fingerprint import FINGERPRINTS, fingerprint
from curator_image.read.picture import open_picture


def scene(seed, size=(320, 240)):
    """Soft noise of all sizes, with things on it."""
    random = np.random.default_rng(seed)
    out = np.full((size[1], size[0], 3), random.integers(60, 200, 3), np.float32)
    for cells in (3, 8, 20, 50):
        noise = random.normal(0, 25, (cells, cells)).astype(np.float32)
        out += np.asarray(Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC))[:, :, None]
    picture = Image.fromarray(out.clip(0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y = random.integers(size[0]), random.integers(size[1])
        w, h = random.integers(12, 60, 2)
        colour = tuple(int(v) for v in random.integers(0, 256, 3))
        (pen.ellipse if random.random() < 0.5 else pen.rectangle)((x, y, x + w, y + h), fill=colour)
    return picture


def slide(words, size=(480, 270)):
    """A slide of a deck: bars, and a line of words that only it has."""
    out = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(out)
    pen.rectangle((0, 0, size[0], 30), fill=(20, 80, 160))
    pen.text((10, 245), "Example Company, internal", fill="grey", font=ImageFont.load_default(14))
    for line, text in enumerate(words):
        pen.text((30, 50 + 40 * line), text, fill="black", font=ImageFont.load_default(22))
    return out


def saved(picture, kind="PNG", **options):
    """Its bytes."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def fingerprints(files):
    """A table of fingerprints of pictures or files by id."""
    rows = []
    for uuid, data in files.items():
        data = data if isinstance(data, bytes) else saved(data)
        rows.append(fingerprint(open_picture(data), data, uuid))
    return pa.Table.from_pylist(rows, schema=FINGERPRINTS)
