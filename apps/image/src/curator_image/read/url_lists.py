"""Lists of addresses of pictures: JSON lines, CSV, Parquet, or text with an address in each line."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.errors import DamagedFileError
from curator_engine.files.formats import PROSE_EXTENSIONS, look
from curator_engine.files.list_rows import is_csv, list_rows, text_lines
from curator_engine.files.storage import input_errors, open_read
from curator_image.read.tar_samples import caption_in

URL_FIELDS = ("url", "URL", "image_url", "img_url", "link", "src", "image", "path")
"""Names under which a row has its picture's address; the first that is there counts."""
_ROWS_AT_A_TIME = 1000


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
    for number, row in enumerate(_rows(path)):
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


def _rows(path: str) -> Iterator[dict[str, Any] | None]:
    if path.lower().endswith(PROSE_EXTENSIONS):
        yield from ({"url": text} if text else {} for text in text_lines(path))
    elif is_csv(path) or look(path).format != "parquet":
        yield from list_rows(path)
    else:
        yield from _of_parquet(path)


def _of_parquet(path: str) -> Iterator[dict[str, Any]]:
    with input_errors(path), open_read(path) as file:
        try:
            table = pq.ParquetFile(file, page_checksum_verification=True)
            names = [each.name for each in table.schema_arrow if not _is_large(each.type)]
            for batch in table.iter_batches(_ROWS_AT_A_TIME, columns=names, use_threads=False):
                rows: list[dict[str, Any]] = batch.to_pylist()
                for row in rows:
                    yield {name: value for name, value in row.items() if value is not None}
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            if isinstance(error, OSError) and error.errno:
                raise
            reason = " ".join(str(error).split())
            raise DamagedFileError(f"{path} is no table that can be read ({reason}).") from error


def _is_large(kind: pa.DataType) -> bool:
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_nested(kind)
