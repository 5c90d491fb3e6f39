"""The page `report.html`: what a run did, for a person to look at.

All that comes from files and their names is escaped. The numbers are those of `summary.json` and
`run.json`; what is shown is gathered by `data.py`.
"""

from typing import Any

import numpy as np

from curator_engine.report import html_page as page
from curator_engine.report.svg_charts import share_bar
from curator_video.report.charts import Span, kept_if, score_chart, timeline
from curator_video.report.data import (
    MAX_ERRORS,
    Group,
    ReportData,
    Score,
    Trouble,
    VideoStrip,
    gather,
    state_of,
)
from curator_video.report.pictures import Pictures
from curator_video.score_table import SCORES

_MEANINGS = {
    score.column: f"{score.meaning} Unit: {score.unit}."
    for scores in SCORES.values()
    for score in scores
}
_MAX_STRIP_CLIPS = 400
_MAX_DROPS = 20
_QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


def try_report(output: str) -> str | None:
    """Write the page of a run; says why there is none, if so, and the run goes on."""
    return page.try_to(write_report, output)


def write_report(output: str) -> None:
    """Write `report.html` into the folder of a run.

    Raises:
        InputError: It is not the folder of a finished run.
        StorageError: The page cannot be written.
    """
    page.write(output, build_page(gather(output)))


def build_page(data: ReportData) -> str:
    """The page as text."""
    pictures = Pictures(output=data.path)
    # Before the sheet, so that the budget for pictures is not used up by then.
    groups = _groups(data, pictures)
    parts = [
        _header(data),
        _totals(data),
        _funnel(data),
        _timelines(data),
        _sheet(data, pictures),
        groups,
        _scores(data),
        _troubles(data),
        _remarks(data),
        _steps(data),
        page.notes(data.record.get("facts", {}).get("notes", [])),
        page.settings_section(data.record.get("settings", {})),
    ]
    return page.assemble(f"Clips: {data.path}", parts, app="curator_video", pictures=True)


def _header(data: ReportData) -> str:
    return page.header(
        "Clips",
        path=data.path,
        status=str(data.record.get("status", "")),
        program=f"curator-video {data.record.get('version', '')}",
        started=str(data.record.get("started", "")),
    )


def _totals(data: ReportData) -> str:
    found, facts = data.summary, data.record.get("facts", {})
    videos, bad = found.get("num_processed_videos", 0), found.get("num_quarantined_videos", 0)
    seconds_in, seconds_out = (
        float(found.get(name, 0.0)) for name in ("total_video_duration", "total_clip_duration")
    )
    passed = found.get("total_num_clips_passed", 0)
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
            f"of {page.number('total_num_clips', data.clips, f'{data.clips:,}')}",
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
    found = data.summary
    most = max(data.clips, 1)
    rows = [
        ("in no clip", page.escaped(each["reason"]), "", _duration(each["seconds"]), "")
        for each in found.get("duration_left_out", [])
    ]
    rows.append(("clips found", "", f"{data.clips:,}", "", share_bar(data.clips / most, "kept")))
    for stage, reason, count, seconds in data.drops[:_MAX_DROPS]:
        bar = share_bar(count / most, "dropped")
        shown = page.number(f"drop-{stage}-{reason}", count, f"-{count:,}")
        rows.append(
            (
                f"dropped: {page.escaped(stage)}",
                page.escaped(reason),
                shown,
                _duration(seconds),
                bar,
            )
        )
    if (left := len(data.drops) - _MAX_DROPS) > 0:
        count = sum(each[2] for each in data.drops[_MAX_DROPS:])
        rows.append((f"{left:,} more reasons", "", f"-{count:,}", "", ""))
    passed = found.get("total_num_clips_passed", 0)
    kept = _duration(float(found.get("total_clip_duration", 0.0)))
    rows.append(("kept", "", f"{passed:,}", kept, share_bar(passed / most, "kept")))
    if bad := found.get("total_num_clips_with_errors", 0):
        rows.append(
            ("clips with errors", "see below", f"{bad:,}", "", share_bar(bad / most, "failed"))
        )
    return page.section(
        "From videos to clips",
        "What lies in no clip, how many clips were found, what was dropped and why, and what stays.",
        page.table(["", "reason", "clips", "length", ""], rows, numeric=(2, 3)),
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


def _sheet(data: ReportData, pictures: Pictures) -> str:
    if not data.sheet:
        return page.section("Clips", "No clip was found.", "")
    shown = "".join(_clip(row, pictures) for row in data.sheet)
    count = f" {len(data.sheet):,} of {data.clips:,}." if len(data.sheet) < data.clips else ""
    return page.section(
        "Contact sheet",
        f"Clips from all over the run; they move under the pointer, and a click plays one.{count}",
        f'<div class="sheet">{shown}</div>',
    )


def _clip(row: dict[str, Any], pictures: Pictures, *, note: str = "") -> str:
    picture = pictures.of(row["preview"])
    image = '<div class="blank">no preview</div>'
    if picture:
        moving = f'<img class="moving" src="{picture.moving}" alt="">' if picture.moving else ""
        image = f'<img class="still" src="{picture.still}" alt="clip {page.escaped(row["uuid"])}">{moving}'
    if row["path"]:
        image = f'<a href="{page.escaped(row["path"])}">{image}<span class="play">play</span></a>'
    state = state_of(row)
    lines = [f"{row['start']:.2f} to {row['end']:.2f} s"]
    lines += [note] if note else []
    if not row["keep"]:
        lines.append(page.escaped(f"{row['drop_stage']}: {row['drop_reason']}"))
    if row["caption"]:
        lines.append(f"“{page.escaped(row['caption'][:160])}”")
    shown = "".join(f"<p>{line}</p>" for line in lines)
    return (
        f'<figure class="clip {state}" tabindex="0"><div class="picture">{image}</div>'
        f"<figcaption><b><bdi>{page.escaped(row['video'])}</bdi></b>{shown}</figcaption></figure>"
    )


def _scores(data: ReportData) -> str:
    if not data.scores:
        return ""
    lead = (
        "Clips by score, kept and dropped. The dashed line is a limit that clips were dropped by, the "
        "dotted one a limit that could be (for example with <code>curator-video filter</code>). The "
        "curve says which share of the clips would be kept if the limit stood there."
    )
    charts = "".join(_score(score) for score in data.scores)
    return page.section("Scores", lead, f'<div class="charts">{charts}</div>')


def _score(score: Score) -> str:
    name = page.escaped(score.name)
    chart = score_chart(score.values, score.kept, score.lines, label=f"Clips by {name}")
    least = score.lines[0].least if score.lines else True
    limits = [line.value for line in score.lines]
    points = sorted({*np.quantile(score.values, _QUANTILES).tolist(), *limits})
    rows = [
        (
            f"{value:.4g}" + (" (limit)" if value in limits else ""),
            f"{kept_if(score.values, value, least=least):.1%}",
        )
        for value in points
    ]
    moved = page.table([f"{'least' if least else 'most'} {name}", "kept"], rows, numeric=(1,))
    count = page.number(f"count-{score.name}", len(score.values), f"{len(score.values):,}")
    return (
        f'<div class="score"><h3>{name} <span class="note">{count} clips</span></h3>'
        f'<p class="note">{page.escaped(_MEANINGS.get(score.name, ""))}</p>{chart}'
        f"{page.details('Kept if moved', moved)}</div>"
    )


def _groups(data: ReportData, pictures: Pictures) -> str:
    if not data.groups:
        return ""
    count = page.number("duplicates", data.duplicates, f"{data.duplicates:,}")
    lead = (
        f"{count} clips are near-duplicates of another; the largest groups, the one to keep first."
    )
    return page.section(
        "Duplicates", lead, "".join(_group(group, pictures) for group in data.groups)
    )


def _group(group: Group, pictures: Pictures) -> str:
    notes = ["stays", *(f"similarity {similarity:.4f}" for similarity in group.similarities)]
    clips = "".join(
        _clip(row, pictures, note=note) for row, note in zip(group.clips, notes, strict=True)
    )
    more = group.size - len(group.clips)
    rest = f'<p class="note">and {more:,} more</p>' if more > 0 else ""
    return f'<div class="sheet group">{clips}</div>{rest}'


def _troubles(data: ReportData) -> str:
    if not data.troubles:
        return ""
    count = page.number("troubles", len(data.troubles), f"{len(data.troubles):,}")
    lead = f"{count} things could not be read or made{_first(data.troubles)}. Nothing else was affected."
    return page.section("Errors", lead, _listed(data.troubles))


def _remarks(data: ReportData) -> str:
    if not data.remarks:
        return ""
    lead = f"What is unusual in videos that were read{_first(data.remarks)}."
    return page.section("Remarks", lead, _listed(data.remarks))


def _first(lines: list[Trouble]) -> str:
    return f", the first {MAX_ERRORS:,} of which are shown" if len(lines) > MAX_ERRORS else ""


def _listed(lines: list[Trouble]) -> str:
    rows = [
        (f"<bdi>{page.escaped(each.what)}</bdi>", page.escaped(each.reason))
        for each in lines[:MAX_ERRORS]
    ]
    return page.table(["what", "reason"], rows)


def _steps(data: ReportData) -> str:
    steps: dict[str, dict[str, Any]] = data.record.get("steps", {})
    stages: list[dict[str, Any]] = [
        stage for step in steps.values() for stage in step.get("stages", [])
    ]
    if not stages:
        return ""
    longest = max(float(stage["seconds"]) for stage in stages) or 1.0
    rows = [
        (
            page.escaped(stage["name"]),
            page.number(f"seconds-{stage['name']}", stage["seconds"], f"{stage['seconds']:,.2f}"),
            f"{stage['tasks_in']:,}",
            f"{stage['items_in']:,}",
            f"{stage['p95_s']:,.2f}",
            share_bar(stage["seconds"] / longest),
        )
        for stage in stages
    ]
    peak = max(float(step.get("peak_memory_mb", 0.0)) for step in steps.values())
    lead = f"Seconds inside each stage, summed over the workers. Peak memory {peak:,.0f} MB."
    head = ["stage", "seconds", "tasks", "items", "p95 s", ""]
    return page.section("Steps", lead, page.table(head, rows, numeric=(1, 2, 3, 4)))
