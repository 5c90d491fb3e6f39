"""Measure a decoded picture: size, detail, exposure, colour, and what was laid over or around it.

Only numbers, always the same for the same pixels; limits on them decide. `score_table.py` says what
each means, with its unit. All but the size are taken from `Picture.rgb`, whose longer side has 512
pixels at most, so a blur that does not show at that size is not seen; a smaller picture is measured
as it is.
"""

import numpy as np
from numpy.typing import NDArray

from curator_engine.items.sharpness import sharpness
from curator_image.read.picture import Picture
from curator_image.score_table import MEASURED
from curator_image.scores.colour import colour
from curator_image.scores.detail import blockiness
from curator_image.scores.overlay import inside_borders, overlay_ratio

SCORES: tuple[str, ...] = MEASURED
"""What `measure` gives, by name; columns of `images.parquet`."""

_DARK, _BRIGHT = 0.32, 0.95
_DECIMALS = 9
"""Of sums whose order is numpy's: beyond these a processor's sum may differ."""


def measure(picture: Picture) -> dict[str, float]:
    """The scores of a picture; what cannot be measured on it is left out.

    Example:
        >>> grey = np.full((32, 64, 3), 51, np.uint8)
        >>> measure(Picture(format="PNG", width=640, height=320, rgb=grey))["brightness"]
        0.2
    """
    luma = picture.luma
    inner = inside_borders(luma)
    scores = {
        "width": float(picture.width),
        "height": float(picture.height),
        "megapixels": picture.width * picture.height / 1e6,
        "aspect": picture.width / picture.height,
        "sharpness": sharpness(inner),
        **exposure(luma),
        **colour(picture.rgb),
        "border_ratio": 1 - inner.size / luma.size,
        "overlay_ratio": overlay_ratio(luma),
    }
    periods = tuple(
        8 * small / whole
        for small, whole in zip(luma.shape, (picture.height, picture.width), strict=True)
    )
    if (blocks := blockiness(luma, periods)) is not None:
        scores["blockiness"] = blocks
    return scores


def exposure(luma: NDArray[np.uint8]) -> dict[str, float]:
    """How light and dark are spread, by the histogram of luma, 0 to 255, shape (height, width)."""
    from curator_image.scores.measure_kernels import level_counts

    counts = level_counts(luma).astype(np.float64)
    shares, levels = counts / luma.size, np.arange(256) / 255
    seen = shares[shares > 0]
    mean = float(shares @ levels)
    return {
        "entropy": max(0.0, round(-float(seen @ np.log2(seen)), _DECIMALS)),
        "brightness": round(mean, _DECIMALS),
        "dark_ratio": float(counts[levels < _DARK].sum() / luma.size),
        "bright_ratio": float(counts[levels > _BRIGHT].sum() / luma.size),
        "contrast": round(float(np.sqrt(max(0.0, shares @ (levels - mean) ** 2))), _DECIMALS),
    }
