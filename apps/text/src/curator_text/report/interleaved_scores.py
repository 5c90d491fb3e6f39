"""Charts of what was measured of pictures and counted of documents, with the limits of the run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc

from curator_engine.items.item_page import score_figure
from curator_engine.items.page_data import Score
from curator_engine.items.score_chart import Line
from curator_engine.report import html_page as page
from curator_text.removal.run_folder import RunFolder

_MOST_ROWS = 200_000
"""That a chart is made of; of more every so many."""


@dataclass(frozen=True, kw_only=True)
class _Measure:
    kind: str
    """Of the rows: image or document."""
    name: str
    columns: tuple[str, ...]
    """The least of them is the measure."""
    meaning: str
    least: str = ""
    """Setting that is its least value, and the most likewise."""
    most: str = ""


_MEASURES = (
    _Measure(
        kind="image",
        name="shorter_side",
        columns=("width", "height"),
        meaning="Pixels.",
        least="min_side",
    ),
    _Measure(
        kind="image",
        name="aspect",
        columns=("aspect",),
        meaning="Longer side over shorter.",
        most="max_aspect",
    ),
    _Measure(
        kind="image",
        name="sharpness",
        columns=("sharpness",),
        meaning="Variance of the Laplacian; blurred pictures have less than 100.",
        least="min_sharpness",
    ),
    _Measure(
        kind="image",
        name="code_area",
        columns=("code_area",),
        meaning="Share that QR codes cover.",
        most="max_code_area",
    ),
    _Measure(
        kind="document",
        name="num_chars",
        columns=("num_chars",),
        meaning="Characters of all texts.",
        least="min_chars",
        most="max_chars",
    ),
    _Measure(
        kind="document",
        name="num_images",
        columns=("num_images",),
        meaning="Pictures that are left.",
        least="min_images",
        most="max_images",
    ),
)
_COLUMNS = tuple(dict.fromkeys(name for each in _MEASURES for name in each.columns))


def measured(run: RunFolder) -> str:
    """A section with a chart per measure; nothing where the run has no `scores/`."""
    kinds, keeps, values = list[str](), list[bool](), list[list[Any]]()
    for kind, keep, *numbers in _some_rows(run):
        kinds.append(kind)
        keeps.append(keep)
        values.append(numbers)
    if not kinds:
        return ""
    table = np.array(values, dtype=np.float64)
    kind, keep = np.array(kinds), np.array(keeps)
    charts = list[str]()
    for each in _MEASURES:
        found = table[:, [_COLUMNS.index(name) for name in each.columns]].min(axis=1)
        mine = (kind == each.kind) & ~np.isnan(found)
        if mine.any():
            lines = list(_lines(each, run.settings))
            score = Score(name=each.name, values=found[mine], kept=keep[mine], lines=lines)
            unit = "pictures" if each.kind == "image" else "documents"
            charts.append(score_figure(score, unit, each.meaning))
    lead = (
        "Kept and dropped; the dashed line is a limit of the run. The curve says which share would be kept if the limit "
        "stood there: run again with other limits and <code>--scores</code>, and no picture is read."
    )
    return page.section("Measures", lead, f'<div class="charts">{"".join(charts)}</div>')


def _some_rows(run: RunFolder) -> Iterator[tuple[Any, ...]]:
    """Kind, fate and measures of documents and of pictures, of each every so many."""
    step = max(1, run.count("scores") // _MOST_ROWS)
    for table in run.batches("scores", ["modality", "keep", *_COLUMNS]):
        for kind in ("document", "image"):
            mine = table.filter(pc.field("modality") == kind)
            columns = [mine.column(name).to_pylist()[::step] for name in ("keep", *_COLUMNS)]
            yield from ((kind, *row) for row in zip(*columns, strict=True))


def _lines(measure: _Measure, settings: Mapping[str, Any]) -> Iterator[Line]:
    for name, least in ((measure.least, True), (measure.most, False)):
        if limit := settings.get(name):
            yield Line(value=float(limit), least=least, in_force=True)
