"""Pages as pictures, and parts of them."""

import io

from interleaved_toys import pdf_with_picture, picture
from PIL import Image

from curator_text.interleaved.page_images import (
    build_canvas,
    crop_to_bbox,
    image_to_bytes,
    render_pdf_pages,
)

PDF = pdf_with_picture(picture(kind="JPEG"), 200, 160)


def test_pages_are_rendered_at_a_resolution_and_within_a_size():
    (page,) = render_pdf_pages(PDF, dpi=72)
    assert (page.size, page.mode) == ((612, 792), "RGB")
    (page,) = render_pdf_pages(PDF, dpi=300, max_size=(306, 1000))
    assert page.size == (306, 396)
    assert min(page.convert("L").getextrema()) < 100


def test_a_page_that_says_it_is_endless_is_small():
    huge = PDF.replace(b"[0 0 612 792]", b"[0 0 612e9 9]")
    assert all(max(page.size) <= 2048 for page in render_pdf_pages(huge))


def test_without_a_pdf_or_pages_there_are_none():
    assert render_pdf_pages(b"no PDF") == []
    assert render_pdf_pages(PDF, max_pages=0) == []


def test_a_page_lies_in_the_middle_of_its_canvas():
    page = Image.new("RGB", (100, 50), "black")
    canvas = build_canvas(page, (80, 50))
    assert canvas.size == (50, 80)
    assert canvas.convert("L").point(lambda level: 255 - level).getbbox() == (0, 27, 50, 52)
    assert build_canvas(Image.new("L", (10, 10)), (40, 30)).size == (30, 40)


def test_parts_are_cut_in_any_order_of_corners_and_not_too_small():
    canvas = Image.new("RGB", (100, 200))
    for box in ([0.1, 0.2, 0.5, 0.6], [0.5, 0.6, 0.1, 0.2]):
        assert crop_to_bbox(canvas, box, (200, 100)).size == (40, 80)
    assert crop_to_bbox(canvas, [-3.0, 0.0, 9.0, 1.0], (200, 100)).size == (100, 200)
    assert crop_to_bbox(canvas, [0.1, 0.2, 0.15, 0.9], (200, 100)) is None
    assert crop_to_bbox(canvas, [0.1, 0.2, 0.15, 0.9], (200, 100), 5).size == (5, 140)
    assert crop_to_bbox(canvas, None, (200, 100)) is canvas


def test_a_picture_becomes_a_file():
    data = image_to_bytes(Image.new("RGB", (3, 4)))
    assert Image.open(io.BytesIO(data)).format == "PNG"
