"""The page `report.html` of a run on pictures; its parts are the engine's `item_page.py`.

Small copies of the pictures are made from where they lie in the input. All that comes from files and
their names is escaped.
"""

import base64
import io
import logging
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from curator_engine.errors import CuratorError
from curator_engine.items import item_page as items
from curator_engine.items.item_table import numbers_of
from curator_engine.items.page_data import PageData, gather
from curator_engine.items.pictures import Picture, Pictures
from curator_engine.report import html_page as page
from curator_engine.running.run_record import read_record
from curator_image.images.image_table import IMAGES
from curator_image.images.originals import Originals
from curator_image.read.picture import PictureError, open_picture
from curator_image.report.scatter import scatter
from curator_image.score_table import ScoreOptions

_WIDTH, _QUALITY = 208, 55
_logger = logging.getLogger(__name__)


def build_page(output: str) -> str:
    """The page as text.

    Raises:
        InputError: Not the folder of a finished run.
    """
    data = gather(
        output,
        IMAGES,
        limits=ScoreOptions.lines(read_record(output).get("settings", {})),
        place=lambda row: str(row["place"]),
    )
    pictures = _Small(output=output, originals=Originals(IMAGES.read(output)))
    for row in (*data.sheet, *(row for group in data.groups for row in group.items)):
        row["preview"] = row["uuid"]
    # Before the sheet, so that the budget for pictures is not used up by then.
    groups = items.groups_section(data, pictures, lines=_words)
    parts = [
        items.header(data, program=f"curator-image {data.record.get('version', '')}"),
        _totals(data),
        items.funnel(data),
        items.sheet(data, pictures, lines=_words, lead="Pictures from all over the run."),
        groups,
        _sizes(data),
        items.scores_section(
            data, meanings=ScoreOptions.meanings(), command="curator-image filter"
        ),
        items.troubles_section(data.troubles),
        items.steps_section(data.record),
        page.notes(data.record.get("facts", {}).get("notes", [])),
        page.settings_section(data.record.get("settings", {})),
    ]
    return page.assemble(f"Images: {data.path}", parts, styles=[items.STYLE], pictures=True)


@dataclass(kw_only=True)
class _Small(Pictures):
    """Pictures by their ids, out of the input; none where it is no longer there."""

    originals: Originals
    _small: dict[str, Picture | None] = field(default_factory=dict[str, "Picture | None"])

    def of(self, preview: str | None) -> Picture | None:
        if not preview or self.budget <= 0:
            return None
        if preview not in self._small:
            self._small[preview] = self._make(preview)
        found = self._small[preview]
        self.budget -= len(found.still) if found else 0
        return found

    def _make(self, uuid: str) -> Picture | None:
        try:
            rgb = open_picture(self.originals(uuid), side=_WIDTH).rgb
        except (CuratorError, PictureError, OSError):
            # The input may be gone; the page is about what is known of it.
            _logger.debug("no picture of %s", uuid, exc_info=True)
            return None
        file = io.BytesIO()
        Image.fromarray(rgb).save(file, "WEBP", quality=_QUALITY)
        data = base64.b64encode(file.getvalue()).decode()
        return Picture(still=f"data:image/webp;base64,{data}", moving="")


def _words(row: dict[str, Any]) -> list[str]:
    """The place, the size, the caption."""
    lines = [page.escaped(row["place"])]
    if row["width"]:
        size = f"{row['width']:.0f} x {row['height']:.0f}, {row['num_bytes']:,} bytes"
        lines.append(page.escaped(f"{row['format']}, {size}"))
    for text in filter(None, (row["caption"], row["description"])):
        lines.append(f"<bdi>{page.escaped(text[:120] + ('...' if len(text) > 120 else ''))}</bdi>")
    return lines


def _totals(data: PageData) -> str:
    facts = data.record.get("facts", {})
    table = data.table
    files = len(table.column("source").unique())
    kept = int(numbers_of(table.filter(table.column("keep")), "num_bytes").sum())
    copies = sum(bool(kept) for kept in table.column("kept_id").to_pylist())
    return page.cards(
        [
            ("files", page.number("files", files, f"{files:,}"), ""),
            *items.kept_cards(data),
            ("bytes kept", page.number("bytes_kept", kept, f"{kept / 1e6:,.1f} MB"), ""),
            ("copies", page.number("copies", copies, f"{copies:,}"), "of a picture that stays"),
            ("seconds", f"{facts.get('total_time', 0.0):,.1f}", ""),
        ]
    )


def _sizes(data: PageData) -> str:
    """Width against height, a point per picture."""
    wide, high, kept = (numbers_of(data.table, name) for name in ("width", "height", "keep"))
    known = wide > 0
    if not known.any():
        return ""
    lead = "A point per picture, kept and dropped; both axes are in pixels and logarithmic."
    drawn = scatter(wide[known], high[known], kept[known] > 0)
    return page.section("Width and height", lead, f'<div class="charts">{drawn}</div>')
