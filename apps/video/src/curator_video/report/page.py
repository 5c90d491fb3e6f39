"""The page `report.html`: what a run did, for a person to look at.

The parts that every page of items has are the engine's `item_page.py`; here are those of videos. All
that comes from files and their names is escaped. The numbers are those of `summary.json` and `run.json`.
"""

from typing import Any

from curator_engine.items import item_page as items
from curator_engine.items.page_data import state_of
from curator_engine.items.pictures import Pictures
from curator_engine.report import html_page as page
from curator_video.report.charts import Span, timeline
from curator_video.report.data import ReportData, VideoStrip, gather
from curator_video.score_table import SCORES

_MEANINGS = {
    score.column: f"{score.meaning} Unit: {score.unit}."
    for scores in SCORES.values()
    for score in scores
}
_MAX_STRIP_CLIPS = 400


def build_page(output: str) -> str:
    """The page of the run in a folder, as text.

    Raises:
        InputError: Not the folder of a finished run.
    """
    return page_of(gather(output))


def page_of(data: ReportData) -> str:
    """The page of what was gathered of a run, as text."""
    found = data.items
    pictures = Pictures(output=found.path)
    # Before the sheet, so that the budget for pictures is not used up by then.
    groups = items.groups_section(found, pictures, lines=_lines)
    lead = "Clips from all over the run; they move under the pointer, and a click plays one."
    parts = [
        items.header(found, program=f"curator-video {found.record.get('version', '')}"),
        _totals(data),
        _funnel(data),
        _timelines(data),
        items.sheet(found, pictures, lines=_lines, lead=lead),
        groups,
        items.scores_section(found, meanings=_MEANINGS, command="curator-video filter"),
        items.troubles_section(data.troubles),
        _remarks(data),
        items.steps_section(found.record),
        page.notes(found.record.get("facts", {}).get("notes", [])),
        page.settings_section(found.record.get("settings", {})),
    ]
    return page.assemble(
        f"Clips: {found.path}", parts, styles=[items.STYLE], app="curator_video", pictures=True
    )


def _totals(data: ReportData) -> str:
    found, facts = data.summary, data.items.record.get("facts", {})
    videos, bad = found.get("num_processed_videos", 0), found.get("num_quarantined_videos", 0)
    seconds_in, seconds_out = (
        float(found.get(name, 0.0)) for name in ("total_video_duration", "total_clip_duration")
    )
    passed, clips = found.get("total_num_clips_passed", 0), data.items.total
    seconds, speed = facts.get("total_time", 0.0), found.get("times_real_time", 0.0)
    totals = [
        (
            "videos",
            page.number("num_processed_videos", videos, f"{videos:,}"),
            page.number("num_quarantined_videos", bad, f"{bad:,}") + " in quarantine"
            if bad
            else "",
        ),
        ("video", page.number("total_video_duration", seconds_in, _duration(seconds_in)), ""),
        (
            "clips kept",
            page.number("total_num_clips_passed", passed, f"{passed:,}"),
            f"of {page.number('total_num_clips', clips, f'{clips:,}')}",
        ),
        (
            "kept",
            page.number("total_clip_duration", seconds_out, _duration(seconds_out)),
            f"{seconds_out / seconds_in:.1%} of the video" if seconds_in else "",
        ),
        ("time", page.number("total_time", seconds, f"{seconds:,.1f} s"), ""),
        (
            "speed",
            page.number("times_real_time", speed, f"{speed:,.1f} x"),
            f"real time, {speed * 24:,.0f} hours a day",
        ),
    ]
    return page.cards(totals)


def _duration(seconds: float) -> str:
    if seconds >= 3600:
        return f"{seconds / 3600:,.2f} h"
    return f"{seconds / 60:.1f} min" if seconds >= 120 else f"{seconds:.1f} s"


def _funnel(data: ReportData) -> str:
    lost = [
        ("in no clip", page.escaped(each["reason"]), "", _duration(each["seconds"]), "")
        for each in data.summary.get("duration_left_out", [])
    ]
    return items.funnel(
        data.items,
        before=lost,
        shown=_duration,
        kept_amount=_duration(float(data.summary.get("total_clip_duration", 0.0))),
        lead="What lies in no clip, how many clips were found, what was dropped and why, and what stays.",
        head=("", "reason", "clips", "length", ""),
        title="From videos to clips",
    )


def _timelines(data: ReportData) -> str:
    if not data.videos:
        return ""
    total = data.summary.get("num_processed_videos", len(data.videos))
    more = f" {len(data.videos):,} of {total:,} videos." if total > len(data.videos) else ""
    lead = (
        'Each strip is a video, each piece of it a clip: <span class="key kept">kept</span> '
        '<span class="key dropped">dropped</span> <span class="key failed">without a file</span>. '
        f"Gaps are parts that no clip is made of, such as shots that are too short.{more}"
    )
    return page.section("Timelines", lead, "".join(_strip(video) for video in data.videos))


def _strip(video: VideoStrip) -> str:
    shown = video.clips[:_MAX_STRIP_CLIPS]
    spans = [
        Span(
            start=row["start"],
            end=row["end"],
            kind=state_of(row),
            title=page.escaped(f"{row['start']:.2f} to {row['end']:.2f} s {row['drop_reason']}"),
        )
        for row in shown
    ]
    kept = sum(row["keep"] for row in video.clips)
    more = f", the first {len(shown):,} shown" if len(shown) < len(video.clips) else ""
    name = page.escaped(video.name)
    return (
        f'<div class="video"><p><bdi>{name}</bdi> <span class="note">{_duration(video.duration)}, '
        f"{kept:,} of {len(video.clips):,} clips kept{more}</span></p>"
        f"{timeline(spans, video.duration, label=f'Clips of {name}')}</div>\n"
    )


def _lines(row: dict[str, Any]) -> list[str]:
    """What is written below a clip."""
    lines = [page.escaped(row["video"]), f"{row['start']:.2f} to {row['end']:.2f} s"]
    return [*lines, f"“{page.escaped(row['caption'][:160])}”"] if row["caption"] else lines


def _remarks(data: ReportData) -> str:
    if not data.remarks:
        return ""
    lead = f"What is unusual in videos that were read{items.first_of(data.remarks)}."
    return page.section("Remarks", lead, items.listed(data.remarks))
