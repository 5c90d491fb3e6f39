"""Which pictures and documents stay: limits that need no model.

Pictures are looked at first; a document is judged by what is left of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from curator_text.interleaved.documents import Document
from curator_text.interleaved.picture_measures import MOST_PIXELS, Wanted

ONLY_NAMED = "picture is only named"
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

    @property
    def wanted(self) -> Wanted:
        """What must be measured."""
        return Wanted(sharpness=self.min_sharpness > 0, code_area=self.max_code_area is not None)


@dataclass(frozen=True, kw_only=True)
class DocumentLimits:
    """Limits of a document; None for no limit."""

    min_images: int = 0
    max_images: int | None = None
    min_chars: int = 0
    """Characters of all its texts."""
    max_chars: int | None = None
    max_images_per_word: float | None = None


def picture_reason(found: Mapping[str, float], limits: PictureLimits) -> str:
    """Why a picture goes whose measures these are; empty if it stays."""
    if not found:
        return UNREADABLE
    width, height = found["width"], found["height"]
    longest, shortest = max(width, height), min(width, height)
    if width * height > MOST_PIXELS or longest > limits.max_side:
        return "picture is too large"
    if shortest < max(1, limits.min_side):
        return "picture is too small"
    if limits.max_aspect and longest / shortest > limits.max_aspect:
        return "picture is too long"
    if limits.min_sharpness and found["sharpness"] < limits.min_sharpness:
        return "picture is blurred"
    if limits.max_code_area is not None and found["code_area"] > limits.max_code_area:
        return "picture is a QR code"
    return ""


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
