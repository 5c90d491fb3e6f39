"""The page `report.html` of a run on recordings; its parts are the engine's `item_page.py`.

Sounds are made from where segments lie in the input. All that comes from files and their names is escaped.
"""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_audio.recordings.segment_table import SEGMENTS
from curator_audio.report.lanes import kind_of, lanes_section
from curator_audio.report.snippets import Snippets
from curator_audio.score_table import ScoreOptions
from curator_engine.items import item_page as items
from curator_engine.items.item_table import numbers_of
from curator_engine.items.page_data import PageData, gather
from curator_engine.report import html_page as page
from curator_engine.running.run_record import read_record

_MAX_TEXT = 240


def build_page(output: str) -> str:
    """The page as text.

    Raises:
        InputError: Not the folder of a finished run.
    """
    data = gather(
        output,
        SEGMENTS,
        limits=ScoreOptions.lines(read_record(output).get("settings", {})),
        amount=_seconds,
        place=lambda row: str(row["place"]),
    )
    parts = [
        items.header(data, program=f"curator-audio {data.record.get('version', '')}"),
        _totals(data),
        items.funnel(
            data,
            shown=_clock,
            kept_amount=_clock(float(_seconds(data.table.filter(data.table.column("keep"))).sum())),
            head=("", "reason", "number", "time", ""),
        ),
        _sounds(data),
        lanes_section(data.table),
        items.scores_section(
            data, meanings=ScoreOptions.meanings(), command="curator-audio filter"
        ),
        items.troubles_section(data.troubles),
        items.steps_section(data.record),
        page.notes(data.record.get("facts", {}).get("notes", [])),
        page.settings_section(data.record.get("settings", {})),
    ]
    return page.assemble(
        f"Segments: {data.path}", parts, app="curator_audio", styles=[items.STYLE], sounds=True
    )


def _totals(data: PageData) -> str:
    facts = data.record.get("facts", {})
    heard, kept = facts.get("recordings_s", 0.0), facts.get("kept_s", 0.0)
    total = facts.get("total_time", 0.0)
    count = facts.get("recordings", 0)
    return page.cards(
        [
            ("recordings", page.number("recordings", count, f"{count:,}"), _clock(heard)),
            *items.kept_cards(data),
            ("time kept", page.number("kept_s", kept, _clock(kept)), f"of {_clock(heard)}"),
            ("seconds", f"{total:,.1f}", f"{heard / total:,.0f} x real time" if total else ""),
        ]
    )


def _sounds(data: PageData) -> str:
    """Examples to listen to, kept and dropped."""
    if not data.sheet:
        return page.section("Segments", "No recordings were found.", "")
    snippets = Snippets()
    shown = "".join(_figure(row, snippets) for row in data.sheet)
    lead = f"{len(data.sheet):,} of {data.total:,} from all over the run, their first seconds."
    return page.section("Segments", lead, f'<div class="sounds">{shown}</div>')


def _figure(row: dict[str, Any], snippets: Snippets) -> str:
    found = snippets.of(row)
    parts: list[str] = []
    if found:
        name = page.escaped(row["uuid"])
        parts.append(
            f'<svg class="wave" viewBox="0 0 120 40" preserveAspectRatio="none" role="img" '
            f'aria-label="{name}"><path d="{found.wave}"/></svg>'
        )
        if found.sound:
            parts.append(f'<audio controls preload="none" src="{found.sound}"></audio>')
    span = f"{row['start_s']:.2f} to {row['end_s']:.2f} s"
    where = page.escaped(row["place"])
    link = f'<a href="{page.escaped(row["path"])}">{where}</a>' if row["path"] else where
    parts.append(f"<figcaption><b><bdi>{link}</bdi></b><p>{span}</p>")
    heard = row["transcript"] and f"{row['recogniser']}: {row['transcript']}"
    for text in filter(None, (row["text"], heard)):
        cut = text[:_MAX_TEXT] + ("..." if len(text) > _MAX_TEXT else "")
        parts.append(f'<p class="said"><bdi>{page.escaped(cut)}</bdi></p>')
    if not row["keep"]:
        parts.append(
            f"<p>{page.escaped(row['drop_stage'])}: {page.escaped(row['drop_reason'])}</p>"
        )
    return f'<figure class="sound {kind_of(row)}">{"".join(parts)}</figcaption></figure>'


def _seconds(table: pa.Table) -> NDArray[np.float64]:
    return numbers_of(table, "end_s") - numbers_of(table, "start_s")


def _clock(seconds: float) -> str:
    """Seconds as 0:42, 12:05 or 3:12:05."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
