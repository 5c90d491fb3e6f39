"""Write a picture anew: upright, in sRGB, over white where it is transparent, and smaller if asked for."""

import io
import posixpath
from dataclasses import dataclass
from typing import Any, Literal

from PIL import Image

from curator_image.read.picture import open_picture

type Kind = Literal["off", "jpeg", "webp", "png"]
"""What pictures are written as; off keeps their bytes."""
_ENDINGS = {"jpeg": (".jpg", ".jpeg"), "webp": (".webp",), "png": (".png",)}
_NO_LIMIT = 1 << 24


@dataclass(frozen=True, kw_only=True)
class Reencode:
    """How pictures are written anew.

    Example:
        >>> Reencode(kind="webp", max_side=1024).named("a/b.png")
        'a/b.webp'
    """

    kind: Kind
    quality: int = 90
    """From 1 to 100, as the encoder takes it; PNG has none."""
    max_side: int | None = None
    """Pixels of the longer side at most; as it is unless given."""

    @property
    def ending(self) -> str:
        """Of a file's name."""
        return _ENDINGS[self.kind][0]

    def named(self, name: str) -> str:
        """A name with the ending that the picture has then."""
        stem, ending = posixpath.splitext(name)
        return name if ending.lower() in _ENDINGS[self.kind] else stem + self.ending

    def encode(self, data: bytes) -> bytes:
        """The picture of a file's bytes as a file's bytes; its EXIF and profile are left out.

        Raises:
            PictureError: It cannot be decoded.
        """
        side = self.max_side or _NO_LIMIT
        # Decoders make pictures smaller fast and roughly, so they do half of it only.
        image = Image.fromarray(open_picture(data, side=2 * side).rgb)
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        how: dict[str, Any] = {} if self.kind == "png" else {"quality": self.quality}
        file = io.BytesIO()
        image.save(file, self.kind, **how)
        return file.getvalue()


def reencode_as(kind: Kind, *, quality: int, max_side: int | None) -> Reencode | None:
    """How pictures are written anew; None if they keep their bytes."""
    return None if kind == "off" else Reencode(kind=kind, quality=quality, max_side=max_side)
