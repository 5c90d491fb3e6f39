"""A picture's bytes as pixels, once: small enough for all measures, upright, RGB.

JPEG is decoded at a fraction of its size where that is enough (Pillow's draft mode). What is
returned is as a viewer shows it: turned as EXIF says, with its colours in sRGB, over white where it
is transparent, the first picture of an animation.
"""

import io
import re
import struct
import time
import warnings
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from curator_image.read.colours import rgb_of
from curator_image.read.frames import count_frames

WORKING_SIDE = 512
"""Pixels of the longer side of what is measured, at most."""
MAX_PIXELS = 178_956_970
"""Pixels of a picture that is decoded, at most, as Pillow has it; more is taken for a decompression bomb."""
MAX_SECONDS = 60.0
"""CPU time after which a decoder gets no more of the file."""

_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "TIFF", "BMP", "DIB", "JPEG2000", "PPM")
"""What is decoded: not what starts other programs, as EPS."""
_HEIF = re.compile(rb"....ftyp(?:he[iv][cxms]|m[is]f1)", re.DOTALL)
_PAGE = re.compile(rb"<(?:!doctype html|html|head|body)", re.IGNORECASE)
_OF_PARSING = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, OSError, SyntaxError),
    *(TypeError, ValueError, struct.error),
)
"""What Pillow raises for EXIF that is damaged."""
_HEAD_BYTES = 4096
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


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
    """Pictures of an animation, or pages."""
    icc: str = ""
    """The name of its colour profile; empty if it has none that can be read."""
    notes: tuple[str, ...] = ()
    """What is amiss, though it can be shown: a damaged profile, EXIF that cannot be read."""

    @cached_property
    def luma(self) -> NDArray[np.uint8]:
        """Luma of `rgb` as Pillow's L, shape (rows, columns); made once."""
        from curator_image.read.luma_kernels import luma_of

        return luma_of(self.rgb)


def open_picture(
    data: bytes,
    *,
    side: int = WORKING_SIDE,
    max_pixels: int = MAX_PIXELS,
    max_seconds: float = MAX_SECONDS,
) -> Picture:
    """Decode a picture.

    Args:
        data: A file's bytes; what they are is known by themselves, not by a name.
        side: The longer side of the pixels that are returned, at most.
        max_pixels: Of a picture that is decoded.
        max_seconds: Of CPU time, after which a decoder gets no more of the file.

    Raises:
        PictureError: No picture, a damaged or cut one, or one that is too large.
    """
    is_heif = _HEIF.match(data) is not None
    if is_heif and not _reads_heif():
        raise PictureError("HEIC needs the extra heif; install curator-image[heif]")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            formats = ("HEIF",) if is_heif else _FORMATS
            with Image.open(_Timed(data, max_seconds), formats=formats) as image:
                return _decode(image, data, side, max_pixels)
        except PictureError:
            raise
        except Image.UnidentifiedImageError:
            raise PictureError(_what_it_is(data)) from None
        except Image.DecompressionBombError:
            raise PictureError(f"it claims more than {max_pixels:,} pixels") from None
        except Exception as error:
            raise PictureError(" ".join(str(error).split()) or type(error).__name__) from error


def picture_head(data: bytes) -> tuple[str, int, int]:
    """A picture's format, and its width and height as they are stored, from its first bytes; (0, 0) of HEIC without the extra.

    Raises:
        PictureError: It is none.
    """
    is_heif = _HEIF.match(data) is not None
    if is_heif and not _reads_heif():
        return "HEIF", 0, 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(
                _Timed(data, MAX_SECONDS), formats=("HEIF",) if is_heif else _FORMATS
            ) as image:
                return image.format or "", *image.size
        except Image.UnidentifiedImageError:
            raise PictureError(_what_it_is(data)) from None
        except Exception as error:
            raise PictureError("its first bytes are damaged") from error


class _Timed(io.BytesIO):
    """Bytes that are given to a decoder until its time is over."""

    def __init__(self, data: bytes, seconds: float) -> None:
        super().__init__(data)
        self.seconds, self.until = seconds, time.thread_time() + seconds

    def read(self, size: int | None = -1, /) -> bytes:
        if time.thread_time() > self.until:
            raise PictureError(f"decoding takes more than {self.seconds:g} s")
        return super().read(size)


def _decode(image: Image.Image, data: bytes, side: int, max_pixels: int) -> Picture:
    width, height = image.size
    if width * height > max_pixels:
        raise PictureError(f"{width}x{height} pixels are more than {max_pixels:,}")
    kind, mode = image.format or "", image.mode
    notes: list[str] = []
    longer = max(width, height)
    image.draft("RGB", (max(1, width * side // longer), max(1, height * side // longer)))
    stored = 1 if kind == "PNG" else _orientation(image, [])
    image.load()
    # A TIFF is upright once it is loaded; of a PNG, EXIF may be at its end.
    left = _orientation(image, notes)
    if kind == "TIFF":
        width, height = image.size
    if left in (5, 6, 7, 8):
        width, height = height, width
    small, icc = rgb_of(image, side, notes)
    if left in _TURNS:
        small = small.transpose(_TURNS[left])
    return Picture(
        format=kind,
        width=width,
        height=height,
        # As np.asarray does, in a quarter of its time.
        rgb=np.frombuffer(small.tobytes(), np.uint8).reshape(small.height, small.width, 3),
        mode=mode,
        orientation=stored if stored != 1 else left,
        frames=count_frames(image, data),
        icc=icc,
        notes=tuple(notes),
    )


def _orientation(image: Image.Image, notes: list[str]) -> int:
    """EXIF's orientation, 1 to 8; 1 where it is not told or damaged."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except _OF_PARSING:
        notes.append("its EXIF cannot be read")
        return 1
    if isinstance(value, int) and 1 <= value <= 8:
        return value
    notes.append(f"its EXIF orientation {value!r:.20} is none")
    return 1


def _what_it_is(data: bytes) -> str:
    """What bytes are that are no picture."""
    if not data:
        return "it is empty"
    head = data[:_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
    if _PAGE.match(head):
        return "a web page, no picture"
    if head.startswith(b"<") and b"<svg" in head:
        return "SVG, which is drawn and not decoded"
    return "no picture that is known by its first bytes, or a damaged one"


@cache
def _reads_heif() -> bool:
    """Whether Pillow can read HEIC from now on."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True
