"""Lists of addresses of pictures: JSON lines, CSV, Parquet, or text with an address in each line."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from curator_engine.files.url_lists import rows_of_list
from curator_image.read.tar_samples import caption_in

URL_FIELDS = ("url", "URL", "image_url", "img_url", "link", "src", "image", "path")
"""Names under which a row has its picture's address; the first that is there counts."""


@dataclass(frozen=True, kw_only=True)
class UrlRow:
    """A row of a list."""

    number: int
    """From 0."""
    url: str = ""
    caption: str = ""
    fields: dict[str, Any] = field(default_factory=dict[str, Any])
    problem: str = ""
    """Why there is no address; empty if there is one."""


def url_rows(path: str, *, url_field: str = "", caption_field: str = "") -> Iterator[UrlRow]:
    """The rows of a list, but for empty ones.

    Args:
        path: The list, compressed or not.
        url_field: The field with the address; the first of `URL_FIELDS` unless given.
        caption_field: That with the caption; caption, text, TEXT or alt unless given.

    Raises:
        UnreadableFileError: It cannot be read.
        DamagedFileError: It is cut off, or no list.
    """
    for number, row in enumerate(rows_of_list(path)):
        if row == {}:
            continue
        if row is None:
            yield UrlRow(number=number, problem="its line is no JSON object")
            continue
        named = (row.get(name) for name in ([url_field] if url_field else URL_FIELDS))
        url = next((text.strip() for text in named if isinstance(text, str) and text.strip()), "")
        caption = row.get(caption_field) if caption_field else caption_in(row)
        yield UrlRow(
            number=number,
            url=url,
            caption=caption.strip() if isinstance(caption, str) else "",
            fields=row,
            problem="" if url else f"no address in {url_field or ', '.join(URL_FIELDS)}",
        )
