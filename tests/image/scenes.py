"""Scenes that tests draw: each is another picture, with detail to be found again."""

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter, ImageOps


def scene(seed: int, size: tuple[int, int] = (320, 240)) -> Image.Image:
    """Soft patches of colour and sharp boxes, another arrangement for each seed."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
    for _ in range(25):
        x, y = rng.integers(0, size[0] - 20), rng.integers(0, size[1] - 20)
        wide, high = rng.integers(6, 40, 2)
        colour = tuple(int(v) for v in rng.integers(0, 256, 3))
        image.paste(colour, (int(x), int(y), int(x + wide), int(y + high)))
    return image.filter(ImageFilter.GaussianBlur(0.6))


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """A picture as a file's bytes."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def draw_photos(folder: Path) -> dict[str, bytes]:
    """Five scenes and four copies of them, and a file that is no picture; the files by name."""
    folder.mkdir(parents=True, exist_ok=True)
    first, second = scene(1), scene(2)
    files = {f"{n}.png": encoded(scene(n)) for n in range(1, 6)}
    files |= {
        "1-again.png": files["1.png"],
        "1-pixels.bmp": encoded(first, "BMP"),
        "2-mirrored.jpg": encoded(ImageOps.mirror(second), "JPEG", quality=90),
        "2-small.jpg": encoded(second.resize((200, 150)), "JPEG", quality=85),
        "bad.png": b"no picture",
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return files
