"""A picture's bytes as pixels, once: small enough for all measures, upright, RGB.

JPEG is decoded at a fraction of its size where that is enough (Pillow's draft mode). What is
returned is as a viewer shows it: turned as EXIF says, with its colours in sRGB, over white where it
is transparent, the first picture of an animation.
"""

import io
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

WORKING_SIDE = 512
"""Pixels of the longer side of what is measured, at most."""
MAX_PIXELS = 268_435_456
"""Pixels of a picture that is decoded, at most; more is taken for a decompression bomb."""


class PictureError(Exception):
    """Why bytes cannot be used as a picture, in a few words."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A decoded picture."""

    format: str
    """As Pillow names it: JPEG, PNG, WEBP."""
    width: int
    """Of the whole picture as it is shown, in pixels."""
    height: int
    rgb: NDArray[np.uint8]
    """Shape (rows, columns, 3), of the whole picture made smaller; both sides at most WORKING_SIDE."""
    mode: str = "RGB"
    """As it is stored, in Pillow's words: L, RGB, RGBA, P, CMYK, I;16."""
    orientation: int = 1
    """EXIF's number, 1 to 8."""
    frames: int = 1
    """Pictures of an animation."""


def open_picture(data: bytes, *, side: int = WORKING_SIDE, max_pixels: int = MAX_PIXELS) -> Picture:
    """Decode a picture.

    Args:
        data: A file's bytes.
        side: The longer side of the pixels that are returned, at most.
        max_pixels: Of a picture that is decoded.

    Raises:
        PictureError: No picture, a damaged one, or one that is too large.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data)) as image:
                return _decode(image, side, max_pixels)
        except PictureError:
            raise
        except Exception as error:
            raise PictureError(" ".join(str(error).split()) or type(error).__name__) from error


def _decode(image: Image.Image, side: int, max_pixels: int) -> Picture:
    width, height = image.size
    if width * height > max_pixels:
        raise PictureError(f"{width}x{height} pixels are more than {max_pixels:,}")
    kind, mode, frames = image.format or "", image.mode, getattr(image, "n_frames", 1)
    orientation = image.getexif().get(0x0112, 1)
    # JPEG at the least eighth of its size that has these many pixels in both directions.
    image.draft("RGB", _fitted(width, height, side))
    image.load()
    small = _rgb(image)
    small.thumbnail((side, side), Image.Resampling.BOX, reducing_gap=2.0)
    small = ImageOps.exif_transpose(small)
    if orientation in (5, 6, 7, 8):
        width, height = height, width
    return Picture(
        format=kind,
        width=width,
        height=height,
        rgb=np.asarray(small),
        mode=mode,
        orientation=orientation,
        frames=frames,
    )


def _fitted(width: int, height: int, side: int) -> tuple[int, int]:
    """The size with this longer side."""
    longer = max(width, height)
    return max(1, width * side // longer), max(1, height * side // longer)


def _rgb(image: Image.Image) -> Image.Image:
    """In sRGB, over white."""
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if profile := image.info.get("icc_profile"):
        try:
            source, target = (
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
            )
            image = ImageCms.profileToProfile(image, source, target, outputMode="RGB") or image
        except ImageCms.PyCMSError:
            pass
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        white.alpha_composite(image)
        image = white
    return image if image.mode == "RGB" else image.convert("RGB")
