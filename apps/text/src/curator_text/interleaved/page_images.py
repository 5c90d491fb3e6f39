"""Pages of PDF files as pictures, and parts of them, as Nemotron-Parse sees them."""

import io
from typing import Any

DEFAULT_MAX_PAGES = 50
DEFAULT_MIN_CROP_PX = 10
PAGE_SIZE = (1664, 2048)
"""Width and height in pixels into which a page is rendered at most: those of the model."""
_POINTS_PER_INCH = 72.0
_LEAST_SCALE = 1e-3
_WHITE = (255, 255, 255)


def render_pdf_pages(
    pdf_bytes: bytes,
    dpi: int = 300,
    max_pages: int = DEFAULT_MAX_PAGES,
    max_size: tuple[int, int] | None = PAGE_SIZE,
) -> list[Any]:
    """The first pages of a PDF file as pictures of Pillow (RGB), by pypdfium2.

    Args:
        pdf_bytes: The file.
        dpi: Pixels per inch.
        max_pages: Pages that are rendered at most.
        max_size: Width and height in pixels that no page exceeds, however large it says that it is.

    Returns:
        The pages that can be rendered; none if it is no PDF.
    """
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(pdf_bytes)
    except pypdfium2.PdfiumError:
        return []
    found = list[Any]()
    try:
        for number in range(min(len(pdf), max_pages)):
            try:
                found.append(_rendered(pdf[number], dpi / _POINTS_PER_INCH, max_size))
            except pypdfium2.PdfiumError:
                continue
    finally:
        pdf.close()
    return found


def _rendered(page: Any, scale: float, max_size: tuple[int, int] | None) -> Any:
    try:
        bitmap = page.render(scale=_scale_that_fits(page, scale, max_size))
        try:
            return bitmap.to_pil().convert("RGB")
        finally:
            bitmap.close()
    finally:
        page.close()


def _scale_that_fits(page: Any, scale: float, max_size: tuple[int, int] | None) -> float:
    if max_size is None:
        return scale
    sides = zip(max_size, (page.get_width(), page.get_height()), strict=True)
    return max(_LEAST_SCALE, min([scale, *(most / side for most, side in sides if side > 0)]))


def image_to_bytes(image: Any, fmt: str = "PNG") -> bytes:
    """A picture as a file of a format of Pillow."""
    file = io.BytesIO()
    image.save(file, format=fmt)
    return file.getvalue()


def build_canvas(page_img: Any, proc_size: tuple[int, int]) -> Any:
    """A page on a white canvas as the model's processor lays it: shrunk until it fits, and in the middle.

    Boxes of the model are parts of this canvas.

    Args:
        page_img: Picture of Pillow.
        proc_size: Height and width of the canvas, in pixels.
    """
    from PIL import Image

    most_height, most_width = proc_size
    page = page_img.convert("RGB")
    scale = min(1.0, most_width / page.width, most_height / page.height)
    size = max(1, int(page.width * scale)), max(1, int(page.height * scale))
    if size != page.size:
        page = page.resize(size, Image.Resampling.BILINEAR)
    canvas = Image.new("RGB", (most_width, most_height), _WHITE)
    canvas.paste(page, ((most_width - page.width) // 2, (most_height - page.height) // 2))
    return canvas


def crop_to_bbox(
    canvas: Any,
    bbox: list[float] | None,
    proc_size: tuple[int, int],
    min_crop_px: int = DEFAULT_MIN_CROP_PX,
) -> Any:
    """The part of a canvas in a box; all of it without a box, None if the part is too small.

    Args:
        canvas: As of `build_canvas`.
        bbox: Left, top, right and bottom as shares of the canvas, 0 to 1, in any order.
        proc_size: Height and width of the canvas, in pixels.
        min_crop_px: Pixels of either side, at least.
    """
    if bbox is None:
        return canvas
    height, width = proc_size
    left, right = sorted(int(min(1.0, max(0.0, each)) * width) for each in (bbox[0], bbox[2]))
    top, bottom = sorted(int(min(1.0, max(0.0, each)) * height) for each in (bbox[1], bbox[3]))
    if right - left < min_crop_px or bottom - top < min_crop_px:
        return None
    return canvas.crop((left, top, right, bottom))
