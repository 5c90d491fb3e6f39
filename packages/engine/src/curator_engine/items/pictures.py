"""Previews and pictures made small enough to lie in the page itself, as data addresses, within a budget of bytes."""

import base64
import io
import logging
from dataclasses import dataclass

from curator_engine.files.paths import join
from curator_engine.files.storage import read_bytes

_WIDTH = 176
_FRAMES = 5
_FRAME_MS = 400
_QUALITY = 40
_MAX_PIXELS = 1 << 22
"""Of a preview's frame; ours have 240 rows."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An item's picture as data addresses."""

    still: str
    moving: str
    """Empty where the preview has one frame only."""


@dataclass(kw_only=True)
class Pictures:
    """Makes pictures until the budget is used up; each item's is made once."""

    output: str
    """Folder of the run."""
    budget: int = 3_000_000
    """Bytes of the page that pictures may take."""

    def __post_init__(self) -> None:
        self._made: dict[str, Picture | None] = {}

    def of(self, preview: str | None) -> Picture | None:
        """The picture of a preview, or None: there is none, it cannot be read, or the budget is gone."""
        if not preview or self.budget <= 0:
            return None
        if preview not in self._made:
            try:
                self._made[preview] = _shrink(read_bytes(join(self.output, preview)))
            except Exception:
                # A preview that cannot be shown must not cost the page.
                _logger.debug("no picture of %s", preview, exc_info=True)
                self._made[preview] = None
        picture = self._made[preview]
        if picture:
            self.budget -= len(picture.still) + len(picture.moving)
        return picture


def _shrink(data: bytes) -> Picture:
    from PIL import Image, ImageSequence

    with Image.open(io.BytesIO(data)) as image:
        width, height = image.size
        if width * height > _MAX_PIXELS:
            raise ValueError(f"{width}x{height} is too large for a preview")
        size = (_WIDTH, max(1, round(height * _WIDTH / width)))
        every = max(1, -(-getattr(image, "n_frames", 1) // _FRAMES))
        frames = [
            frame.convert("RGB").resize(size)
            for k, frame in enumerate(ImageSequence.Iterator(image))
            if k % every == 0
        ]
    still, moving = io.BytesIO(), io.BytesIO()
    frames[0].save(still, "WEBP", quality=_QUALITY)
    if len(frames) > 1:
        frames[0].save(
            moving,
            "WEBP",
            quality=_QUALITY,
            save_all=True,
            append_images=frames[1:],
            duration=_FRAME_MS,
            loop=0,
        )
    return Picture(still=_address(still), moving=_address(moving))


def _address(file: io.BytesIO) -> str:
    data = file.getvalue()
    return f"data:image/webp;base64,{base64.b64encode(data).decode()}" if data else ""
