"""What is kept of a picture to find its copies: hashes that propose pairs, and grey pixels that prove.

Hashes are signs of the lowest waves of windows: the whole picture, the picture without borders of one
grey, and squares around its strongest spots, which a crop still has. They say nothing of size or
light, and a mirrored or turned window has the same signs in another order.
"""

import hashlib
import io
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from PIL import Image

from curator_engine.items.fingerprint_file import FingerprintFile
from curator_image.duplicates.colours import CELLS, colours_of
from curator_image.read.picture import Picture

LUMA_SIDE = 256
"""Pixels of the longer side of the grey picture that is kept, at most."""
PARTS = 8
"""Parts across and down whose mean grey is kept."""
FINGERPRINTS = pa.schema(
    [
        pa.field("uuid", pa.string()),
        pa.field("sha256", pa.binary(32)),
        pa.field("width", pa.int32()),
        pa.field("height", pa.int32()),
        pa.field("hash", pa.uint64()),
        pa.field("quality", pa.float32()),
        pa.field("windows", pa.binary()),
        pa.field("luma", pa.binary()),
        pa.field("colours", pa.binary(2 * CELLS * CELLS)),
        pa.field("parts", pa.binary(PARTS * PARTS)),
    ]
)
"""Of a file of fingerprints, a row per picture.

sha256 is that of the file's bytes; hash holds the signs of the 8 x 8 lowest waves of the whole picture;
quality is the contrast of these waves in grey levels, and a hash below 2 is noise; windows are records
of WINDOW; luma is a grey JPEG; colours are those of `colours_of`; parts those of `parts_of`, null in files of before."""
FINGERPRINT_FILE = FingerprintFile(schema=FINGERPRINTS, made_by="curator-image curate")
"""The file of a run."""
WINDOW = np.dtype(
    [
        ("x", np.float32),
        ("y", np.float32),
        ("half_wide", np.float32),
        ("half_high", np.float32),
        ("bits", np.uint32),
        ("weak", np.uint8),
        ("second", np.uint8),
        ("kind", np.uint8),
    ]
)
"""A window: its middle and half its sides in pixels of luma, its bits and which of them are unsure.

Kind 0 is a square around a spot, 1 and 2 are the lower and higher waves of a whole picture."""
MIN_QUALITY = 2.0
"""Grey levels of contrast below which the hash of a whole picture says nothing."""

_FRAME, _SPOTS, _MARGIN, _APART = 128, 48, 8, 4
_SIZES = (10.0, 12.0)
_LEAST_STRENGTH = 0.15
_TOLERANCE = 16
_JPEG_QUALITY = 92


def fingerprint(
    picture: Picture, data: bytes = b"", uuid: str = "", *, sha256: bytes | None = None
) -> dict[str, Any]:
    """The fingerprint of a picture: a row of FINGERPRINTS.

    Args:
        picture: It, decoded.
        data: The file's bytes, for sha256.
        uuid: Of the picture.
        sha256: Of the data, where it is known.
    """
    grey = _grey(picture.luma)
    luma = np.asarray(grey)
    windows, bits, quality = _windows(grey, luma)
    packed = io.BytesIO()
    grey.save(packed, "JPEG", quality=_JPEG_QUALITY)
    return {
        "uuid": uuid,
        "sha256": sha256 or hashlib.sha256(data).digest(),
        "width": picture.width,
        "height": picture.height,
        "hash": bits,
        "quality": quality,
        "windows": windows.tobytes(),
        "luma": packed.getvalue(),
        "colours": colours_of(picture.rgb).tobytes(),
        "parts": parts_of(luma),
    }


def read_luma(packed: bytes) -> NDArray[np.uint8]:
    """The grey pixels of a fingerprint; shape (rows, columns)."""
    with Image.open(io.BytesIO(packed)) as image:
        return np.asarray(image)


def parts_of(luma: NDArray[np.uint8]) -> bytes:
    """The mean grey of PARTS x PARTS parts of a picture, row by row."""
    return Image.fromarray(luma).resize((PARTS, PARTS), Image.Resampling.BOX).tobytes()


def _grey(luma: NDArray[np.uint8]) -> Image.Image:
    """At most LUMA_SIDE pixels wide and high."""
    grey = Image.fromarray(luma)
    scale = LUMA_SIDE / max(grey.size)
    if scale >= 1:
        return grey
    if scale == 0.5:
        return grey.reduce(2)  # the same means, in a quarter of the time
    wide, high = (max(1, round(side * scale)) for side in grey.size)
    return grey.resize((wide, high), Image.Resampling.BOX)


def _windows(grey: Image.Image, luma: NDArray[np.uint8]) -> tuple[NDArray[np.void], int, float]:
    """Windows, the hash of the whole picture, and its quality."""
    kernels = _kernels()
    out = np.zeros(2 * (2 + len(_SIZES) * _SPOTS), WINDOW)
    rows, columns = luma.shape
    boxes = [(0, 0, columns, rows)]
    left, top, right, bottom = (int(side) for side in kernels.trim(luma, _TOLERANCE))
    trimmed = left, top, right, bottom
    if trimmed != boxes[0]:
        boxes.append(trimmed)
    count, whole, quality = 0, 0, 0.0
    for box in boxes:
        wide, high = box[2] - box[0], box[3] - box[1]
        scale = max(wide, high) / _FRAME
        size = max(1, round(wide / scale)), max(1, round(high / scale))
        frame = np.asarray(grey.resize(size, Image.Resampling.BILINEAR, box=box), np.float32)
        block = kernels.waves(frame, 0.0, 0.0, size[0], size[1], 8)
        contrast = float(np.abs(block).sum() - abs(block[0, 0])) / 8
        if box == boxes[0]:
            whole, quality = _packed(block), contrast
        if contrast >= MIN_QUALITY:
            middle = box[0] + wide / 2, box[1] + high / 2, wide / 2, high / 2
            for kind, (first, last) in enumerate(((1, 5), (5, 7)), 1):
                out[count] = (*middle, *kernels.signs(block, first, last), kind)
                count += 1
        count += kernels.windows_of(
            frame,
            *(float(box[0]), float(box[1]), scale),
            np.array(_SIZES),
            *(_MARGIN, _APART, _LEAST_STRENGTH, _SPOTS),
            out[count:],
        )
    return out[:count], whole, quality


def _packed(block: NDArray[np.float32]) -> int:
    """Signs of 64 waves; the first, the mean, is always set."""
    return int.from_bytes(np.packbits(block.ravel() > 0, bitorder="little").tobytes(), "little")


@cache
def _kernels() -> Any:
    """Numba takes a while to import."""
    from curator_image.duplicates import fingerprint_kernels

    return fingerprint_kernels
