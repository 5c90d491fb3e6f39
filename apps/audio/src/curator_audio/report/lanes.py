"""When somebody speaks in a recording, and who: a lane for segments, one per speaker, and one for two at once."""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from curator_audio.recordings.by_recording import Row
from curator_audio.recordings.measure_recordings import SPEECH
from curator_audio.recordings.write_rttm import turns_in
from curator_engine.items.item_table import numbers_of, with_value
from curator_engine.report import html_page as page
from curator_engine.report.svg_charts import Plot, text_at

_MOST = 12
"""Recordings that are shown."""
_MOST_SPEAKERS = 8
_LANE, _LEFT, _BELOW = 18, 96, 30
type Bar = tuple[float, float, str, str]
"""First and last second, what it says, and its class."""


def lanes_section(table: pa.Table) -> str:
    """The lanes of recordings in which somebody speaks; nothing where there are none.

    Args:
        table: `segments.parquet`.
    """
    has_length = numbers_of(table, "end_s") > numbers_of(table, "start_s")
    spoken = table.filter(has_length & (table.column("drop_stage").to_numpy() != SPEECH))
    found = [name for name in spoken.column("recording").unique().to_pylist() if name]
    if not found:
        return ""
    shown: dict[str, list[Row]] = {name: [] for name in found[:_MOST]}
    for row in with_value(spoken, "recording", shown).to_pylist():
        shown[row["recording"]].append(row)
    lead = f"When somebody speaks, and who, in {len(shown):,} of {len(found):,} recordings."
    return page.section("Speech and speakers", lead, "".join(map(_recording, shown.values())))


def kind_of(row: Row) -> str:
    """How a segment is drawn: kept or dropped. One that is kept has a file only where a job writes files."""
    return "kept" if row["keep"] else "dropped"


def _recording(rows: list[Row]) -> str:
    lanes = list(_lanes(rows))
    # A list may name spans of a recording only, which lie where they lie.
    seconds = max(rows[0]["recording_s"] or 0.0, *(row["end_s"] for row in rows))
    plot = Plot(
        width=1000,
        height=_LANE * len(lanes) + _BELOW,
        left=_LEFT,
        right=32,
        top=2,
        bottom=_BELOW,
        high=seconds,
    )
    parts = [plot.ticks({k * seconds / 4: f"{k * seconds / 4:,.1f} s" for k in range(5)})]
    for number, (name, bars) in enumerate(lanes):
        top, base = 1 - (number + 0.1) / len(lanes), 1 - (number + 0.9) / len(lanes)
        parts.append(text_at(_LEFT - 8, plot.y(base) - 3, page.escaped(name), "tick", "end"))
        parts += [
            plot.bar(start, end, top=top, base=base, title=page.escaped(title), kind=kind)
            for start, end, title, kind in bars
        ]
    place = page.escaped(rows[0]["place"])
    return f"<h3><bdi>{place}</bdi></h3>{plot.svg(parts, f'speech and speakers of {place}')}"


def _lanes(rows: list[Row]) -> Iterator[tuple[str, list[Bar]]]:
    yield "segments", [(*_span(row), _about(row), kind_of(row)) for row in rows]
    turns = turns_in(rows)
    for speaker in list(dict.fromkeys(turn.speaker for turn in turns))[:_MOST_SPEAKERS]:
        spoken = [turn for turn in turns if turn.speaker == speaker]
        bars = [
            (turn.start_s, turn.end_s, f"{speaker}, {turn.seconds:.1f} s", "kept")
            for turn in spoken
        ]
        yield speaker, bars
    doubles: list[Any] = [span for row in rows for span in json.loads(row["overlaps"] or "[]")]
    if doubles:
        yield "two at once", [(start, end, "two at once", "failed") for start, end in doubles]


def _span(row: Row) -> tuple[float, float]:
    return row["start_s"], row["end_s"]


def _about(row: Row) -> str:
    said = row["transcript"] or row["text"] or ""
    start, end = _span(row)
    return f"{start:.1f} to {end:.1f} s" + (f": {said[:120]}" if said else "")
