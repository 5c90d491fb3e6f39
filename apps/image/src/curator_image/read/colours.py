"""A decoded picture as a small one in sRGB, over white where it is transparent."""

import io
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

_MAX_PROFILE_BYTES = 4 << 20


def rgb_of(image: Image.Image, side: int, notes: list[str]) -> tuple[Image.Image, str]:
    """The picture with its longer side at most `side`, and the name of its colour profile.

    Args:
        image: A picture that is loaded.
        side: Pixels.
        notes: What is amiss is added to it.
    """
    profile = image.info.get("icc_profile")
    small = _plain(image, notes)
    small.thumbnail((side, side), Image.Resampling.BOX, reducing_gap=2.0)
    small = _over_white(small)
    name = ""
    if isinstance(profile, bytes) and profile:
        small, name = _in_srgb(small, profile, notes)
    return small if small.mode == "RGB" else small.convert("RGB"), name


def _plain(image: Image.Image, notes: list[str]) -> Image.Image:
    """In one of the modes L, LA, RGB, RGBA and CMYK, which can be made smaller."""
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in ("I", "F"):
        return Image.fromarray(_levels(np.asarray(image), notes))
    if image.has_transparency_data and image.mode not in ("LA", "RGBA"):
        return image.convert("RGBA")
    if image.mode in ("L", "LA", "RGB", "RGBA", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _levels(values: NDArray[Any], notes: list[str]) -> NDArray[np.uint8]:
    """Values of 32 bits as levels from 0 to 255."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    for top in (1.0,) if values.dtype.kind == "f" else (255.0, 65535.0):
        if low >= 0 and high <= top:
            low, high = 0.0, top
            break
    else:
        notes.append(f"its values from {low:g} to {high:g} are shown as levels")
    scaled = (np.nan_to_num(values.astype(np.float64), nan=low) - low) / ((high - low) or 1.0)
    return np.round(np.clip(scaled, 0, 1) * 255).astype(np.uint8)


def _over_white(image: Image.Image) -> Image.Image:
    if image.mode not in ("LA", "RGBA"):
        return image
    mode = image.mode[:-1]
    white = Image.new(mode, image.size, "white")
    white.paste(image.convert(mode), mask=image.getchannel("A"))
    return white


def _in_srgb(image: Image.Image, profile: bytes, notes: list[str]) -> tuple[Image.Image, str]:
    try:
        if len(profile) > _MAX_PROFILE_BYTES:
            raise ImageCms.PyCMSError(f"{len(profile):,} bytes")
        name, transform = _transform(profile, image.mode)
        if transform is None:
            return image, name
        return ImageCms.applyTransform(image, transform) or image, name
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        notes.append("its colour profile cannot be used")
        return image, ""


@lru_cache(maxsize=32)
def _transform(profile: bytes, mode: str) -> tuple[str, Any]:
    """The name of a profile, and what turns its colours into sRGB; None if they are.

    Raises:
        PyCMSError: It is damaged, or not for such a picture.
    """
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    name = " ".join(ImageCms.getProfileDescription(source).split())
    if name.startswith("sRGB") and mode == "RGB":
        return name, None
    transform = ImageCms.buildTransform(source, _srgb(), mode, "RGB")
    return name, transform


@lru_cache(maxsize=1)
def _srgb() -> Any:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
