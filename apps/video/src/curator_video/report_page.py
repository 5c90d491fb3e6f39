"""The page `report.html`: what a run did, for a person to look at.

One file without scripts, links or fonts from elsewhere, so it works offline and may be mailed. All
that comes from files and their names is escaped, and the page's policy forbids scripts. The numbers
are those of `summary.json` and `run.json`; what is shown is gathered by `report_data.py`.
"""

import base64
import hashlib
import html
import logging
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

import numpy as np

from curator_engine.storage import join, write_atomic
from curator_video.report_charts import Span, kept_if, score_chart, share_bar, timeline
from curator_video.report_data import (
    MAX_ERRORS,
    Group,
    ReportData,
    Score,
    VideoStrip,
    gather,
    settings_text,
    state_of,
)
from curator_video.report_pictures import Pictures

PAGE = "report.html"
_MAX_STRIP_CLIPS = 400
_MAX_DROPS = 20
_QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)

_logger = logging.getLogger(__name__)


def try_report(output: str) -> str | None:
    """Write the page of a run; a failure does not fail the run.

    Returns:
        A line that says why there is no page, or None.
    """
    try:
        write_report(output)
    except Exception as error:
        # The run is finished and its result is whole, whatever is wrong with the page.
        _logger.debug("no report of %s", output, exc_info=True)
        reason = " ".join(str(error).split()) or type(error).__name__
        return f"{join(output, PAGE)} was not written: {reason}"
    return None


def write_report(output: str) -> None:
    """Write `report.html` into the folder of a run.

    Raises:
        InputError: It is not the folder of a finished run.
        StorageError: The page cannot be written.
    """
    page = build_page(gather(output))
    write_atomic(join(output, PAGE), page.encode("utf-8", "replace"))


def build_page(data: ReportData) -> str:
    """The page as text."""
    style = files("curator_video").joinpath("report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    pictures = Pictures(output=data.path)
    # Before the sheet, so that the budget for pictures is not used up by then.
    groups = _groups(data, pictures)
    body = [
        _header(data),
        _notes(data),
        _totals(data),
        _funnel(data),
        _timelines(data),
        _sheet(data, pictures),
        groups,
        _scores(data),
        _troubles(data),
        _steps(data),
        _settings(data),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>Clips: {_text(data.path)}</title>\n<style>{style}</style>\n"
        f"</head>\n<body>\n<main>\n{''.join(body)}</main>\n</body>\n</html>\n"
    )


def _text(value: Any) -> str:
    """A value as text of the page: escaped, and without what would turn the writing around."""
    return html.escape("".join(c if c.isprintable() else "\ufffd" for c in str(value)))


def _number(name: str, value: float, shown: str) -> str:
    """A number of the run's files that a program can find again."""
    return f'<data id="{_text(name)}" value="{value}">{shown}</data>'


def _section(title: str, lead: str, content: str) -> str:
    return f'<section>\n<h2>{title}</h2>\n<p class="lead">{lead}</p>\n{content}\n</section>\n'


def _header(data: ReportData) -> str:
    status = str(data.record.get("status", ""))
    started = str(data.record.get("started", "")).replace("T", " ")[:16]
    about = [f"curator-video {data.record.get('version', '')}", started]
    return (
        '<header>\n<h1>Clips</h1>\n<p class="where"><code>'
        f"{_text(data.path)}</code> "
        f'<span class="status {"done" if status == "done" else "other"}">{_text(status)}</span></p>\n'
        f'<p class="about">{_text(", ".join(filter(None, about)))}</p>\n</header>\n'
    )


def _notes(data: ReportData) -> str:
    lines: list[Any] = list(data.record.get("facts", {}).get("notes", []))
    if not lines:
        return ""
    shown = "".join(f"<li>{_text(line)}</li>" for line in lines[:20])
    more = f"<li>and {len(lines) - 20:,} more, in run.json</li>" if len(lines) > 20 else ""
    return f'<aside class="notes" role="note">\n<h2>Look at this</h2>\n<ul>{shown}{more}</ul>\n</aside>\n'


def _totals(data: ReportData) -> str:
    found, facts = data.summary, data.record.get("facts", {})
    videos, bad = found.get("num_processed_videos", 0), found.get("num_quarantined_videos", 0)
    seconds_in, seconds_out = (
        float(found.get(name, 0.0)) for name in ("total_video_duration", "total_clip_duration")
    )
    passed = found.get("total_num_clips_passed", 0)
    seconds, speed = facts.get("total_time", 0.0), found.get("times_real_time", 0.0)
    cards = [
        (
            "videos",
            _number("num_processed_videos", videos, f"{videos:,}"),
            _number("num_quarantined_videos", bad, f"{bad:,}") + " in quarantine" if bad else "",
        ),
        ("video", _number("total_video_duration", seconds_in, _duration(seconds_in)), ""),
        (
            "clips kept",
            _number("total_num_clips_passed", passed, f"{passed:,}"),
            f"of {_number('total_num_clips', data.clips, f'{data.clips:,}')}",
        ),
        (
            "kept",
            _number("total_clip_duration", seconds_out, _duration(seconds_out)),
            f"{seconds_out / seconds_in:.1%} of the video" if seconds_in else "",
        ),
        ("time", _number("total_time", seconds, f"{seconds:,.1f} s"), ""),
        (
            "speed",
            _number("times_real_time", speed, f"{speed:,.1f} x"),
            f"real time, {speed * 24:,.0f} hours a day",
        ),
    ]
    shown = "".join(
        f'<div class="card"><dt>{name}</dt><dd>{value}</dd><dd class="note">{note}</dd></div>'
        for name, value, note in cards
    )
    return f'<dl class="cards">{shown}</dl>\n'


def _duration(seconds: float) -> str:
    if seconds >= 3600:
        return f"{seconds / 3600:,.2f} h"
    return f"{seconds / 60:.1f} min" if seconds >= 120 else f"{seconds:.1f} s"


def _funnel(data: ReportData) -> str:
    found = data.summary
    most = max(data.clips, 1)
    rows = [
        ("in no clip", _text(each["reason"]), "", _duration(each["seconds"]), "")
        for each in found.get("duration_left_out", [])
    ]
    rows.append(("clips found", "", f"{data.clips:,}", "", share_bar(data.clips / most)))
    for stage, reason, count, seconds in data.drops[:_MAX_DROPS]:
        bar = share_bar(count / most, kind="dropped")
        shown = _number(f"drop-{stage}-{reason}", count, f"-{count:,}")
        rows.append((f"dropped: {_text(stage)}", _text(reason), shown, _duration(seconds), bar))
    if (left := len(data.drops) - _MAX_DROPS) > 0:
        count = sum(each[2] for each in data.drops[_MAX_DROPS:])
        rows.append((f"{left:,} more reasons", "", f"-{count:,}", "", ""))
    passed = found.get("total_num_clips_passed", 0)
    kept = _duration(float(found.get("total_clip_duration", 0.0)))
    rows.append(("kept", "", f"{passed:,}", kept, share_bar(passed / most)))
    if bad := found.get("total_num_clips_with_errors", 0):
        rows.append(
            ("clips with errors", "see below", f"{bad:,}", "", share_bar(bad / most, kind="failed"))
        )
    return _section(
        "From videos to clips",
        "What lies in no clip, how many clips were found, what was dropped and why, and what stays.",
        _table(["", "reason", "clips", "length", ""], rows, numeric=(2, 3)),
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
    return _section("Timelines", lead, "".join(_strip(video) for video in data.videos))


def _strip(video: VideoStrip) -> str:
    shown = video.clips[:_MAX_STRIP_CLIPS]
    spans = [
        Span(
            start=row["start"],
            end=row["end"],
            kind=state_of(row),
            title=_text(f"{row['start']:.2f} to {row['end']:.2f} s {row['drop_reason']}"),
        )
        for row in shown
    ]
    kept = sum(row["keep"] for row in video.clips)
    more = f", the first {len(shown):,} shown" if len(shown) < len(video.clips) else ""
    name = _text(video.name)
    return (
        f'<div class="video"><p><bdi>{name}</bdi> <span class="note">{_duration(video.duration)}, '
        f"{kept:,} of {len(video.clips):,} clips kept{more}</span></p>"
        f"{timeline(spans, video.duration, label=f'Clips of {name}')}</div>\n"
    )


def _sheet(data: ReportData, pictures: Pictures) -> str:
    if not data.sheet:
        return _section("Clips", "No clip was found.", "")
    shown = "".join(_clip(row, pictures) for row in data.sheet)
    count = f" {len(data.sheet):,} of {data.clips:,}." if len(data.sheet) < data.clips else ""
    return _section(
        "Contact sheet",
        f"Clips from all over the run; they move under the pointer.{count}",
        f'<div class="sheet">{shown}</div>',
    )


def _clip(row: dict[str, Any], pictures: Pictures, *, note: str = "") -> str:
    picture = pictures.of(row["preview"])
    image = '<div class="blank">no preview</div>'
    if picture:
        moving = f'<img class="moving" src="{picture.moving}" alt="">' if picture.moving else ""
        image = f'<img class="still" src="{picture.still}" alt="clip {_text(row["uuid"])}">{moving}'
    state = state_of(row)
    lines = [f"{row['start']:.2f} to {row['end']:.2f} s"]
    lines += [note] if note else []
    if not row["keep"]:
        lines.append(_text(f"{row['drop_stage']}: {row['drop_reason']}"))
    if row["caption"]:
        lines.append(f"“{_text(row['caption'][:160])}”")
    shown = "".join(f"<p>{line}</p>" for line in lines)
    return (
        f'<figure class="clip {state}" tabindex="0"><div class="picture">{image}</div>'
        f"<figcaption><b><bdi>{_text(row['video'])}</bdi></b>{shown}</figcaption></figure>"
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
    return _section("Scores", lead, f'<div class="charts">{charts}</div>')


def _score(score: Score) -> str:
    name = _text(score.name)
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
    table = _table([f"{'least' if least else 'most'} {name}", "kept"], rows, numeric=(1,))
    count = _number(f"count-{score.name}", len(score.values), f"{len(score.values):,}")
    return (
        f'<div class="score"><h3>{name} <span class="note">{count} clips</span></h3>{chart}'
        f"{_details('Kept if moved', table)}</div>"
    )


def _groups(data: ReportData, pictures: Pictures) -> str:
    if not data.groups:
        return ""
    count = _number("duplicates", data.duplicates, f"{data.duplicates:,}")
    lead = (
        f"{count} clips are near-duplicates of another; the largest groups, the one to keep first."
    )
    return _section("Duplicates", lead, "".join(_group(group, pictures) for group in data.groups))


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
    rows = [(f"<bdi>{_text(each.what)}</bdi>", _text(each.reason)) for each in data.troubles]
    count = _number("troubles", len(rows), f"{len(rows):,}")
    more = f", the first {MAX_ERRORS:,} of which are shown" if len(rows) > MAX_ERRORS else ""
    lead = f"{count} things could not be read or made{more}. Nothing else was affected."
    return _section("Errors", lead, _table(["what", "reason"], rows[:MAX_ERRORS], numeric=()))


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
            _text(stage["name"]),
            _number(f"seconds-{stage['name']}", stage["seconds"], f"{stage['seconds']:,.2f}"),
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
    return _section("Steps", lead, _table(head, rows, numeric=(1, 2, 3, 4)))


def _settings(data: ReportData) -> str:
    given = {
        name: value for name, value in data.record.get("settings", {}).items() if value is not None
    }
    rows = [(_text(name), f"<code>{_text(settings_text(v))}</code>") for name, v in given.items()]
    table = _details("All settings", _table(["setting", "value"], rows, numeric=()))
    return f"<section>\n<h2>Settings</h2>\n{table}\n</section>\n"


def _details(title: str, content: str) -> str:
    return f"<details>\n<summary>{title}</summary>\n{content}\n</details>"


def _table(head: list[str], rows: Iterable[tuple[str, ...]], *, numeric: tuple[int, ...]) -> str:
    """A table; the columns of these numbers are figures."""

    def cells(row: Iterable[str], tag: str) -> str:
        return "".join(
            f'<{tag} class="number">{cell}</{tag}>' if i in numeric else f"<{tag}>{cell}</{tag}>"
            for i, cell in enumerate(row)
        )

    body = "".join(f"<tr>{cells(row, 'td')}</tr>\n" for row in rows)
    return f'<div class="scroll"><table>\n<thead><tr>{cells(head, "th")}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>'
