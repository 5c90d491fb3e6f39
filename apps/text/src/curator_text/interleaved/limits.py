"""Which pictures and documents stay: limits that need no model.

Pictures are looked at first; a document is judged by what is left of it.
"""

import importlib
import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import ResourceError
from curator_text.interleaved.documents import Document, Part

MOST_PIXELS = 200_000_000
"""Of a picture that is decoded."""
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "JPEG2000", "AVIF")
_DAMAGED = (
    *(OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, ArithmeticError),
    *(AttributeError, RuntimeError, struct.error, zlib.error),
)
"""What decoders raise on bytes that are no picture of theirs."""
UNREADABLE = "picture cannot be read"


@dataclass(frozen=True, kw_only=True)
class PictureLimits:
    """Limits of a picture; one that is only named has no size, and stays unless `need_data`."""

    min_side: int = 0
    """Pixels of the shorter side, at least."""
    max_side: int = 20_000
    """Pixels of the longer side, at most."""
    max_aspect: float = 0.0
    """Longer side over shorter, at most; 0 for any."""
    min_sharpness: float = 0.0
    """Variance of the Laplacian of the grey picture, at least; 0 for any."""
    max_code_area: float | None = None
    """Share of the picture that QR codes may cover."""
    need_data: bool = False
    """Whether a picture that is only named goes."""


@dataclass(frozen=True, kw_only=True)
class DocumentLimits:
    """Limits of a document; None for no limit."""

    min_images: int = 0
    max_images: int | None = None
    min_chars: int = 0
    """Characters of all its texts."""
    max_chars: int | None = None
    max_images_per_word: float | None = None


def picture_reason(part: Part, limits: PictureLimits) -> str:
    """Why a picture goes; empty if it stays.

    Raises:
        ResourceError: A package is missing.
    """
    if part.data is None:
        return "picture is only named" if limits.need_data else ""
    image = opened(part.data, part.frame)
    if image is None:
        return UNREADABLE
    width, height = image.size
    if width * height > MOST_PIXELS or max(width, height) > limits.max_side:
        return "picture is too large"
    if min(width, height) < max(1, limits.min_side):
        return "picture is too small"
    if limits.max_aspect and max(width, height) / min(width, height) > limits.max_aspect:
        return "picture is too long"
    if not limits.min_sharpness and limits.max_code_area is None:
        return ""
    return _reason_of_pixels(image, limits)


def _reason_of_pixels(image: Any, limits: PictureLimits) -> str:
    try:
        grey = np.asarray(image.convert("L"))
    except _DAMAGED:
        return UNREADABLE
    if limits.min_sharpness and sharpness(grey) < limits.min_sharpness:
        return "picture is blurred"
    if limits.max_code_area is not None and code_area(grey) > limits.max_code_area:
        return "picture is a QR code"
    return ""


def opened(data: bytes, frame: int | None = None) -> Any:
    """A picture whose header is read, not its pixels; None if it is none of a known format.

    Raises:
        ResourceError: Pillow is missing.
    """
    pillow = need("PIL.Image")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = pillow.open(io.BytesIO(data), formats=_FORMATS)
            image.seek(frame or 0)
    except (*_DAMAGED, pillow.DecompressionBombError):
        return None
    return image


def sharpness(grey: NDArray[np.uint8]) -> float:
    """The variance of the Laplacian, in squared grey levels (Pech-Pacheco and others, 2000).

    Args:
        grey: Shape (height, width).

    Returns:
        0 for a picture of fewer than 3 rows or columns.
    """
    if min(grey.shape) < 3:
        return 0.0
    levels = grey.astype(np.float32)
    around = levels[:-2, 1:-1] + levels[2:, 1:-1] + levels[1:-1, :-2] + levels[1:-1, 2:]
    return float((around - 4 * levels[1:-1, 1:-1]).var(dtype=np.float64))


def code_area(grey: NDArray[np.uint8]) -> float:
    """The share of a picture that QR codes cover, 0 to 1, by zxing-cpp.

    Args:
        grey: Shape (height, width).

    Raises:
        ResourceError: zxing-cpp is missing.
    """
    zxing = need("zxingcpp")
    found = zxing.read_barcodes(np.ascontiguousarray(grey), formats=zxing.BarcodeFormat.QRCode)
    corners = [_corners(each.position) for each in found]
    return min(1.0, sum(_area(each) for each in corners) / max(1, grey.size))


def _corners(found: Any) -> NDArray[np.float64]:
    places = (found.top_left, found.top_right, found.bottom_right, found.bottom_left)
    return np.array([(each.x, each.y) for each in places], dtype=np.float64)


def _area(corners: NDArray[np.float64]) -> float:
    """Of a polygon, shape (corners, 2), in pixels."""
    x, y = corners.T
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)


def document_reason(document: Document, limits: DocumentLimits) -> str:
    """Why a document goes; empty if it stays."""
    text, images = document.text, document.count("image")
    most = limits.max_images_per_word
    checks = {
        "no text and no picture": not document.parts,
        "too few pictures": images < limits.min_images,
        "too many pictures": _is_above(images, limits.max_images),
        "too little text": len(text) < limits.min_chars,
        "too much text": _is_above(len(text), limits.max_chars),
        "too many pictures for its text": most is not None
        and images > most * max(1, len(text.split())),
    }
    return next((reason for reason, fails in checks.items() if fails), "")


def _is_above(value: int, limit: int | None) -> bool:
    return limit is not None and value > limit


def need(module: str) -> Any:
    """A module of the extra `interleaved`.

    Raises:
        ResourceError: It is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ResourceError(
            f"pictures of documents need the extra 'interleaved' of curator-text ({error.name} is missing); install it."
        ) from error
