"""What the page of a split shows beside what every page of items does: the videos and their remarks."""

from collections import defaultdict
from dataclasses import dataclass, fields
from typing import Any

import pyarrow as pa

from curator_engine.items.item_table import numbers_of, with_value
from curator_engine.items.page_data import PageData, Trouble
from curator_engine.items.page_data import gather as gather_items
from curator_engine.items.score_chart import Line
from curator_engine.running.run_record import read_record
from curator_video.clips.clip_table import CLIPS
from curator_video.report.summary import read_summary, read_videos
from curator_video.settings import SplitSettings

MAX_VIDEOS = 40


@dataclass(frozen=True, kw_only=True)
class VideoStrip:
    """A video and its clips in order."""

    name: str
    duration: float
    clips: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class ReportData:
    """What the page shows."""

    items: PageData
    summary: dict[str, Any]
    videos: list[VideoStrip]
    troubles: list[Trouble]
    remarks: list[Trouble]
    """What is worth knowing of videos, and no failure."""


def gather(output: str) -> ReportData:
    """Everything that the page shows of a run.

    Raises:
        InputError: Not the folder of a finished run.
    """
    items = gather_items(
        output,
        CLIPS,
        limits=_lines(read_record(output).get("settings", {})),
        amount=lambda table: numbers_of(table, "end") - numbers_of(table, "start"),
        place=lambda row: f"{row['video']} {row['start']:.2f} s, clip {row['uuid']}",
    )
    videos = sorted(read_videos(output).items())
    return ReportData(
        items=items,
        summary=read_summary(output),
        videos=_strips(output, items.table),
        troubles=[*_said(videos, "errors"), *items.troubles],
        remarks=_said(videos, "notes"),
    )


def _said(videos: list[tuple[str, dict[str, Any]]], kind: str) -> list[Trouble]:
    """What the writer says of videos."""
    return [
        Trouble(what=name, reason=str(line))
        for name, facts in videos
        for line in facts.get(kind, [])
    ]


def _strips(output: str, table: pa.Table) -> list[VideoStrip]:
    """The first videos, those with clips before those without."""
    durations = {
        name: float(facts.get("duration") or 0.0) for name, facts in read_videos(output).items()
    }
    cut = {str(name) for name in table.column("video").unique().to_pylist()}
    names = sorted({*cut, *durations}, key=lambda name: (name not in cut, name))[:MAX_VIDEOS]
    clips: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in with_value(table, "video", names).to_pylist():
        clips[row["video"]].append(row)
    return [
        VideoStrip(
            name=name,
            duration=max([durations.get(name, 0.0), *(row["end"] for row in clips[name])]),
            clips=clips[name],
        )
        for name in names
    ]


def _lines(settings: dict[str, Any]) -> defaultdict[str, list[Line]]:
    """The limits by score: those that the run dropped by, and those that it could have."""
    names = {f.name for f in fields(SplitSettings)}
    given = {n: v for n, v in settings.items() if n in names and v is not None}
    lines: defaultdict[str, list[Line]] = defaultdict(list)
    for in_force in (True, False):
        for limit in SplitSettings(**given).score_limits(in_force=in_force):
            line = Line(value=limit.value, least=limit.least, in_force=in_force)
            lines[limit.score].append(line)
    return lines
