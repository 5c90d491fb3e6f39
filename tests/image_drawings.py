"""Pictures for tests of the image app, drawn once: no file, no network, the same on every machine."""

from functools import cache

import numpy as np
from PIL import Image


@cache
def photo(side=384, seed=0):
    """A scene as a photo has it: areas of colour with soft and hard borders, and texture."""
    rng = np.random.default_rng(seed)
    canvas = np.zeros((side, side, 3))
    for scale in (4, 9, 19, 48, 96):
        noise = Image.fromarray(rng.integers(0, 256, (scale, scale, 3), np.uint8))
        canvas += np.asarray(noise.resize((side, side), Image.Resampling.BICUBIC)) / scale**0.6
    canvas += rng.normal(0, 6, canvas.shape)
    low, high = canvas.min(), canvas.max()
    return Image.fromarray(((canvas - low) / (high - low) * 255).astype(np.uint8))


def rgb_of(image):
    """Pixels of a Pillow picture, or what is pixels already, shape (height, width, 3)."""
    return np.asarray(image.convert("RGB")) if isinstance(image, Image.Image) else image


def luma_of(image):
    """Luma of a Pillow picture, shape (height, width)."""
    return np.asarray(image.convert("L"))
