"""What Nemotron-Parse says of a page: its elements in reading order, and the rows that they become."""

import json
import re
from collections.abc import Iterable
from typing import Any

from curator_text.interleaved.page_images import (
    DEFAULT_MIN_CROP_PX,
    build_canvas,
    crop_to_bbox,
    image_to_bytes,
)

_NUMBER = r"(\d*\.?\d+)"
_CORNER = f"<x_{_NUMBER}><y_{_NUMBER}>"
_ELEMENT = re.compile(f"{_CORNER}((?:(?!<x_).)*){_CORNER}<class_([^>]+)>", re.DOTALL)
"""Upper left corner, Markdown, lower right corner, class; coordinates are shares of the page."""
_TAG = re.compile(r"<[^>]+>")
_FLOATING = ("Picture", "Caption")

type Element = dict[str, Any]
"""`class`, `text`, and `bbox`: left, top, right, bottom, 0 to 1; None if it is not known."""


def parse_nemotron_output(raw_text: str) -> list[Element]:
    """The elements of a page, in the order of the model; without elements, all text as one.

    Example:
        >>> parse_nemotron_output("<x_0.1><y_0.2>Hello<x_0.5><y_0.3><class_Text>")
        [{'class': 'Text', 'text': 'Hello', 'bbox': [0.1, 0.2, 0.5, 0.3]}]
    """
    found = list[Element]()
    for left, top, text, right, bottom, kind in _ELEMENT.findall(raw_text):
        plain = _TAG.sub("", text).strip()
        if plain or kind == "Picture":
            box = [float(each) for each in (left, top, right, bottom)]
            found.append({"class": kind, "text": plain, "bbox": box})
    rest = _TAG.sub("", raw_text).strip()
    return found or ([{"class": "Text", "text": rest, "bbox": None}] if rest else [])


def interleave_floaters(anchored: list[Element], floaters: list[Element]) -> list[Element]:
    """Pictures and captions put behind the element that is nearest to them; a caption goes with its picture.

    Version 1.1 of the model says them at the end of a page.

    Args:
        anchored: All other elements, in reading order.
        floaters: Pictures and captions.
    """
    groups = sorted(_with_captions(floaters), key=lambda group: _middle(group[0]))
    if not anchored:
        return [each for group in groups for each in group]
    behind: dict[int, list[Element]] = {}
    for group in groups:
        distances = [abs(_middle(each) - _middle(group[0])) for each in anchored]
        behind.setdefault(distances.index(min(distances)), []).extend(group)
    return [
        each for number, anchor in enumerate(anchored) for each in (anchor, *behind.get(number, []))
    ]


def _middle(element: Element) -> float:
    """The height of its middle; 0 without a box."""
    box = element.get("bbox")
    return (box[1] + box[3]) / 2 if box else 0.0


def _with_captions(floaters: list[Element]) -> list[list[Element]]:
    """Each picture with the caption that is nearest to it; captions that are left stand alone."""
    groups = [[each] for each in floaters if each["class"] == "Picture"]
    free = list(groups)
    for caption in (each for each in floaters if each["class"] == "Caption"):
        if not free:
            groups.append([caption])
            continue
        nearest = min(free, key=lambda group: abs(_middle(group[0]) - _middle(caption)))
        nearest.append(caption)
        free = [group for group in free if group is not nearest]
    return groups


def build_interleaved_rows(
    sample_id: str,
    url: str,
    pdf_name: str,
    page_images: list[Any],
    page_outputs: list[str],
    proc_size: tuple[int, int] = (2048, 1664),
    reorder_floaters: bool = True,
    min_crop_px: int = DEFAULT_MIN_CROP_PX,
) -> list[dict[str, Any]]:
    """The rows of a PDF file: one with what is known of it, then its texts, tables and pictures.

    Args:
        sample_id: Of the document.
        url: Where it is from.
        pdf_name: Its file.
        page_images: Pictures of Pillow.
        page_outputs: What the model says of each.
        proc_size: Height and width of the model's canvas, in pixels.
        reorder_floaters: Put pictures and captions where they belong, as `interleave_floaters`.
        min_crop_px: Pixels of either side of a picture, at least; smaller ones are left out.

    Raises:
        ValueError: There is another number of answers than of pages.
    """
    about = {"url": url, "pdf_name": pdf_name}
    facts = json.dumps({**about, "num_pages": len(page_images)}, ensure_ascii=False)
    common = {"sample_id": sample_id, **about}
    first = {"modality": "metadata", "content_type": "application/json", "text_content": facts}
    rows = [_row(common | first, -1)]
    for page, (image, output) in enumerate(zip(page_images, page_outputs, strict=True)):
        elements = parse_nemotron_output(output)
        if reorder_floaters:
            floating = [each for each in elements if each["class"] in _FLOATING]
            fixed = [each for each in elements if each["class"] not in _FLOATING]
            elements = interleave_floaters(fixed, floating)
        canvas = build_canvas(image, proc_size)
        for content in _contents(elements, canvas, proc_size, min_crop_px):
            rows.append(_row(common | content | {"page_number": page}, len(rows) - 1))
            ref = {"page": page, "bbox": rows[-1].pop("bbox")}
            rows[-1]["source_ref"] = json.dumps(ref)
    return rows


def _contents(
    elements: Iterable[Element], canvas: Any, proc_size: tuple[int, int], min_crop_px: int
) -> Iterable[dict[str, Any]]:
    """What the row of each element says."""
    for each in elements:
        kind = each["class"]
        about = {"element_class": kind, "bbox": each["bbox"], "text_content": each["text"]}
        if kind == "Picture":
            part = crop_to_bbox(canvas, each["bbox"], proc_size, min_crop_px)
            if part is not None:
                data = {"binary_content": image_to_bytes(part)}
                yield about | data | {"modality": "image", "content_type": "image/png"}
        else:
            modality = "table" if kind == "Table" else "text"
            yield about | {"modality": modality, "content_type": "text/markdown"}


_EMPTY = dict.fromkeys(("binary_content", "source_ref", "page_number", "element_class"))


def _row(content: dict[str, Any], position: int) -> dict[str, Any]:
    return {**_EMPTY, "position": position, **content}
