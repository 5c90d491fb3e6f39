"""What is measured of a picture of a document; decoders of others run in the process of `document_process`."""

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
from curator_engine.items.sharpness import sharpness

MOST_PIXELS = 200_000_000
"""Of a picture that is decoded."""
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "JPEG2000", "AVIF")
_DAMAGED = (
    *(OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, ArithmeticError),
    *(AttributeError, RuntimeError, struct.error, zlib.error),
)
"""What decoders raise on bytes that are no picture of theirs."""
MEASURES = ("width", "height", "sharpness", "code_area")
"""Their names; the first two are in pixels, those that are not wanted are absent."""

type Measures = dict[str, float]
"""By name; none at all if it is no picture that can be read."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Measures that need the pixels of a picture."""

    sharpness: bool = False
    code_area: bool = False


def measures(data: bytes, frame: int | None = None, wanted: Wanted | None = None) -> Measures:
    """The measures of a picture.

    Args:
        data: A file.
        frame: Which picture of a file of several.
        wanted: What is measured besides its size, if it has no more than `MOST_PIXELS`.

    Raises:
        ResourceError: A package is missing.

    Example:
        >>> measures(Path("a.png").read_bytes(), wanted=Wanted(sharpness=True))
        {'width': 640, 'height': 480, 'sharpness': 812.3}
    """
    wanted = wanted or Wanted()
    image = opened(data, frame)
    if image is None:
        return {}
    width, height = image.size
    found: Measures = {"width": width, "height": height}
    if not (wanted.sharpness or wanted.code_area) or width * height > MOST_PIXELS:
        return found
    try:
        grey = np.asarray(image.convert("L"))
    except _DAMAGED:
        return {}
    if wanted.sharpness:
        found["sharpness"] = round(sharpness(grey), 3)
    if wanted.code_area:
        found["code_area"] = round(code_area(grey), 6)
    return found


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


def small(data: bytes, frame: int | None, side: int) -> bytes:
    """A picture as a JPEG whose longer side has so many pixels at most.

    Raises:
        ValueError: It cannot be read, or is too large.
    """
    image = _readable(data, frame)
    image.thumbnail((side, side))
    return _saved(image.convert("RGB"), "JPEG", quality=85)


def one_frame(data: bytes, frame: int | None) -> bytes:
    """A picture of a file of several, as a TIFF file of its own with the same pixels.

    Raises:
        ValueError: It cannot be read, or is too large.
    """
    return _saved(_readable(data, frame), "TIFF", compression="tiff_deflate")


def _readable(data: bytes, frame: int | None) -> Any:
    image = opened(data, frame)
    if image is None or image.size[0] * image.size[1] > MOST_PIXELS:
        raise ValueError("picture cannot be read" if image is None else "picture is too large")
    try:
        image.load()
    except _DAMAGED as error:
        raise ValueError("picture cannot be read") from error
    return image


def _saved(image: Any, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


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
