"""`images.parquet`: a row per picture of a run, with all that is known about it.

Each task writes a part, and the parts are joined; see the engine's `item_table.py`. Rows of pictures
that are dropped, or that could not be read, are there like the others.
"""

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from curator_engine.items.item import Item
from curator_engine.items.item_table import ERRORS, MARKS, ItemTable, text_columns
from curator_image.scores.measure import SCORES

_IDENTITY = [
    *text_columns("uuid", "source", "member", "place"),
    pa.field("position", pa.int64()),
    *MARKS,
    *text_columns("kept_id"),
    pa.field("similarity", pa.float64()),
    pa.field("overlap", pa.float64()),
    *text_columns("transform"),
]
_ABOUT = [
    *text_columns("path", "file", "stamp", "sha256", "format", "mode"),
    pa.field("num_bytes", pa.int64()),
    pa.field("orientation", pa.int8()),
    pa.field("frames", pa.int32()),
    *text_columns("caption", "caption_language", "description", "fields"),
    ERRORS,
]
IMAGES = ItemTable(
    file="images.parquet",
    unit="images",
    made_by="curator-image curate",
    kept="data",
    dropped="",
    scores=SCORES,
    identity=_IDENTITY,
    about=_ABOUT,
    order=("source", "position", "uuid"),
)
"""The table of pictures.

`source` is the file below the input folder, `member` the name in a tar or the row of a table, `place`
both together; `file` is the file as it was read, `stamp` changes with it; `position` counts the pictures of a file from 0; `path` is where the picture lies in the
result, and null where it does not; `kept_id`, `similarity`, `overlap` and `transform` say of which
picture that stays this one is a copy, and how alike the two are; `description` is
what a model said of the picture, `caption_language` is null where it was not asked for, `fields` is JSON.
"""


@dataclass(kw_only=True)
class ImageItem(Item):
    """One picture, without its bytes."""

    about: dict[str, Any] = field(default_factory=dict[str, Any])
    """Columns that are no scores."""


def image_rows(items: list[ImageItem]) -> pa.Table:
    """A row per picture, in their order."""
    return IMAGES.of(items, lambda item: item.about)
